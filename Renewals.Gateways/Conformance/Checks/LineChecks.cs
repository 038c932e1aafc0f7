using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using static Renewals.Gateways.Conformance.Trial;

namespace Renewals.Gateways.Conformance;

/// <summary>What is lost or late on the line is neither taken twice nor taken for an answer.</summary>
internal static class LineChecks
{
    private static readonly WireFault[] Faults = Enum.GetValues<WireFault>();

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("lost-answer", "An order whose answer is lost is taken once, under its own number.", trial => LostAsync(trial, WireFault.AnswerLost)),
        new("lost-request", "An order that never arrived takes nothing, and can still be taken once under its own number.", LostRequestAsync),
        new("slow-answer", "A call gives up within the CallTimeout of its traits, and the order is taken once.", SlowAnswerAsync),
        new("silence-is-no-verdict", "When no answer of the rail's comes, nothing is known: Unknown or Pending, never a decline, a refusal or a success.", SilenceAsync),
        new("same-order-same-bytes", "An order that is sent again, also later and by another process, is byte for byte the same order.", SameBytesAsync, OrderChecks.NoRepeats),
        new("no-repeat", "Where the rail takes no repeats, one call sends an order once, whatever becomes of the answer.", NoRepeatAsync, Repeats),
        new("unknown-order", "An order the rail never saw is Missing, or not known; it is never declined, and no earlier than the settle delay for certain.", UnknownOrderAsync),
    ];

    private static async Task LostAsync(Trial trial, WireFault fault)
    {
        var order = await trial.NewOrderAsync();
        await trial.ChargeOverBrokenLineAsync(order, fault);
        await trial.RestartAsync();
        if (trial.Traits.Resend == Resend.SameOrder)
            await trial.ChargeAsync(order);
        await trial.PaidAsync(order);
        await trial.RequirePaidAsync(order);
    }

    private static async Task LostRequestAsync(Trial trial)
    {
        var order = await trial.NewOrderAsync();
        await trial.ChargeOverBrokenLineAsync(order, WireFault.RequestLost);
        await trial.AdvanceAsync(trial.Traits.ChargeDelay + trial.Traits.SettleDelay + Duration.FromSeconds(1));
        await trial.RequirePaidAsync();
        if (trial.Traits.Resend == Resend.Never)
            return;
        await trial.RestartAsync();
        await trial.ChargeAsync(order);
        await trial.PaidAsync(order);
        await trial.RequirePaidAsync(order);
    }

    private static async Task SlowAnswerAsync(Trial trial)
    {
        var order = await trial.NewOrderAsync();
        var began = trial.Stage.Now;
        await trial.ChargeOverBrokenLineAsync(order, WireFault.AnswerSlow);
        var took = trial.Stage.Now - began;

        // The stage's clock moves in steps of a second.
        Require(
            took <= trial.Traits.CallTimeout + Duration.FromSeconds(2),
            $"the engine counts on an answer within {trial.Traits.CallTimeout}; it took {took}");
        await trial.PaidAsync(order);
        await trial.RequirePaidAsync(order);
    }

    private static async Task SilenceAsync(Trial trial)
    {
        foreach (var fault in Faults)
        {
            var order = await trial.NewOrderAsync();
            Silent(await trial.ChargeOverBrokenLineAsync(order, fault), "Charge", fault);

            // All calls: some rails are asked for a list, and are not told which order is looked for in it.
            Silent(await trial.OverBrokenLineAsync(fault, "", () => trial.QueryAsync(order)), "QueryCharge", fault);
            await trial.RestartAsync();
        }
    }

    private static void Silent(ChargeAnswer answer, string call, WireFault fault) =>
        Require(answer.Outcome is ChargeOutcome.Unknown or ChargeOutcome.Pending, $"{call} got no answer ({fault}) and said {answer.Outcome}");

    private static async Task NoRepeatAsync(Trial trial)
    {
        foreach (var fault in Faults)
        {
            var order = await trial.NewOrderAsync();
            await trial.ChargeOverBrokenLineAsync(order, fault);
            var calls = trial.Stage.MoneyCalls(order.Number).Count;
            Require(calls == 1, $"Resend is Never, and the order left {calls} times ({fault})");
            await trial.RestartAsync();
        }
    }

    private static async Task SameBytesAsync(Trial trial)
    {
        var order = await trial.NewOrderAsync();
        for (var time = 1; time <= 2; time++)
        {
            await trial.ChargeOverBrokenLineAsync(order, WireFault.RequestLost);
            await trial.RestartAsync();
            await trial.AdvanceAsync(Duration.FromMinutes(1));
        }

        await trial.ChargeAsync(order);
        var calls = trial.Stage.MoneyCalls(order.Number);
        Require(calls.Count >= 3, $"it was sent three times, and left {calls.Count} times");
        Require(calls.Distinct(StringComparer.Ordinal).Count() == 1, $"sent {calls.Count} times, it was not the same: {string.Join("\n", calls.Distinct(StringComparer.Ordinal))}");
        await trial.PaidAsync(order);
        await trial.RequirePaidAsync(order);
    }

    private static string? Repeats(RailTraits traits) =>
        traits.Resend == Resend.SameOrder ? "Resend is SameOrder: this rail takes the same order any number of times" : null;

    private static async Task UnknownOrderAsync(Trial trial)
    {
        var order = await trial.NewOrderAsync();
        var early = (await trial.QueryAsync(order)).Outcome;
        Require(early is ChargeOutcome.Missing or ChargeOutcome.Unknown, $"of an order it never saw it said {early}");
        await trial.AdvanceAsync(trial.Traits.CallTimeout + trial.Traits.SettleDelay + Duration.FromSeconds(1));
        var late = await trial.QueryAsync(order);
        var proved = trial.Traits.AbsenceProof switch
        {
            AbsenceProof.Query => late is { Outcome: ChargeOutcome.Missing, Evidence: Evidence.Conclusive },
            AbsenceProof.TwoStatements => late.Outcome is ChargeOutcome.Missing or ChargeOutcome.Unknown,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        Require(proved, $"AbsenceProof is {trial.Traits.AbsenceProof}, and after the settle delay it said {late}");
    }
}
