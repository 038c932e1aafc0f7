using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using static Renewals.Gateways.Conformance.Trial;

namespace Renewals.Gateways.Conformance;

/// <summary>The rail's statement is read whole and says what the bank did.</summary>
internal static class StatementChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("statement-is-the-ledger", "A day's statement holds every payment and refund of that day at the bank, and nothing else.", IsTheLedgerAsync),
        new("statement-not-ready", "A statement the rail has not made is not given as an empty one.", NotReadyAsync),
        new("statement-of-a-quiet-day", "A day without money has a statement without lines.", QuietDayAsync),
    ];

    /// <summary>Two payments, one of them refunded in part, and a decline.</summary>
    private static async Task<LocalDate> BusyDayAsync(Trial trial)
    {
        var (order, paid) = await trial.PaidAsync();
        await trial.PaidAsync();
        var poor = await trial.ReadyAsync();
        await trial.SetBalanceAsync(poor.Member, 0);
        var declined = trial.Order(poor);
        await trial.ChargeAsync(declined);
        Require(await trial.SettledAsync(declined) is ChargeOutcome.Declined, "a member without money was charged");
        var refund = trial.Refund(order, paid, order.Amount.MinorUnits / 3);
        await trial.RefundAsync(refund);
        await trial.RefundedAsync(refund);
        return Days(trial).Of((await trial.LedgerAsync()).Max(line => line.At));
    }

    private static StatementDays Days(Trial trial) => new(trial.Traits);

    private static async Task<StatementAnswer> ReadAsync(Trial trial, LocalDate day, Duration after)
    {
        var at = Days(trial).ReadyAt(day) + after;
        if (at > trial.Stage.Now)
            await trial.AdvanceAsync(at - trial.Stage.Now);
        return await trial.CallAsync("ReadStatement", token => trial.Adapter.ReadStatementAsync(day, token));
    }

    private static async Task IsTheLedgerAsync(Trial trial)
    {
        var last = await BusyDayAsync(trial);
        var days = Days(trial);
        var ledger = await trial.LedgerAsync();
        for (var day = days.Of(ledger.Min(line => line.At)); day <= last; day = day.PlusDays(1))
        {
            var answer = await ReadAsync(trial, day, Duration.FromMinutes(1));
            Require(answer is StatementAnswer.Ready, $"StatementReadyAt is {trial.Traits.StatementReadyAt}; a minute later it answered {answer}");
            var lines = ((StatementAnswer.Ready)answer).Lines.ToList();
            var bank = ledger.Where(line => days.Of(line.At) == day).ToList();
            Require(
                lines.Select(What).Order().SequenceEqual(bank.Select(What).Order()),
                $"the statement of {day} says {Words(lines)}; the bank has {Words(bank)}");
            Require(lines.All(line => days.Of(line.At) == day), $"a line of the statement of {day} is of another day");
        }
    }

    private static (string, string?, long, string, string) What(StatementLine line) =>
        (line.OrderNumber, line.RefundNumber, line.Amount.MinorUnits, line.Amount.Currency, line.RailTransaction);

    private static string Words(List<StatementLine> lines) =>
        lines.Count == 0 ? "nothing" : string.Join(", ", lines.Select(line => $"{line.OrderNumber} {line.RefundNumber} {line.Amount}"));

    private static async Task NotReadyAsync(Trial trial)
    {
        var day = await BusyDayAsync(trial);
        var answer = await trial.CallAsync("ReadStatement", token => trial.Adapter.ReadStatementAsync(day, token));
        Require(answer is StatementAnswer.NotReady or StatementAnswer.Failed, $"the day is not over, and it answered {answer}");
    }

    private static async Task QuietDayAsync(Trial trial)
    {
        var busy = await BusyDayAsync(trial);

        // Some rails say the same of "nothing" and of "not yet" for some days: by then they must say "nothing".
        var answer = await ReadAsync(trial, busy.PlusDays(1), Duration.FromDays(8));
        Require(
            answer is StatementAnswer.Ready ready && !ready.Lines.Any(), $"nothing moved on that day, and it answered {answer}");
    }
}
