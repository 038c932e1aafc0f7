using NodaTime;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <remarks>What becomes of a membership between signing and its end. Every wish may be repeated: asking twice is asking once.</remarks>
public sealed partial class Memberships
{
    /// <summary>Another plan, price, coupon or add-on.</summary>
    /// <returns>The membership afterwards; null: there is none.</returns>
    /// <exception cref="CannotDoException">It is not granted; the message says why and what can be done.</exception>
    /// <exception cref="CannotSignException">The plan, coupon or add-on is unknown, or not sold there.</exception>
    /// <exception cref="Ledger.CommitUnknownException">It was not confirmed; asking again is no error.</exception>
    public Task<Subscription?> ChangeAsync(SubscriptionId id, ChangeRequest request, CancellationToken cancellation = default) =>
        wishes.AskAsync(id, s => CommandOf(s, request), cancellation);

    /// <summary>What a change would come to: the next charges with it, without any side effect.</summary>
    /// <inheritdoc cref="ChangeAsync"/>
    public async Task<ChangePreview?> PreviewAsync(SubscriptionId id, ChangeRequest request, int charges = 3, CancellationToken cancellation = default)
    {
        if (await FindAsync(id, cancellation) is not { } s)
            return null;
        var (command, context) = (CommandOf(s, request), await wishes.ContextOfAsync(s, cancellation));
        return Subscriptions.Preview.OfChange(s, command, context, charges);
    }

    /// <summary>The next charges as they stand, without any side effect; null: there is no such membership.</summary>
    public async Task<IReadOnlyList<ComingCharge>?> PreviewAsync(SubscriptionId id, int charges = 3, CancellationToken cancellation = default) =>
        await FindAsync(id, cancellation) is { } s ? Subscriptions.Preview.Of(s, await wishes.ContextOfAsync(s, cancellation), charges) : null;

    /// <summary>Withdraws a planned change.</summary>
    /// <inheritdoc cref="ChangeAsync"/>
    public Task<Subscription?> WithdrawChangeAsync(SubscriptionId id, string name, string by, string why, CancellationToken cancellation = default) =>
        wishes.AskAsync(id, _ => new SubscriptionCommand.WithdrawChange(name, by, why), cancellation);

    /// <summary>Accepts the cheaper plan that is offered to who wants to cancel (降级), with the next period.</summary>
    /// <inheritdoc cref="ChangeAsync"/>
    public Task<Subscription?> StepDownAsync(SubscriptionId id, string by, string why, Consent? consent = null, CancellationToken cancellation = default) =>
        wishes.AskAsync(id, s => CommandOf(s, new("step-down", CheaperThan(s), by, why) { Consent = consent }), cancellation);

    /// <summary>Moves the day the next period begins on.</summary>
    /// <inheritdoc cref="ChangeAsync"/>
    public Task<Subscription?> MoveBillingDayAsync(SubscriptionId id, LocalDate day, string by, string why, CancellationToken cancellation = default) =>
        wishes.AskAsync(id, _ => new SubscriptionCommand.MoveBillingDay(day, by, why), cancellation);

    /// <summary>Pauses.</summary>
    /// <param name="id">Which membership.</param>
    /// <param name="from">From then, within the paid time; null: from its end.</param>
    /// <param name="until">The first day after the pause; null: until it is resumed.</param>
    /// <param name="movesDays">Whether what is paid goes on after the pause and later days count from there.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="why">In words.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <inheritdoc cref="ChangeAsync"/>
    public Task<Subscription?> PauseAsync(
        SubscriptionId id, Instant? from, LocalDate? until, bool movesDays, string by, string why, CancellationToken cancellation = default) =>
        wishes.AskAsync(id, _ => new SubscriptionCommand.PauseRenewal(from, until, movesDays, by, why), cancellation);

    /// <summary>Ends the pause.</summary>
    /// <inheritdoc cref="ChangeAsync"/>
    public Task<Subscription?> ResumeAsync(SubscriptionId id, string by, string why, CancellationToken cancellation = default) =>
        wishes.AskAsync(id, _ => new SubscriptionCommand.Resume(by, why), cancellation);

    /// <summary>The member answers to the offer of another price.</summary>
    /// <inheritdoc cref="ChangeAsync"/>
    public Task<Subscription?> AnswerPriceAsync(SubscriptionId id, string offer, bool agrees, string by, CancellationToken cancellation = default) =>
        wishes.AskAsync(id, _ => new SubscriptionCommand.AnswerPrice(offer, agrees, by), cancellation);

    /// <summary>Takes an offer of another price back that the member has not answered; the old price stays.</summary>
    /// <inheritdoc cref="CancelAsync(SubscriptionId, CancelRequest, CancellationToken)"/>
    public Task<Subscription?> WithdrawOfferAsync(SubscriptionId id, string offer, string by, CancellationToken cancellation = default) =>
        wishes.AskAsync(id, _ => new SubscriptionCommand.WithdrawOffer(offer, by), cancellation);

    private static string CheaperThan(Subscription s) =>
        s.Terms.StepDownPlan ?? throw new CannotDoException($"Plan '{s.Terms.PlanId}' has no cheaper plan to step down to.");

    private SubscriptionCommand.ChangeTerms CommandOf(Subscription s, ChangeRequest request) =>
        new(request.Name, wishes.TermsOf(s, request.PlanId, request.Wish), request.When, request.By, request.Why) { Paid = request.Paid, Consent = request.Consent };
}

/// <summary>A wish for other terms.</summary>
/// <param name="Name">Name of the change, chosen by the caller.</param>
/// <param name="PlanId">The plan, which may be the one there is.</param>
/// <param name="By">Who asks.</param>
/// <param name="Why">In words.</param>
public sealed record ChangeRequest(string Name, string PlanId, string By, string Why)
{
    /// <summary>What the membership has besides the plan; what is not named here is no longer had.</summary>
    public TermsWish Wish { get; init; } = TermsWish.None;

    /// <summary>From the next period, or at once.</summary>
    public ChangeTiming When { get; init; }

    /// <summary>What the member paid for it at the merchant's own checkout; null: nothing.</summary>
    public CheckoutPayment? Paid { get; init; }

    /// <summary>What the member was shown and agreed to; null: the merchant keeps that elsewhere.</summary>
    public Consent? Consent { get; init; }
}
