using System.Globalization;
using System.Text.RegularExpressions;
using Renewals.Core.Plans;

namespace Renewals.Gateways.UnionPay;

/// <summary>The unit collections of an entrust are counted in (first two digits of <c>frequency</c>).</summary>
public enum UnionPayTermUnit
{
    /// <summary>Any number of collections.</summary>
    Unlimited = 0,

    /// <summary>A calendar year.</summary>
    Year = 1,

    /// <summary>A quarter.</summary>
    Quarter = 2,

    /// <summary>A month.</summary>
    Month = 3,

    /// <summary>A week.</summary>
    Week = 4,

    /// <summary>A day.</summary>
    Day = 5,
}

/// <summary>The terms on file of an entrust of generation C: <c>{validMonth=NNN&amp;frequency=UUCCCC}</c> in <c>reserved</c>.</summary>
/// <param name="Months">How many months it is agreed for; null for no end.</param>
/// <param name="Unit">The unit collections are counted in.</param>
/// <param name="Most">Successful collections agreed for one unit; null where the unit is unlimited.</param>
public sealed partial record UnionPayTerms(int? Months, UnionPayTermUnit Unit, int? Most)
{
    private const int MonthsOfQuarter = 3;
    private const int MonthsOfYear = 12;
    private const int DaysOfWeek = 7;

    /// <summary>The terms for a plan: the largest unit that is no longer than its period.</summary>
    public static UnionPayTerms For(UnionPayOptions options, BillingInterval interval) =>
        new(options.ValidMonths == 0 ? null : options.ValidMonths, UnitOf(interval), options.CollectionsPerUnit);

    /// <summary>Reads <c>reserved</c>; both items are mandatory.</summary>
    /// <returns>Null when it is not exactly of the form.</returns>
    public static UnionPayTerms? TryRead(string reserved)
    {
        if (Form().Match(reserved) is not { Success: true } match)
            return null;
        var months = int.Parse(match.Groups["months"].ValueSpan, CultureInfo.InvariantCulture);
        var unit = (UnionPayTermUnit)int.Parse(match.Groups["unit"].ValueSpan, CultureInfo.InvariantCulture);
        var most = int.Parse(match.Groups["most"].ValueSpan, CultureInfo.InvariantCulture);
        return new(months == 0 ? null : months, unit, unit == UnionPayTermUnit.Unlimited ? null : most);
    }

    /// <summary>As the rail writes it.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{{validMonth={Months ?? 0:000}&frequency={(int)Unit:00}{Most ?? 0:0000}}}");

    private static UnionPayTermUnit UnitOf(BillingInterval interval) => interval.Unit switch
    {
        BillingUnit.Year => UnionPayTermUnit.Year,
        BillingUnit.Month when interval.Count >= MonthsOfYear => UnionPayTermUnit.Year,
        BillingUnit.Month when interval.Count >= MonthsOfQuarter => UnionPayTermUnit.Quarter,
        BillingUnit.Month => UnionPayTermUnit.Month,
        BillingUnit.Week => UnionPayTermUnit.Week,
        BillingUnit.Day when interval.Count >= DaysOfWeek => UnionPayTermUnit.Week,
        BillingUnit.Day => UnionPayTermUnit.Day,
        _ => throw new ArgumentOutOfRangeException(nameof(interval), interval.Unit, "There are four units."),
    };

    [GeneratedRegex(@"\A\{validMonth=(?<months>[0-9]{3})&frequency=0(?<unit>[0-5])(?<most>[0-9]{4})\}\z")]
    private static partial Regex Form();
}
