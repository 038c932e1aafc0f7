using System.Globalization;
using System.Text.Json;
using NodaTime;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>What was agreed of dates and amounts (周期管控规则, <c>period_rule_params</c>).</summary>
/// <param name="IsMonths">MONTH: natural months; else DAY.</param>
/// <param name="Every">How many of them.</param>
/// <param name="ExecuteTime">The first planned deduction.</param>
/// <param name="SingleAmount">The most of one deduction, in fen.</param>
/// <param name="TotalAmount">The most of all together, in fen; null: no limit.</param>
/// <param name="TotalPayments">How many may succeed; null: no limit.</param>
internal sealed record PeriodRule(bool IsMonths, int Every, LocalDate ExecuteTime, long SingleAmount, long? TotalAmount, int? TotalPayments)
{
    private const int LastDayOfMonth = 28;
    private const int LeastDays = 7;
    private const long MostFen = 10_000_000_000;

    /// <summary>The fields of a rule.</summary>
    public static FieldTable Fields { get; } = new(
        new("period_type", Most: 20, IsRequired: true), new("period", FieldKind.Number, IsRequired: true),
        new("execute_time", FieldKind.Date, IsRequired: true), new("single_amount", FieldKind.Yuan, IsRequired: true),
        new("total_amount", FieldKind.Yuan), new("total_payments", FieldKind.Number), new("scene_rule_params", FieldKind.Object));

    /// <summary>Reads a rule whose fields were checked; says what is not allowed of it.</summary>
    public static (PeriodRule? Rule, string? Fault) Read(JsonElement rule, LocalDate today, long mostPerCharge)
    {
        var type = rule.Text("period_type");
        if (type is not ("DAY" or "MONTH"))
            return (null, "period_type is DAY or MONTH");
        var read = new PeriodRule(
            type == "MONTH", Number(rule, "period")!.Value, AlipayWire.TryDate(rule.Text("execute_time"))!.Value, Fen(rule, "single_amount")!.Value,
            Fen(rule, "total_amount"), Number(rule, "total_payments"));
        return read.WhyNot(today, mostPerCharge) is { } fault ? (null, fault) : (read, null);
    }

    /// <summary>Whether a date may be one of the plan's at all.</summary>
    public bool Takes(LocalDate date) => !IsMonths || date.Day <= LastDayOfMonth;

    /// <summary>The planned date after another.</summary>
    public LocalDate After(LocalDate date) => IsMonths ? date.PlusMonths(Every) : date.PlusDays(Every);

    private string? WhyNot(LocalDate today, long mostPerCharge) =>
        Every < (IsMonths ? 1 : LeastDays) ? "period is at least 1 month or 7 days"
        : !Takes(ExecuteTime) ? "execute_time has a day after the 28th"
        : ExecuteTime < today ? "execute_time is over"
        : SingleAmount <= 0 || SingleAmount > mostPerCharge ? "single_amount is outside the contract"
        : TotalAmount is <= 0 or > MostFen ? "total_amount is outside 0.01 to 100000000"
        : TotalPayments is <= 0 ? "total_payments is at least 1"
        : null;

    private static int? Number(JsonElement rule, string name) =>
        rule.Text(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private static long? Fen(JsonElement rule, string name) => AlipayWire.TryYuan(rule.Text(name))?.MinorUnits;
}

/// <summary>An agreement's plan as it stands: the next date and what was used up.</summary>
internal sealed class PlanState(PeriodRule rule)
{
    public PeriodRule Rule => rule;

    /// <summary>The next planned date (<c>next_deduct_time</c>).</summary>
    public LocalDate Next { get; private set; } = rule.ExecuteTime;

    /// <summary>The day of the last success.</summary>
    public LocalDate? Last { get; private set; }

    public long Total { get; private set; }

    public int Payments { get; private set; }

    public int Moves { get; private set; }

    /// <summary>Why a deduction is refused on a day; null when the plan allows it. Date first, then single, total and times.</summary>
    public string? WhyNot(LocalDate day, long amount, int windowDays) =>
        day < Next.PlusDays(-windowDays) || day > Next ? "ACQ.CYCLE_PAY_DATE_NOT_MATCH"
        : amount > rule.SingleAmount ? "ACQ.CYCLE_PAY_SINGLE_FEE_EXCEED"
        : Total + amount > rule.TotalAmount ? "ACQ.CYCLE_PAY_TOTAL_FEE_EXCEED"
        : Payments >= rule.TotalPayments ? "ACQ.CYCLE_PAY_TOTAL_TIMES_EXCEED"
        : null;

    /// <summary>A success: the next date counts from the planned one, not from the day of payment.</summary>
    public void Succeeded(LocalDate day, long amount)
    {
        (Last, Total, Payments) = (day, Total + amount, Payments + 1);
        Next = rule.After(Next);
    }

    /// <summary>Moves the next date; false where that is not allowed (修改扣款时间).</summary>
    public bool TryMove(LocalDate date, LocalDate today, AlipaySandboxOptions options)
    {
        if (date <= Next || date < today || !rule.Takes(date) || Moves >= options.MostMoves)
            return false;
        if (options.MovesWithinOnePeriod && date >= rule.After(Next))
            return false;
        (Next, Moves) = (date, Moves + 1);
        return true;
    }
}
