using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>Looks after statement lines our events do not have: what is certain goes through the one door, the rest is listed.</summary>
/// <remarks>
/// A statement line is the rail's last word that money moved. What it means for the membership is decided where everything is decided: a period is
/// paid, or the money goes back.
/// </remarks>
internal sealed class Healer(ISubscriptionLedger ledger, OutcomeDoor door)
{
    private const int Tries = 3;

    /// <summary>Deals with a batch of lines.</summary>
    public async Task HealAsync(MerchantAccount account, IReadOnlyList<OurLine> lines, Findings findings, CancellationToken cancellation)
    {
        if (lines.Count == 0)
            return;
        var before = await RowsAsync(lines, cancellation);
        List<OurLine> open = [];
        foreach (var line in lines)
        {
            if (!before.TryGetValue(line.Order.Charge.Subscription, out var row))
                await ForeignAsync(account, line, "of no membership of ours", findings, cancellation);
            else if (row.State is not { } state)
                findings.Add(Findings.Between(DifferenceKind.State, line, null, false, "the membership cannot be read"));
            else if (!state.HasAgreementAt(account))
                await ForeignAsync(account, line, "of a membership at another account", findings, cancellation);
            else if (!IsRecorded(state, line) || !await CompareAsync(line, findings, cancellation))
                open.Add(line);
        }

        await RecordAsync(account, open, before, findings, cancellation);
    }

    /// <summary>What our membership said of the line before.</summary>
    private static string Words(Subscription s, OurLine line) =>
        line.Refund is null
            ? s.Attempts.FirstOrDefault(attempt => attempt.Order == line.Order)?.Status switch
            {
                AttemptStatus.InFlight => "was in flight with us",
                AttemptStatus.NotTaken => "was not taken, as we knew",
                AttemptStatus.Declined => "was declined, as we knew",
                null => "was of no charge in hand",
                _ => throw new InvalidOperationException("No such status."),
            }
            : s.Refunds.Any(refund => refund.Number == line.Refund) ? "was on its way, as we knew" : "was not made by us";

    private static bool IsRecorded(Subscription s, OurLine line)
    {
        if (line.Refund is not null)
            return s.Refunds.Any(refund => refund.Number == line.Refund && refund.Status == RefundStatus.Done);
        var charge = line.Order.Charge;
        return s.PaymentOf(charge.Ordinal) == line.Order
            || s.Refunds.Any(refund => refund.Number == line.Order.Refund(1).ToString());
    }

    private static Outcome OutcomeOf(OurLine line) => new Outcome.OfSubscription(line.Order.Charge.Subscription, line.Refund is { } refund
        ? new SubscriptionCommand.RecordRefund(line.Order, refund, new RefundAnswer.Refunded(line.Line.Amount, line.Line.RailTransaction, line.Line.At))
        : new SubscriptionCommand.RecordCharge(line.Order, new(new ChargeOutcome.Succeeded(line.Line.Amount, line.Line.RailTransaction, line.Line.At))));

    // An order of our form that we did not make: somebody else charges at the account.
    private async Task ForeignAsync(MerchantAccount account, OurLine line, string why, Findings findings, CancellationToken cancellation)
    {
        findings.Add(Findings.Between(DifferenceKind.TheirsOnly, line, null, false, why));
        if (line.Refund is null)
            await door.RecordForeignAsync(account, $"the statement has order {line.Order}, {why}", cancellation);
    }

    // Long before or after the day: the stream says what it was. False: only the state has it, the stream has no such movement.
    private async Task<bool> CompareAsync(OurLine line, Findings findings, CancellationToken cancellation)
    {
        var events = await ledger.ReadEventsAsync(line.Order.Charge.Subscription, cancellation);
        if (events.Select(LedgerMovement.Of).FirstOrDefault(m => m is not null && m.Order == line.Order && m.RefundNumber == line.Refund) is not { } movement)
            return false;
        findings.Settle(line);
        findings.Compare(line, movement.Amount, movement.At);
        return true;
    }

    private async Task RecordAsync(
        MerchantAccount account, List<OurLine> lines, Dictionary<SubscriptionId, LockedRow> before, Findings findings, CancellationToken cancellation)
    {
        if (lines.Count == 0)
            return;

        // Whether a line is settled is read from what is stored afterwards, whatever the door says of its commit. A commit whose reply was lost
        // may not be stored, and nobody reads this day again: it is recorded once more, which is no error when it was.
        var outcomes = lines.Select(line => OutcomeOf(line) with { HeardBy = HeardBy.Statement }).ToList();
        for (var tries = 1; !await door.RecordAsync(account, outcomes, null, cancellation) && tries < Tries;)
            tries++;
        var after = await RowsAsync(lines, cancellation);
        foreach (var line in lines)
        {
            var was = before[line.Order.Charge.Subscription].State!;
            var healed = after.GetValueOrDefault(line.Order.Charge.Subscription)?.State is { } now && IsRecorded(now, line);
            var kind = line.Refund is not null && was.Refunds.All(refund => refund.Number != line.Refund) ? DifferenceKind.RefundElsewhere : DifferenceKind.State;
            var ordered = line.Refund is null ? was.Attempts.FirstOrDefault(a => a.Order == line.Order)?.Amount : was.Refunds.FirstOrDefault(r => r.Number == line.Refund)?.Amount;
            findings.Add(Findings.Between(kind, line, ordered, healed, Words(was, line)));
            if (healed)
                findings.Settle(line);
        }
    }

    private async Task<Dictionary<SubscriptionId, LockedRow>> RowsAsync(IReadOnlyList<OurLine> lines, CancellationToken cancellation)
    {
        await using var batch = await ledger.OpenAsync([.. lines.Select(line => line.Order.Charge.Subscription).Distinct()], cancellation);
        return batch.Rows.ToDictionary(row => row.Id);
    }
}
