using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using static Renewals.Gateways.Conformance.Trial;

namespace Renewals.Gateways.Conformance;

/// <summary>Bad weather at the rail: the adapter throws nothing, claims nothing, and steps back.</summary>
internal static class CalmChecks
{
    private const int MostLostCalls = 400;
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(20);

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("nothing-is-thrown", "No call throws for what a network does, and none takes it for the rail's word.", NothingThrownAsync),
        new("cancellation-leaves", "A cancelled call ends at once, with the cancellation or with nothing known; the order is still taken once.", CancellationAsync),
        new("steps-back", "After many lost calls FreePermits is 0 and a charge is NotSent: nothing leaves; later it goes on.", StepsBackAsync),
        new("permits-are-bounded", "FreePermits is never more than was wanted, and never negative.", PermitsAsync),
    ];

    private static async Task NothingThrownAsync(Trial trial)
    {
        var (order, paid) = await trial.PaidAsync();
        var party = await trial.ReadyAsync();
        foreach (var fault in (WireFault[])[WireFault.RequestLost, WireFault.AnswerBroken])
        {
            await trial.RestartAsync();
            await trial.OverBrokenLineAsync(fault, "", async () =>
            {
                await EveryCallAsync(trial, party, order, trial.Refund(order, paid, 1));
                return true;
            });
        }
    }

    private static async Task EveryCallAsync(Trial trial, Party party, ChargeOrder order, RefundOrder refund)
    {
        var (adapter, agreement) = (trial.Adapter, party.Agreement);
        var request = trial.Stage.NewSigning(agreement.Agreement, party.Member, party.Plan);
        await OverLineAsync(trial, "StartSigning", token => adapter.StartSigningAsync(request, token), answer => answer is SigningAnswer.Unknown or SigningAnswer.Refused);
        await OverLineAsync(trial, "Charge", token => adapter.ChargeAsync(trial.Order(party), token), Open);
        await OverLineAsync(trial, "QueryCharge", token => adapter.QueryChargeAsync(order, token), Open);
        await OverLineAsync(trial, "StopCharge", token => adapter.StopChargeAsync(order, token), Open);
        await OverLineAsync(trial, "Refund", token => adapter.RefundAsync(refund, token), Open);
        await OverLineAsync(trial, "QueryRefund", token => adapter.QueryRefundAsync(refund, token), Open);
        await OverLineAsync(
            trial, "QueryAgreement", token => adapter.QueryAgreementAsync(agreement, token), answer => answer is AgreementAnswer.Unknown or AgreementAnswer.Pending);
        await OverLineAsync(
            trial, "TerminateAgreement", token => adapter.TerminateAgreementAsync(agreement, "conformance", token),
            answer => answer is AgreementAnswer.Unknown or AgreementAnswer.Pending);
        await OverLineAsync(
            trial, "AnnounceAtRail", token => adapter.AnnounceAtRailAsync(new(agreement, trial.Stage.Price), token), answer => answer is RailNoticeAnswer.Unknown);
        await OverLineAsync(trial, "MovePlan", token => adapter.MovePlanAsync(agreement, trial.Today.PlusDays(20), token), answer => answer is RailNoticeAnswer.Unknown);
        await OverLineAsync(
            trial, "ReadStatement", token => adapter.ReadStatementAsync(trial.Today.PlusDays(-1), token), answer => answer is StatementAnswer.Failed or StatementAnswer.NotReady);
    }

    private static bool Open(ChargeAnswer answer) => answer.Outcome is ChargeOutcome.Unknown or ChargeOutcome.Pending or ChargeOutcome.NotSent;

    private static bool Open(RefundAnswer answer) => answer is RefundAnswer.Unknown or RefundAnswer.Pending;

    // What an adapter answers without the line is not judged here.
    private static async Task OverLineAsync<T>(Trial trial, string what, Func<CancellationToken, Task<T>> call, Func<T, bool> isOpen)
    {
        var before = trial.Stage.FaultsPlayed;
        var answer = await trial.CallAsync(what, call);
        Require(trial.Stage.FaultsPlayed == before || isOpen(answer), $"the line was broken, and {what} answered {answer}");
    }

    private static async Task CancellationAsync(Trial trial)
    {
        var order = await trial.NewOrderAsync();
        var before = trial.Stage.FaultsPlayed;
        trial.Stage.Break(WireFault.AnswerSlow, order.Number.ToString());
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(trial.Cancellation);
        var call = trial.Adapter.ChargeAsync(order, cancelling.Token);
        for (var waited = 0; trial.Stage.FaultsPlayed == before && waited < 400; waited++)
            await trial.EndedAsync(call, TimeSpan.FromMilliseconds(50));
        Require(trial.Stage.FaultsPlayed > before, "the call did not go over the line");
        await cancelling.CancelAsync();
        Require(await trial.EndedAsync(call, Promptly), "it went on after it was cancelled");
        await RequireUndecidedAsync(call);
        trial.Stage.Mend();
        await trial.PaidAsync(order);
        await trial.RequirePaidAsync(order);
    }

    private static async Task RequireUndecidedAsync(Task<ChargeAnswer> call)
    {
        try
        {
            var outcome = (await call).Outcome;
            Require(outcome is ChargeOutcome.Unknown or ChargeOutcome.Pending, $"cancelled while the rail had the order, it answered {outcome}");
        }
        catch (OperationCanceledException)
        {
            // The one exception that may leave.
        }
    }

    private static async Task StepsBackAsync(Trial trial)
    {
        var order = await trial.NewOrderAsync();
        var later = await trial.NewOrderAsync();
        trial.Stage.Break(WireFault.RequestLost, "");
        for (var calls = 0; trial.Adapter.FreePermits(1) > 0; calls++)
        {
            Require(calls < MostLostCalls, $"{calls} calls in a row were lost, and FreePermits still gives leave");
            await trial.QueryAsync(order);
        }

        var played = trial.Stage.FaultsPlayed;
        Require(played > 0, "it gave no leave before anything was lost");
        var outcome = (await trial.ChargeAsync(later)).Outcome;
        Require(outcome is ChargeOutcome.NotSent, $"FreePermits is 0, and Charge answered {outcome}");
        Require(trial.Stage.MoneyCalls(later.Number).Count == 0 && trial.Stage.FaultsPlayed == played, "it said NotSent, and the order left");
        trial.Stage.Mend();
        await trial.AdvanceAsync(Duration.FromMinutes(15));
        Require(trial.Adapter.FreePermits(1) == 1, "15 minutes after the line was mended FreePermits still gives no leave");
        var again = trial.Again(later);
        await trial.ChargeAsync(again);
        await trial.PaidAsync(again);
        await trial.RequirePaidAsync(again);
    }

    private static Task PermitsAsync(Trial trial)
    {
        foreach (var wanted in (int[])[0, 1, 7, int.MaxValue])
        {
            var free = trial.Adapter.FreePermits(wanted);
            Require(free >= 0 && free <= wanted, $"wanted {wanted}, it gave {free}");
        }

        Require(trial.Adapter.FreePermits(1) == 1, "nothing was sent yet, and it gives no leave");
        return Task.CompletedTask;
    }
}
