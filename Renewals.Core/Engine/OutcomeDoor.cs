using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>The one door through which everything enters that became known outside: answers, callbacks, queries, statements, requests.</summary>
internal sealed class OutcomeDoor(
    ISubscriptionLedger ledger, IAgreementVault vault, RegisteredGateways gateways, EngineClock clock, IOptions<EngineOptions> options,
    EngineMetrics metrics, EngineTraces traces, IFreeze freeze, ILogger<OutcomeDoor> logger)
{
    private const int Tries = 5;

    /// <summary>Decides and stores outcomes of one merchant account in one transaction; decides again when somebody else was first.</summary>
    /// <param name="account">Whose rail.</param>
    /// <param name="outcomes">What became known.</param>
    /// <param name="carried">For a sweep: the duties it carried out. One that is still due afterwards is a fault and is parked.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>True when all is stored; false when the reply to the commit was lost, or a membership could not be decided and was parked.</returns>
    /// <exception cref="LedgerConflictException">Others were first again and again.</exception>
    /// <exception cref="InvalidOperationException">The book has no row for a membership; what was heard of it is not stored.</exception>
    public async Task<bool> RecordAsync(
        MerchantAccount account, IReadOnlyList<Outcome> outcomes, ILookup<SubscriptionId, Duty>? carried, CancellationToken cancellation)
    {
        outcomes = await KeepKeysAsync(account, outcomes, cancellation);
        return await RecordTogetherAsync(account, outcomes.ToLookup(outcome => outcome.Subscription), carried, cancellation);
    }

    private async Task<bool> RecordTogetherAsync(
        MerchantAccount account, ILookup<SubscriptionId, Outcome> byId, ILookup<SubscriptionId, Duty>? carried, CancellationToken cancellation)
    {
        for (var tries = 1; tries <= Tries; tries++)
        {
            try
            {
                return await RecordOnceAsync(account, byId, carried, cancellation);
            }
            catch (LedgerConflictException e)
            {
                metrics.Fault(account, "conflict");
                EngineLog.Conflict(logger, e, account.ToString());
            }
            catch (CommitUnknownException e)
            {
                metrics.Fault(account, "commit-unknown");
                EngineLog.CommitUnknown(logger, e, account.ToString());
                return false;
            }
        }

        if (byId.Count > 1)
            return await RecordOneByOneAsync(account, byId, carried, cancellation);

        // A row that contradicts its stream: parking sets its version right, and then the outcome can be kept.
        await ParkAsync(account, byId.Single().Key, new LedgerConflictException("The book's row and the stream contradict each other."), cancellation);
        return await RecordOnceAsync(account, byId, carried, cancellation);
    }

    // One membership that is refused again and again does not take the others' outcomes with it.
    private async Task<bool> RecordOneByOneAsync(
        MerchantAccount account, ILookup<SubscriptionId, Outcome> byId, ILookup<SubscriptionId, Duty>? carried, CancellationToken cancellation)
    {
        var stored = true;
        foreach (var one in byId)
        {
            try
            {
                stored &= await RecordTogetherAsync(account, one.ToLookup(outcome => outcome.Subscription), carried, cancellation);
            }
            catch (LedgerConflictException e)
            {
                EngineLog.Conflict(logger, e, account.ToString());
                stored = false;
            }
        }

        return stored;
    }

    private async Task<bool> RecordOnceAsync(
        MerchantAccount account, ILookup<SubscriptionId, Outcome> outcomes, ILookup<SubscriptionId, Duty>? carried, CancellationToken cancellation)
    {
        var traced = traces.Begin(account);
        try
        {
            return await RecordOnceAsync(account, outcomes, carried, traced, cancellation);
        }
        catch (Exception e) when (traced is not null)
        {
            traced.Failed(e);
            throw;
        }
        finally
        {
            traced?.End();
        }
    }

    private async Task<bool> RecordOnceAsync(
        MerchantAccount account, ILookup<SubscriptionId, Outcome> outcomes, ILookup<SubscriptionId, Duty>? carried, TracedTransaction? traced,
        CancellationToken cancellation)
    {
        List<(SubscriptionId Id, Exception Fault)> poisoned = [];
        var missing = outcomes.Select(group => group.Key).ToHashSet();
        await using (var batch = await ledger.OpenAsync([.. outcomes.Select(group => group.Key)], cancellation))
        {
            // Looked at with the rows in hand, as a sweep does.
            var context = EngineClock.Context(clock.Now, gateways[account], options.Value) with { Frozen = await freeze.LookAsync(cancellation) is not null };
            var agreements = await LoadAgreementsAsync(batch, outcomes, cancellation);
            var appended = 0;
            var news = new HeardOfOrders();
            foreach (var row in batch.Rows)
            {
                missing.Remove(row.Id);
                try
                {
                    appended += Decide(batch, row, [.. outcomes[row.Id]], agreements, carried?[row.Id] ?? [], news, traced, context);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    poisoned.Add((row.Id, e));
                    traced?.Poisoned(row.Id, [.. outcomes[row.Id]], e);
                }
            }

            news.WriteTo(batch, account, options.Value.Fuses, context.Now);
            await batch.CommitAsync(cancellation);
            metrics.Events(account, appended);
            FuseAlarm.Sound(logger, batch.Blown);
        }

        foreach (var (id, fault) in poisoned)
            await ParkAsync(account, id, fault, cancellation);
        if (missing.Count > 0)
            throw new InvalidOperationException($"The book has no row for {string.Join(", ", missing)}; rebuild it.");
        return poisoned.Count == 0;
    }

    /// <summary>Counts an order of our form that is not ours: somebody else charges at the account.</summary>
    /// <param name="account">Where.</param>
    /// <param name="about">The order, in words.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task RecordForeignAsync(MerchantAccount account, string about, CancellationToken cancellation)
    {
        var news = new HeardOfOrders();
        news.Foreign(about);
        await using var batch = await ledger.OpenAsync([], cancellation);
        news.WriteTo(batch, account, options.Value.Fuses, clock.Now);
        await batch.CommitAsync(cancellation);
        FuseAlarm.Sound(logger, batch.Blown);
    }

    /// <summary>Parks a membership that cannot be decided, in a transaction of its own.</summary>
    public async Task ParkAsync(MerchantAccount account, SubscriptionId id, Exception fault, CancellationToken cancellation)
    {
        metrics.Fault(account, "poisoned");
        EngineLog.Poisoned(logger, fault, id.ToString());
        await ledger.ParkUnreadableAsync(id, $"{fault.GetType().Name}: {fault.Message}", clock.Now, cancellation);
    }

    private int Decide(
        ILedgerBatch batch, LockedRow row, IReadOnlyList<Outcome> outcomes, IReadOnlyDictionary<AgreementId, Agreement> agreements,
        IEnumerable<Duty> carried, HeardOfOrders news, TracedTransaction? traced, DecisionContext context)
    {
        var before = row.State ?? throw new InvalidOperationException("The membership cannot be read.", row.Fault);
        context = ContextOf(before, outcomes, context);
        var decision = new RowDecision(before, agreements, context);
        foreach (var outcome in outcomes.Where(outcome => outcome is not Outcome.OfSubscription { If: { } expected } || expected.IsAt(before)))
            decision.Take(outcome);
        var stuck = Duty.Of(decision.State).Where(duty => duty.Due <= context.Now).Intersect(carried).Select(duty => duty.Kind.ToString()).ToList();
        if (stuck.Count > 0)
            decision.Take(new Outcome.OfSubscription(row.Id, new SubscriptionCommand.Park(ParkReason.Fault, $"still due after it was done: {string.Join(", ", stuck)}")));
        decision.WriteTo(batch, before.Version, stuck.Count > 0 ? context.Now + Duration.FromTimeSpan(options.Value.ClaimFor) : null);
        news.Take(decision.Events);
        traced?.Heard(outcomes, decision.Events, context.Now);
        traced?.Decided(before, decision.Events, context.Now);
        if (before.Parked is null && decision.State.Parked is { } reason)
            EngineLog.Parked(logger, row.Id.ToString(), reason.ToString());
        foreach (var refused in decision.Events.OfType<NotTaken>())
        {
            if (refused is { Order.IsRefund: true, ResendAt: { } at, Outcome: ChargeOutcome.Refused { RailCode: var code } })
                EngineLog.RefundRefused(logger, refused.Order.ToString(), before.Account.ToString(), code, at);
        }

        return decision.Events.Count;
    }

    // A wish is decided by the rail the membership is charged at now, which may be another than when it was asked; what a rail says, by that rail.
    private DecisionContext ContextOf(Subscription s, IReadOnlyList<Outcome> outcomes, DecisionContext context) =>
        s.Account != context.Account && gateways.Find(s.Account) is { } gateway
            && outcomes.All(outcome => outcome is Outcome.OfSubscription { Command: not (SubscriptionCommand.RecordCharge or SubscriptionCommand.RecordRefund) })
                ? context with { Traits = gateway.Traits, Account = gateway.Account }
                : context;

    private static Task<IReadOnlyDictionary<AgreementId, Agreement>> LoadAgreementsAsync(
        ILedgerBatch batch, ILookup<SubscriptionId, Outcome> outcomes, CancellationToken cancellation)
    {
        List<AgreementId> ids = [];
        foreach (var outcome in outcomes.SelectMany(group => group))
        {
            if (outcome is Outcome.OfAgreement { Agreement: var a })
                ids.Add(a);
            else if (outcome is Outcome.SigningRefused { Agreement: var b })
                ids.Add(b);
            else if (outcome is Outcome.OfRailDate { Agreement: var c })
                ids.Add(c);
        }

        return batch.LoadAgreementsAsync(ids, cancellation);
    }

    // What the rail does not repeat (the member's card) stays as it was handed over.
    private async Task KeepKeysAsync(MerchantAccount account, Outcome.OfAgreement outcome, AgreementAnswer.Active active, CancellationToken cancellation)
    {
        var agreement = outcome.Agreement;
        var known = (await vault.GetAsync([agreement], cancellation)).GetValueOrDefault(agreement);
        var keys = new RailKeys(active.RailAgreementId, active.PayerId ?? known?.PayerId, known?.PayerAccount);
        if (keys != known && (known is not null || !await IsOldNewsAsync(outcome, cancellation)))
            await vault.PutAsync(agreement, account, keys, cancellation);
    }

    // "Signed", delivered again after the end, changes nothing: what was erased must not come back with it.
    private async Task<bool> IsOldNewsAsync(Outcome.OfAgreement outcome, CancellationToken cancellation) =>
        await ledger.FindAgreementAsync(outcome.Agreement, cancellation) is { Status: AgreementStatus.Terminated or AgreementStatus.Abandoned } over
        && DecideAgreement.OnAnswer(over, outcome.Answer, Instant.MaxValue, clock.Now, outcome.Evidence).Count == 0;

    /// <summary>Keys go to the vault before the event that relies on them; a key another agreement holds calls a person.</summary>
    private async Task<IReadOnlyList<Outcome>> KeepKeysAsync(MerchantAccount account, IReadOnlyList<Outcome> outcomes, CancellationToken cancellation)
    {
        if (!outcomes.Any(outcome => outcome is Outcome.OfAgreement { Answer: AgreementAnswer.Active }))
            return outcomes;
        List<Outcome> kept = [];
        foreach (var outcome in outcomes)
        {
            try
            {
                if (outcome is Outcome.OfAgreement { Answer: AgreementAnswer.Active active } signed)
                    await KeepKeysAsync(account, signed, active, cancellation);
                kept.Add(outcome);
            }
            catch (AgreementTakenException e)
            {
                kept.Add(new Outcome.OfSubscription(outcome.Subscription, new SubscriptionCommand.Park(ParkReason.Contradiction, e.Message)));

                // To the agreement it is an answer that says nothing: the rail is asked again, later and not for ever.
                kept.Add(((Outcome.OfAgreement)outcome) with { Answer = new AgreementAnswer.Unknown("the rail's agreement belongs to another agreement of ours") });
            }
        }

        return kept;
    }
}
