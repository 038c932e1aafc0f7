using System.Security.Cryptography;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>
/// Asks a rail for the orders of one membership that a restored ledger may not know of, and for its agreement; what the rail has is recorded through the
/// one door.
/// </summary>
/// <remarks>
/// Order numbers are a function of membership, period and attempt, so those that may have been sent can be counted: every order that was not concluded;
/// then, for each period from the coming one to the last whose renewal may have been planned by now, the attempts after the last known, until the rail
/// does not know <see cref="Gap"/> in a row. Numbers are used one after another; one that never left a machine leaves a gap of one.
/// The agreement is asked for because a cancel, or its end in the wallet, may have been recorded and acted upon since: then only the rail knows of it.
/// </remarks>
internal sealed class LostOrders(
    ISubscriptionLedger ledger, RegisteredGateways gateways, IAgreementVault vault, OutcomeDoor door, EngineClock clock, TimeProvider time)
{
    /// <summary>So many numbers in a row that the rail does not know are the end of them.</summary>
    internal const int Gap = 3;

    // One answer that gets lost among a million does not keep a ledger frozen.
    private const int Tries = 3;

    private static readonly TimeSpan PermitWait = TimeSpan.FromMilliseconds(100);
    private const int MostWaits = 300;

    /// <summary>Asks.</summary>
    /// <param name="gateway">The rail.</param>
    /// <param name="membership">As the book has it.</param>
    /// <param name="tally">Counts.</param>
    /// <param name="cancellation">Gives up; what was found stays.</param>
    /// <exception cref="UnansweredException">The rail did not say.</exception>
    public async Task AskAsync(IPaymentGateway gateway, Subscription membership, OrderTally tally, CancellationToken cancellation)
    {
        foreach (var attempt in membership.Attempts.Where(attempt => attempt.Status != AttemptStatus.Declined))
        {
            var order = new ChargeOrder(
                attempt.Order, await AgreementAsync(membership, membership.AgreementOf(attempt.Order), cancellation), attempt.Amount, membership.Terms.Subject, attempt.OrderedAt,
                attempt.AtCashier, attempt.ExpiresAt);
            await AskAsync(GatewayOf(membership.AccountOf(attempt.Order)), membership, order, tally, cancellation);
        }

        if (membership.Status is not (SubscriptionStatus.Signing or SubscriptionStatus.Active))
            return;
        var agreement = await AgreementAsync(membership, membership.Agreement, cancellation);
        await AskDerivedAsync(gateway, membership.Id, agreement, tally, cancellation);

        // That another agreement had taken over may be lost too: the rails of those that could are asked after the one in use.
        foreach (var backup in membership.Backups.Where(backup => backup.IsReady))
            await AskDerivedAsync(GatewayOf(backup.Account), membership.Id, await AgreementAsync(membership, backup.Agreement, cancellation), tally, cancellation);
        if (gateway.Traits.CanAskForAgreements && membership is { Status: SubscriptionStatus.Active, Agreement.Status: AgreementStatus.Active or AgreementStatus.Suspended })
            await AskAgreementAsync(gateway, membership, agreement, tally, cancellation);
    }

    /// <summary>Periods of which an order may have been sent by now; none when the next one is too far off.</summary>
    internal static IEnumerable<int> PeriodsToAsk(Subscription s, Instant now)
    {
        var first = Math.Max(s.NextCharge.Ordinal, s.PaidThrough + 1);
        if (first == 1)
            yield return 1;
        if (!s.Terms.Renews || s.Periods is not { } periods)
            yield break;
        first = Math.Max(Math.Max(first, 2), periods.Before + 1);
        for (var ordinal = first; ordinal <= OrderNumber.MaxOrdinal && RenewalCalendar.PlanAt(s.Terms, periods.Start(ordinal)) <= now; ordinal++)
            yield return ordinal;
    }

    private async Task AskDerivedAsync(IPaymentGateway gateway, SubscriptionId id, AgreementOrder agreement, OrderTally tally, CancellationToken cancellation)
    {
        // What such a rail is asked for needs the moment of the order, which is lost with it: its statements have it.
        if (gateway.Traits.AbsenceProof == AbsenceProof.TwoStatements)
        {
            tally.ByStatement();
            return;
        }

        // What is found moves the membership on, and with it the periods that are left.
        for (var done = 0; await ledger.FindAsync(id, cancellation) is { } s && PeriodsToAsk(s, clock.Now).FirstOrDefault(ordinal => ordinal > done) is > 0 and var ordinal; done = ordinal)
        {
            foreach (var kind in (ChargeKind[])[Subscription.KindOf(ordinal), ChargeKind.CatchUp])
            {
                var charge = new Charge(id, kind, ordinal);
                if (s.IsOfPeriod(charge))
                    await AskChargeAsync(gateway, s, charge, agreement, tally, cancellation);
            }
        }
    }

    private async Task AskChargeAsync(
        IPaymentGateway gateway, Subscription s, Charge charge, AgreementOrder agreement, OrderTally tally, CancellationToken cancellation)
    {
        var number = s.Attempts.Where(attempt => attempt.Order.Charge == charge).Select(attempt => attempt.Order.Attempt).DefaultIfEmpty(0).Max() + 1;
        for (var unknown = 0; unknown < Gap && number <= OrderNumber.MaxAttempt; number++)
        {
            var order = new ChargeOrder(charge.Attempt(number), agreement, s.AmountOf(charge.Ordinal), s.Terms.Subject, clock.Now);
            unknown = await AskAsync(gateway, s, order, tally, cancellation) ? 0 : unknown + 1;
        }
    }

    // After the orders: what was paid before the end stands.
    private async Task AskAgreementAsync(IPaymentGateway gateway, Subscription s, AgreementOrder agreement, OrderTally tally, CancellationToken cancellation)
    {
        var answer = await AnsweredAsync(
            gateway, () => gateway.QueryAgreementAsync(agreement, cancellation), a => (a as AgreementAnswer.Unknown)?.Why, $"the agreement of membership {s.Id}", cancellation);
        tally.AskedAgreement(answer is AgreementAnswer.Terminated);
        if (!await door.RecordAsync(gateway.Account, [new Outcome.OfAgreement(s.Id, s.Agreement.Id, answer)], null, cancellation))
            throw new UnansweredException($"the agreement of membership {s.Id}: what the rail said could not be stored");
    }

    /// <returns>Whether the rail has it.</returns>
    private async Task<bool> AskAsync(IPaymentGateway gateway, Subscription s, ChargeOrder order, OrderTally tally, CancellationToken cancellation)
    {
        var answer = await AnsweredAsync(
            gateway, async () => ErrandRunner.Asked(await gateway.QueryChargeAsync(order, cancellation)), a => (a.Outcome as ChargeOutcome.Unknown)?.Why,
            $"order {order.Number}", cancellation);
        tally.Asked();
        var isKnown = s.Attempts.Any(attempt => attempt.Order == order.Number);
        if (answer.Outcome is ChargeOutcome.Missing && !isKnown)
            return false;
        if (!await door.RecordAsync(gateway.Account, [new Outcome.OfSubscription(s.Id, new SubscriptionCommand.RecordCharge(order.Number, answer)) { HeardBy = HeardBy.Query }], null, cancellation))
            throw new UnansweredException($"order {order.Number}: what the rail said could not be stored");
        if (!isKnown)
            tally.Found();
        return answer.Outcome is not ChargeOutcome.Missing;
    }

    private async Task<T> AnsweredAsync<T>(
        IPaymentGateway gateway, Func<Task<T>> ask, Func<T, string?> whyUnanswered, string about, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            await PermitAsync(gateway, cancellation);
            var answer = await ask();
            if (whyUnanswered(answer) is not { } why)
                return answer;
            if (tries == Tries)
                throw new UnansweredException($"{about}: {why}");
        }
    }

    private async Task<AgreementOrder> AgreementAsync(Subscription s, AgreementInUse agreement, CancellationToken cancellation)
    {
        try
        {
            return Call.Of(agreement, (await vault.GetAsync([agreement.Id], cancellation)).GetValueOrDefault(agreement.Id));
        }
        catch (CryptographicException)
        {
            throw new UnansweredException($"membership {s.Id}: its agreement's keys cannot be read from the vault");
        }
    }

    private IPaymentGateway GatewayOf(MerchantAccount account) =>
        gateways.Find(account) ?? throw new UnansweredException($"no gateway is registered for {account}; add the account, it had orders of these memberships");

    private async Task PermitAsync(IPaymentGateway gateway, CancellationToken cancellation)
    {
        for (var waits = 0; gateway.FreePermits(1) < 1; waits++)
        {
            if (waits == MostWaits)
                throw new UnansweredException("the rail takes no calls");
            await Task.Delay(PermitWait, time, cancellation);
        }
    }
}

/// <summary>A rail did not say what it has; the message says of what.</summary>
internal sealed class UnansweredException(string message) : Exception(message);

/// <summary>Counts what an account was asked; from several tasks at once.</summary>
internal sealed class OrderTally
{
    private long asked;
    private long found;
    private long byStatement;
    private long agreements;
    private long ended;

    public void Asked() => Interlocked.Increment(ref asked);

    public void Found() => Interlocked.Increment(ref found);

    public void ByStatement() => Interlocked.Increment(ref byStatement);

    public void AskedAgreement(bool isOver)
    {
        Interlocked.Increment(ref agreements);
        if (isOver)
            Interlocked.Increment(ref ended);
    }

    public AdoptedAccount Into(AdoptedAccount account) => account with
    {
        Asked = Interlocked.Read(ref asked), Found = Interlocked.Read(ref found), ByStatement = Interlocked.Read(ref byStatement),
        Agreements = Interlocked.Read(ref agreements), EndedAgreements = Interlocked.Read(ref ended),
    };
}
