using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>
/// Concludes orders in flight, and refunds, that no statement has, at rails where nothing else can: every day that could hold the order, and the one after,
/// was read to its end.
/// </summary>
internal sealed class AbsenceProver(ISubscriptionLedger ledger, OutcomeDoor door, IReconciliationStore store)
{
    // An order is sent within minutes and given up; repeats of the same number spread over little more than a day.
    private const int DaysBack = 3;

    /// <summary>Concludes what the statement of this day, the last one read, leaves no doubt about.</summary>
    /// <param name="gateway">The rail.</param>
    /// <param name="day">The day just read to its end.</param>
    /// <param name="findings">What it had.</param>
    /// <param name="atOnce">How many memberships are looked at together.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>How many orders were concluded.</returns>
    public async Task<long> ProveAsync(IPaymentGateway gateway, LocalDate day, Findings findings, int atOnce, CancellationToken cancellation)
    {
        if (gateway.Traits.AbsenceProof != AbsenceProof.TwoStatements)
            return 0;
        var days = new StatementDays(gateway.Traits);
        var complete = (await store.DaysAsync(gateway.Account, day.PlusDays(-2 * DaysBack), cancellation))
            .Where(known => known.Value.State == ReconciliationState.Complete).Select(known => known.Key).Append(day).ToHashSet();
        var proved = 0L;
        var (from, until) = (days.Start(day.PlusDays(-DaysBack)), days.End(day));
        await foreach (var ids in ledger.ReadUnconcludedAsync(gateway.Account, from, until, cancellation).Chunk(atOnce).WithCancellation(cancellation))
        {
            List<Outcome> outcomes = [];
            foreach (var state in await StatesAsync(ids, cancellation))
            {
                foreach (var attempt in state.Attempts.Where(attempt => attempt.Status == AttemptStatus.InFlight && state.AccountOf(attempt.Order) == gateway.Account))
                {
                    if (await ProofAsync(gateway, DaysOf(days, gateway.Traits, state, attempt), attempt.Order, complete, findings, cancellation) is { } proof)
                        outcomes.Add(new Outcome.OfSubscription(state.Id, new SubscriptionCommand.RecordCharge(attempt.Order, new(new ChargeOutcome.Absent(proof)))) { HeardBy = HeardBy.Statement });
                }

                foreach (var refund in state.Refunds.Where(refund => refund is { Status: RefundStatus.Requested, IsAtRail: false } && state.AccountOf(refund.Order) == gateway.Account))
                {
                    if (await ProofAsync(gateway, DaysOf(days, refund), refund.Order, complete, findings, cancellation) is { } proof)
                        outcomes.Add(new Outcome.OfSubscription(state.Id, new SubscriptionCommand.RecordRefund(refund.Order, refund.Number, new RefundAnswer.Absent(proof))) { HeardBy = HeardBy.Statement });
                }
            }

            if (outcomes.Count > 0 && await door.RecordAsync(gateway.Account, outcomes, null, cancellation))
                proved += outcomes.Count;
        }

        return proved;
    }

    /// <summary>The days that could hold an order, the one after included: a rail may enter what it took late on the next day.</summary>
    internal static (LocalDate First, LocalDate Last) DaysOf(StatementDays days, RailTraits traits, Subscription s, Attempt attempt)
    {
        var latest = attempt.SendBefore + traits.CallTimeout + traits.ChargeDelay;
        if (attempt.ExpiresAt is { } end)
            latest = Instant.Max(latest, end);
        if (attempt.AtCashier)
            latest = Instant.Max(latest, s.SignBy);
        return (days.Of(attempt.OrderedAt), days.Of(latest).PlusDays(1));
    }

    // Sent within minutes, or given up.
    private static (LocalDate First, LocalDate Last) DaysOf(StatementDays days, Refund refund) =>
        (days.Of(refund.RequestedAt!.Value), days.Of(refund.RequestedAt.Value + Duration.FromHours(1)).PlusDays(1));

    private async Task<string?> ProofAsync(
        IPaymentGateway gateway, (LocalDate First, LocalDate Last) span, OrderNumber about, HashSet<LocalDate> complete, Findings findings,
        CancellationToken cancellation)
    {
        var (first, last) = span;
        for (var day = first; day <= last; day = day.PlusDays(1))
        {
            if (!complete.Contains(day))
                return null;
        }

        // A line that was there and could not be recorded is no absence.
        var order = about.ToString();
        return findings.IsUnsettled(order) || await store.IsUnsettledAsync(gateway.Account, first, last, order, cancellation)
            ? null
            : $"no line in the statements of {first:uuuu-MM-dd} to {last:uuuu-MM-dd}";
    }

    private async Task<IReadOnlyList<Subscription>> StatesAsync(IReadOnlyCollection<SubscriptionId> ids, CancellationToken cancellation)
    {
        await using var batch = await ledger.OpenAsync(ids, cancellation);
        return [.. batch.Rows.Select(row => row.State).OfType<Subscription>()];
    }
}
