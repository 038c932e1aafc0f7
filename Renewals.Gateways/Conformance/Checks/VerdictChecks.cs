using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using static Renewals.Gateways.Conformance.Trial;

namespace Renewals.Gateways.Conformance;

/// <summary>A decline is a decline, a refusal is a refusal.</summary>
internal static class VerdictChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("every-decline", "Every code the rail declines with is Declined for certain, with the reason its documents give.", EveryDeclineAsync),
        new("no-funds", "A member without money is declined for InsufficientFunds, and nothing is taken.", NoFundsAsync),
        new("declined-is-final", "A declined order is never paid, also when the member has money again; the next attempt is.", FinalAsync),
        new("refused-request", "A fault of the request or the set-up is Refused: no decline, nothing taken, and the order works once it is mended: under its number, where the rail takes repeats.", RefusedAsync),
    ];

    private static async Task EveryDeclineAsync(Trial trial)
    {
        var declines = trial.Stage.Declines;
        Require(declines.Values.Contains(DeclineReason.InsufficientFunds), "the stage names no code for short funds");
        foreach (var (code, reason) in declines.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var party = await trial.ReadyAsync();
            await trial.Stage.DeclineNextAsync(party.Member, code, trial.Cancellation);
            var order = trial.Order(party);
            var first = (await trial.ChargeAsync(order)).Outcome;
            Require(first is not ChargeOutcome.Refused, $"{code}: Charge answered {first}");
            RequireDeclined(first, await trial.SettledAsync(order), reason, code);
        }

        await trial.RequirePaidAsync();
    }

    // Some rails give the reason in the first answer only, which may be no more than a hint, and later say that the order is closed.
    private static void RequireDeclined(ChargeOutcome first, ChargeOutcome last, DeclineReason reason, string code)
    {
        var isReason = (first as ChargeOutcome.Declined)?.Reason == reason || (last as ChargeOutcome.Declined)?.Reason == reason;
        Require(last is ChargeOutcome.Declined && isReason, $"{code} means {reason}; it said {first}, and in the end {last}");
    }

    private static async Task NoFundsAsync(Trial trial)
    {
        var party = await trial.ReadyAsync();
        await trial.SetBalanceAsync(party.Member, 0);
        var order = trial.Order(party);
        var first = (await trial.ChargeAsync(order)).Outcome;
        RequireDeclined(first, await trial.SettledAsync(order), DeclineReason.InsufficientFunds, "an empty account");
        await trial.RequirePaidAsync();
    }

    private static async Task FinalAsync(Trial trial)
    {
        var party = await trial.ReadyAsync();
        await trial.SetBalanceAsync(party.Member, 0);
        var order = trial.Order(party);
        await trial.ChargeAsync(order);
        await trial.SettledAsync(order);
        await trial.SetBalanceAsync(party.Member, 1000);
        if (trial.Traits.Resend == Resend.SameOrder)
            await trial.ChargeAsync(order);
        await trial.AdvanceAsync(trial.Traits.ChargeDelay + Duration.FromHours(1));
        await trial.RequirePaidAsync();
        var next = trial.Order(party, attempt: 2);
        await trial.ChargeAsync(next);
        await trial.PaidAsync(next);
        await trial.RequirePaidAsync(next);
    }

    private static async Task RefusedAsync(Trial trial)
    {
        var order = await trial.NewOrderAsync();
        await trial.Stage.RefuseNextAsync(order.Number, trial.Cancellation);
        var outcome = (await trial.ChargeAsync(order)).Outcome;
        Require(outcome is ChargeOutcome.Refused, $"the rail refused the request, and it said {outcome}");
        await trial.AdvanceAsync(trial.Traits.ChargeDelay + Duration.FromMinutes(10));
        await trial.RequirePaidAsync();
        var again = trial.Again(order);
        await trial.ChargeAsync(again);
        await trial.PaidAsync(again);
        await trial.RequirePaidAsync(again);
    }
}
