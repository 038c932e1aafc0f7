using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>Tells members of coming charges: the merchant's push, SMS or mail service behind it.</summary>
public interface INotifier
{
    /// <summary>Hands a notice over to a channel.</summary>
    /// <remarks>
    /// May be called again with the same <see cref="ChargeNotice.NoticeId"/> after a crash: two notices are a nuisance, none is unlawful.
    /// <see cref="NoticeResult.HandedOver"/> and <see cref="NoticeResult.Delivered"/> carry a receipt that will be shown when somebody asks
    /// why a charge was lawful; answer them only when a channel really took the notice. What the channel says later is told by
    /// <see cref="Memberships.NoticeDeliveredAsync"/> and <see cref="Memberships.NoticeBouncedAsync"/>.
    /// </remarks>
    Task<NoticeResult> TellAsync(ChargeNotice notice, CancellationToken cancellation);
}

/// <summary>What a member is told before a charge.</summary>
/// <param name="NoticeId">Name of the notice; a repeat carries the same.</param>
/// <param name="Subscription">Whose membership.</param>
/// <param name="Member">The merchant's own name of the member; the notifier knows how to reach them.</param>
/// <param name="Account">Where the money will be taken.</param>
/// <param name="Subject">What is renewed.</param>
/// <param name="Amount">The most that will be taken.</param>
/// <param name="MoneyFrom">From when.</param>
/// <param name="MoneyUntil">Until when.</param>
/// <param name="PeriodStart">When the paid period begins.</param>
/// <param name="ZoneId">The zone to show dates in.</param>
public sealed record ChargeNotice(
    string NoticeId, SubscriptionId Subscription, string Member, MerchantAccount Account, string Subject, Money Amount, Instant MoneyFrom,
    Instant MoneyUntil, Instant PeriodStart, string ZoneId)
{
    /// <summary>What the member is told: of this charge, or, where the law asks for it once in a while, that the membership renews itself at this price.</summary>
    public NoticeKind Kind { get; init; }

    /// <summary>
    /// Of an offer of another price: its name, which an answer gives back. Then <see cref="Amount"/> is the price, <see cref="MoneyFrom"/> the day it is
    /// offered from and <see cref="MoneyUntil"/> the last moment to answer. Null elsewhere.
    /// </summary>
    public string? Offer { get; init; }

    /// <summary>By which channel, one of <see cref="EngineOptions.NoticeChannels"/>; empty where the notifier chooses.</summary>
    public string Channel { get; init; } = "";
}
