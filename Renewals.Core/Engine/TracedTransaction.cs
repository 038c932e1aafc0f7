using System.Diagnostics;
using NodaTime;
using NodaTime.Text;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>What one transaction says of orders, refunds and notices; it becomes their spans when the transaction is over. Only made while somebody listens.</summary>
internal sealed class TracedTransaction(EngineTraces traces, MerchantAccount account)
{
    private readonly List<Noted> noted = [];

    /// <summary>The orders and refunds that were decided.</summary>
    public IReadOnlyList<OrderNumber> Orders => [.. noted.Where(n => n.Name == SpanNames.Decide).Select(n => n.Order!.Value)];

    /// <summary>When it began, on the machine's clock.</summary>
    public DateTimeOffset Began { get; } = EngineTraces.Now;

    /// <summary>Why nothing of it is stored, or may not be; null: all is.</summary>
    public string? Fault { get; private set; }

    /// <summary>Notes the orders and refunds among what was decided of a membership.</summary>
    /// <param name="before">As it was; null: it begins.</param>
    /// <param name="events">What was decided.</param>
    /// <param name="now">When, by the engine's clock.</param>
    public void Decided(Subscription? before, IReadOnlyList<SubscriptionEvent> events, Instant now)
    {
        foreach (var e in events)
        {
            if (e is Requested { Order: var order })
                noted.Add(new(SpanNames.Decide, order.Charge.Subscription, order, null, events, DueOf(before, DutyKind.Charge, order), now));
            else if (e is RefundRequested { Refund: var refund })
                noted.Add(new(SpanNames.Decide, refund.Charge.Subscription, refund, null, events, DueOf(before, DutyKind.Refund, refund), now));
        }
    }

    /// <summary>Notes what became known, and what was decided of it.</summary>
    public void Heard(IReadOnlyList<Outcome> outcomes, IReadOnlyList<SubscriptionEvent> events, Instant now)
    {
        foreach (var outcome in outcomes)
            noted.Add(new(SpanNames.Outcome, outcome.Subscription, Spans.OrderOf(outcome), outcome, events, null, now));
    }

    /// <summary>A membership could not be decided; the others go on.</summary>
    /// <param name="id">Which.</param>
    /// <param name="outcomes">What became known of it and is not stored.</param>
    /// <param name="fault">Why.</param>
    public void Poisoned(SubscriptionId id, IReadOnlyList<Outcome> outcomes, Exception fault)
    {
        noted.RemoveAll(one => one.Subscription == id);
        foreach (var outcome in outcomes)
            noted.Add(new(SpanNames.Outcome, id, Spans.OrderOf(outcome), outcome, [], null, default) { Fault = fault.GetType().Name });
    }

    /// <summary>Nothing of it is stored, or may not be.</summary>
    public void Failed(Exception fault) => Fault = fault.GetType().Name;

    /// <summary>It is over.</summary>
    public void End()
    {
        // A span without a parent hides the one around it, and does not bring it back.
        var around = Activity.Current;
        foreach (var one in noted)
        {
            End(one with { Fault = one.Fault ?? Fault });
            Activity.Current = around;
        }
    }

    private void End(Noted one)
    {
        if (ContextOf(one) is not { } trace)
            return;
        using var span = traces.Over(one.Name, account, trace, Began);
        if (span is not { IsAllDataRequested: true })
            return;
        if (one.Order is { } order)
            span.Tag(order);
        if (one.Outcome is { } outcome)
            span.Tell(outcome);
        if (one.Due is { } due)
            span.SetTag(SpanTags.Due, InstantPattern.ExtendedIso.Format(due)).SetTag(SpanTags.Late, (one.Now - due).TotalSeconds);
        if (one.Fault is { } fault)
            span.Fail(fault, null);
        else if (one.Events.Count > 0)
            span.SetTag(SpanTags.Events, string.Join(',', one.Events.Select(e => EventNames.OfSubscriptions[e.GetType()])));
    }

    private ActivityContext? ContextOf(Noted one) => one switch
    {
        { Order: { } order } => traces.ContextOf(order),
        { Outcome: Outcome.OfSubscription { Command: SubscriptionCommand.RecordNotice notice } } => traces.ContextOf(notice.NoticeId),
        _ => null,
    };

    private static Instant? DueOf(Subscription? before, DutyKind kind, OrderNumber number)
    {
        if (before is null)
            return null;
        foreach (var duty in Duty.Of(before))
        {
            if (duty.Kind == kind && (kind == DutyKind.Charge || duty.Key == number.ToString()))
                return duty.Due;
        }

        return null;
    }

    /// <summary>One span to be.</summary>
    private sealed record Noted(
        string Name, SubscriptionId Subscription, OrderNumber? Order, Outcome? Outcome, IReadOnlyList<SubscriptionEvent> Events, Instant? Due, Instant Now)
    {
        public string? Fault { get; init; }
    }
}
