using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using static Renewals.Gateways.Conformance.Trial;

namespace Renewals.Gateways.Conformance;

/// <summary>An agreement is in force or it is not, and what is not takes no money.</summary>
internal static class AgreementChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("signing-twice", "A signing that is started again, also by another process, is the same: whatever page the member uses, one agreement is signed.", SigningTwiceAsync),
        new("agreement-in-force", "A signed agreement is Active, under the rail's own id.", InForceAsync, CannotAsk),
        new("agreement-not-signed", "An agreement nobody has signed is not Active.", NotSignedAsync, CannotAsk),
        new("agreement-closed", "An agreement the member ended at the rail is Terminated where it can be asked for; a charge under it is declined for AgreementNotInForce.", ClosedAsync),
        new("terminate-twice", "An agreement we end is Terminated, also when it is ended again, and takes no money.", TerminateTwiceAsync),
    ];

    private static string? CannotAsk(RailTraits traits) => traits.CanAskForAgreements ? null : "CanAskForAgreements is false";

    private static Task<AgreementAnswer> QueryAsync(Trial trial, AgreementOrder agreement) =>
        trial.CallAsync("QueryAgreement", token => trial.Adapter.QueryAgreementAsync(agreement, token));

    private static async Task SigningTwiceAsync(Trial trial)
    {
        var (member, request) = await trial.NewSigningAsync();
        List<SigningAnswer> answers = [await trial.StartSigningAsync(request)];
        await trial.RestartAsync();
        await trial.AdvanceAsync(Duration.FromMinutes(1));
        answers.Add(await trial.StartSigningAsync(request));
        HashSet<string?> signed = [];
        foreach (var answer in answers)
        {
            if (await trial.Stage.ConfirmSigningAsync(request, answer, member, trial.Cancellation) is { } agreement)
                signed.Add(agreement.RailAgreementId);
        }

        Require(signed.Count == 1, $"started twice, {signed.Count} agreements were signed: {string.Join(", ", signed)}");
    }

    private static async Task InForceAsync(Trial trial)
    {
        var agreement = (await trial.SignAsync()).Agreement;
        foreach (var asked in (AgreementOrder[])[agreement, agreement with { RailAgreementId = null }])
        {
            var answer = await QueryAsync(trial, asked);
            await trial.AdvanceAsync(Duration.FromSeconds(1));
            Require(
                answer is AgreementAnswer.Active active && active.RailAgreementId == agreement.RailAgreementId,
                $"the rail's id is {agreement.RailAgreementId}; asked {(asked.RailAgreementId is null ? "without" : "with")} it, it answered {answer}");
        }
    }

    private static async Task NotSignedAsync(Trial trial)
    {
        var signed = await trial.SignAsync();
        var other = new Core.Agreements.AgreementId(new Guid(signed.Agreement.Agreement.Value.ToByteArray().Reverse().ToArray()));
        var request = trial.Stage.NewSigning(other, signed.Member, signed.Plan);
        var answer = await QueryAsync(trial, new(other, request.Template, null, request.StartedAt, signed.Agreement.PayerAccount));
        Require(answer is not (AgreementAnswer.Active or AgreementAnswer.Terminated), $"of an agreement nobody signed it said {answer}");
    }

    private static async Task ClosedAsync(Trial trial)
    {
        var party = await trial.ReadyAsync();
        await trial.Stage.EndAgreementAsync(party.Agreement, trial.Cancellation);
        await trial.AdvanceAsync(Duration.FromMinutes(1));
        if (trial.Traits.CanAskForAgreements)
        {
            var state = await QueryAsync(trial, party.Agreement);
            Require(state is AgreementAnswer.Terminated, $"the member ended it; asked for it, it answered {state}");
        }

        await RequireDeclinedAsync(trial, party);
    }

    private static async Task RequireDeclinedAsync(Trial trial, Party party)
    {
        var order = trial.Order(party);
        var outcome = (await trial.ChargeAsync(order)).Outcome;

        // Where the rail takes the order and decides later, its word comes with the question.
        if (outcome is ChargeOutcome.Pending)
            outcome = await trial.SettledAsync(order);
        Require(outcome is ChargeOutcome.Declined { Reason: DeclineReason.AgreementNotInForce }, $"a charge under an ended agreement was answered {outcome}");
        await trial.AdvanceAsync(trial.Traits.ChargeDelay + Duration.FromMinutes(10));
        await trial.RequirePaidAsync();
    }

    private static async Task TerminateTwiceAsync(Trial trial)
    {
        var party = await trial.ReadyAsync();
        for (var time = 1; time <= 2; time++)
        {
            var answer = await trial.CallAsync("TerminateAgreement", token => trial.Adapter.TerminateAgreementAsync(party.Agreement, "conformance", token));
            Require(answer is AgreementAnswer.Terminated, $"ended the {(time == 1 ? "first" : "second")} time it answered {answer}");
            await trial.RestartAsync();

            // The second time is another time, not the same request once more.
            await trial.AdvanceAsync(Duration.FromSeconds(1));
        }

        await RequireDeclinedAsync(trial, party);
    }
}
