using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>Takes what a person asks for to the decision: makes terms of plans, finds payments in the events, and says why when it is not granted.</summary>
internal sealed class WishDesk(
    ISubscriptionLedger ledger, OutcomeDoor door, RegisteredGateways gateways, PlanCatalogue plans, EngineClock clock, IFreeze freeze,
    IOptions<EngineOptions> engine, IOptions<RenewalsOptions> renewals)
{
    private long? ifVersion;

    public Instant Now => clock.Now;

    /// <summary>The same desk, for who has seen the membership at a version and wants nothing of it at another.</summary>
    public WishDesk At(long version)
    {
        var desk = (WishDesk)MemberwiseClone();
        desk.ifVersion = version;
        return desk;
    }

    /// <summary>Asks for one thing of one membership.</summary>
    /// <returns>The membership afterwards; null: there is none.</returns>
    /// <exception cref="CannotDoException">It is not granted; the message says why.</exception>
    /// <exception cref="MembershipMovedException">It is not at the version of <see cref="At"/>.</exception>
    public async Task<Subscription?> AskAsync(SubscriptionId id, Func<Subscription, SubscriptionCommand> wish, CancellationToken cancellation)
    {
        if (await ledger.FindAsync(id, cancellation) is not { } before)
            return null;
        var expected = ifVersion is { } version ? new ExpectedVersion(version) : null;
        if (expected?.IsAt(before) == false)
            throw new MembershipMovedException();
        var command = wish(before);
        if (Decide.WhyNot(before, command, await ContextOfAsync(before, cancellation)) is { } reason)
            throw new CannotDoException(reason);
        if (!await door.RecordAsync(before.Account, [new Outcome.OfSubscription(id, command) { If = expected }], null, cancellation))
            throw new CommitUnknownException("It was not confirmed; look at the membership, or ask again: asking twice is no error.");
        if (expected is { HasMoved: true })
            throw new MembershipMovedException();
        var after = (await ledger.FindAsync(id, cancellation))!;

        // What is granted has no reason against it any more. Something came between: it was judged again under the lock, and not granted there.
        return Decide.WhyNot(after, command, await ContextOfAsync(after, cancellation)) is { } since ? throw new CannotDoException(since) : after;
    }

    public async Task<DecisionContext> ContextOfAsync(Subscription s, CancellationToken cancellation) =>
        EngineClock.Context(clock.Now, gateways[s.Account], engine.Value) with { Frozen = await freeze.LookAsync(cancellation) is not null };

    /// <summary>The terms a membership would have on a plan.</summary>
    /// <exception cref="CannotSignException">The plan is unknown or not sold where the membership is charged, or a coupon or add-on is not for it.</exception>
    public Terms TermsOf(Subscription s, string planId, TermsWish wish)
    {
        var plan = planId == s.Terms.PlanId ? plans.Get(planId) : plans.GetOnSale(planId);
        PlanCatalogue.TemplateOf(plan, s.Account);
        var terms = plans.TermsOf(plan, s.Account.Rail, wish, renewals.Value, s.Terms.QuietHours, isNew: false);
        return plan.Id == s.Terms.PlanId && s.PaidThrough == 0 ? terms with { TrialDays = s.Terms.TrialDays } : terms;
    }

    /// <summary>A payment of a membership as its own event says; the last one where none is named.</summary>
    /// <exception cref="CannotDoException">There is no such payment.</exception>
    public async Task<Charged> PaymentAsync(SubscriptionId id, string? order, CancellationToken cancellation) => await FindPaymentAsync(id, order, cancellation)
        ?? throw new CannotDoException(order is null ? "Nothing was paid yet." : $"{order} is no payment of this membership.");

    /// <inheritdoc cref="PaymentAsync"/>
    /// <returns>Null: there is no such payment.</returns>
    public async Task<Charged?> FindPaymentAsync(SubscriptionId id, string? order, CancellationToken cancellation) =>
        (await ledger.ReadEventsAsync(id, cancellation)).OfType<Charged>().LastOrDefault(e => order is null || e.Order.ToString() == order);
}

/// <summary>What was asked for is not granted; the message says why and what can be done. Nothing was stored.</summary>
public sealed class CannotDoException(string message) : Exception(message);
