using NodaTime;
using Renewals.Core.Gateways;
using static Renewals.Gateways.Conformance.Trial;

namespace Renewals.Gateways.Conformance;

/// <summary>What goes back goes back once, and never more than was taken.</summary>
internal static class RefundChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("refund-in-part", "A part of an order goes back, and the rail's word for it is the bank's.", InPartAsync),
        new("refund-twice", "A refund sent twice under its number goes back once.", TwiceAsync),
        new("refund-lost-answer", "A refund whose answer is lost goes back once, under its own number, and is not known until the rail says so.", LostAnswerAsync),
        new("refund-cumulative", "Refunds of an order add up to what was paid and to no more.", CumulativeAsync),
        new("refund-unknown", "A refund the rail never saw is Missing, or not known; it is never done, and never impossible.", UnknownAsync),
    ];

    private static async Task InPartAsync(Trial trial)
    {
        var (order, paid) = await trial.PaidAsync();
        var refund = trial.Refund(order, paid, order.Amount.MinorUnits / 3);
        var answer = await trial.RefundAsync(refund);
        Require(
            answer is RefundAnswer.Pending or RefundAnswer.Refunded or RefundAnswer.Unknown, $"a refund with nothing in its way was answered {answer}");
        if (answer is RefundAnswer.Refunded)
            await trial.RequireRefundedAsync(refund);
        var done = await trial.RefundedAsync(refund);
        Require(done.Amount == refund.Amount, $"{refund.Amount} went back; it said {done.Amount}");
        await trial.RequireRefundedAsync(refund);
    }

    private static async Task TwiceAsync(Trial trial)
    {
        var (order, paid) = await trial.PaidAsync();
        var refund = trial.Refund(order, paid, order.Amount.MinorUnits / 3);
        await trial.RefundAsync(refund);
        Repeatable(await trial.RefundAsync(refund));
        await trial.RefundedAsync(refund);
        await trial.RestartAsync();
        Repeatable(await trial.RefundAsync(refund));
        await trial.AdvanceAsync(Duration.FromDays(1));
        await trial.RequireRefundedAsync(refund);
    }

    private static void Repeatable(RefundAnswer answer) =>
        Require(answer is not (RefundAnswer.Impossible or RefundAnswer.Missing), $"the second time it answered {answer}");

    private static async Task LostAnswerAsync(Trial trial)
    {
        var (order, paid) = await trial.PaidAsync();
        var refund = trial.Refund(order, paid, order.Amount.MinorUnits / 3);
        var answer = await trial.OverBrokenLineAsync(WireFault.AnswerLost, refund.Number.ToString(), () => trial.RefundAsync(refund));
        Require(answer is RefundAnswer.Unknown or RefundAnswer.Pending, $"no answer came, and it said {answer}");
        await trial.RestartAsync();
        await trial.RefundedAsync(refund);
        await trial.AdvanceAsync(Duration.FromDays(1));
        await trial.RequireRefundedAsync(refund);
    }

    private static async Task CumulativeAsync(Trial trial)
    {
        var (order, paid) = await trial.PaidAsync();
        var half = order.Amount.MinorUnits / 2;
        RefundOrder[] parts = [trial.Refund(order, paid, half), trial.Refund(order, paid, order.Amount.MinorUnits - half, 2)];
        foreach (var part in parts)
        {
            await trial.RefundAsync(part);
            await trial.RefundedAsync(part);
        }

        var more = trial.Refund(order, paid, 1, 3);
        var answer = await trial.RefundAsync(more);
        Require(answer is not (RefundAnswer.Refunded or RefundAnswer.Pending), $"all is back already; of one more it said {answer}");
        await trial.AdvanceAsync(Duration.FromDays(1));
        var late = await trial.QueryRefundAsync(more);
        Require(late is not (RefundAnswer.Refunded or RefundAnswer.Pending), $"all is back already; a day later it said {late} of one more");
        await trial.RequireRefundedAsync(parts);
    }

    private static async Task UnknownAsync(Trial trial)
    {
        var (order, paid) = await trial.PaidAsync();
        var answer = await trial.QueryRefundAsync(trial.Refund(order, paid, 1));
        Require(answer is RefundAnswer.Missing or RefundAnswer.Unknown, $"of a refund it never saw it said {answer}");
    }
}
