using NodaTime;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <remarks>What channels say of notices after they took them.</remarks>
public sealed partial class Memberships
{
    // Clocks of message services differ; a receipt of another day is somebody's mistake.
    private static readonly Duration ClocksDiffer = Duration.FromMinutes(5);

    /// <summary>A notice that was handed over arrived. Kept as proof; what was handed over is lawful without it. The same twice is no error.</summary>
    /// <param name="id">Whose membership.</param>
    /// <param name="noticeId">Which notice, <see cref="ChargeNotice.NoticeId"/>.</param>
    /// <param name="receipt">The channel's receipt of the delivery.</param>
    /// <param name="deliveredAt">When it arrived, by the channel's clock.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The membership afterwards; null: there is none.</returns>
    /// <exception cref="CannotDoException">No such notice waits for a receipt (the answer to handing it over may not be recorded yet: ask again), or the moment has not come yet.</exception>
    /// <exception cref="Ledger.CommitUnknownException">It was not confirmed; asking again is no error.</exception>
    public async Task<Subscription?> NoticeDeliveredAsync(
        SubscriptionId id, string noticeId, string receipt, Instant deliveredAt, CancellationToken cancellation = default)
    {
        if (await FindAsync(id, cancellation) is not { } s)
            return null;
        ThrowIfAhead(deliveredAt);
        if (s.AwaitingReceipt.Contains(noticeId))
            return await CommandAsync(id, new SubscriptionCommand.RecordNotice(noticeId, new NoticeResult.Delivered(receipt, deliveredAt)), cancellation);
        return (await HistoryAsync(id, cancellation)).Any(e => SaysDelivered(e, id, noticeId)) ? s : throw NotAwaited(noticeId);
    }

    /// <summary>
    /// A notice that was handed over did not arrive, and will not (退信): what it announced counts as not announced, and the next channel tells the member.
    /// Where none is left a person looks (<see cref="ParkReason.Unreachable"/>). The same receipt twice is no error.
    /// </summary>
    /// <param name="id">Whose membership.</param>
    /// <param name="noticeId">Which notice, <see cref="ChargeNotice.NoticeId"/>.</param>
    /// <param name="receipt">The channel's number of this word; another one is of another time the notice was sent.</param>
    /// <param name="why">The channel's word.</param>
    /// <param name="bouncedAt">When it came back, by the channel's clock.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The membership afterwards; null: there is none.</returns>
    /// <inheritdoc cref="NoticeDeliveredAsync" path="/exception"/>
    public async Task<Subscription?> NoticeBouncedAsync(
        SubscriptionId id, string noticeId, string receipt, string why, Instant bouncedAt, CancellationToken cancellation = default)
    {
        if (await FindAsync(id, cancellation) is not { } s)
            return null;
        ThrowIfAhead(bouncedAt);
        var events = await HistoryAsync(id, cancellation);
        if (events.Any(e => e is NoticeBounced known && known.NoticeId == noticeId && known.Receipt == receipt))
            return s;
        var channel = events.Select(e => ChannelThatTook(e, id, noticeId)).LastOrDefault(channel => channel is not null);
        return s.AwaitingReceipt.Contains(noticeId)
            ? await CommandAsync(id, new SubscriptionCommand.RecordNotice(noticeId, new NoticeResult.Bounced(receipt, why, bouncedAt)) { Channel = channel }, cancellation)
            : throw NotAwaited(noticeId);
    }

    private static CannotDoException NotAwaited(string noticeId) => new(
        $"No notice '{noticeId}' waits for a receipt here; the last {Subscription.ReceiptsAwaited} that were handed over do. Ask again if it was sent just now.");

    private void ThrowIfAhead(Instant at)
    {
        if (at > wishes.Now + ClocksDiffer)
            throw new CannotDoException($"{at} has not come yet.");
    }

    private static string? ChannelThatTook(SubscriptionEvent e, SubscriptionId id, string noticeId) => e switch
    {
        Announced x when x.Notice.NoticeId == noticeId => x.Channel,
        Reminded x when x.NoticeId == noticeId => x.Channel,
        PriceOfferTold x when Subscription.NoticeOf(id, x.Offer) == noticeId => x.Channel,
        _ => null,
    };

    private static bool SaysDelivered(SubscriptionEvent e, SubscriptionId id, string noticeId) => e switch
    {
        NoticeDelivered x => x.NoticeId == noticeId,
        Announced { Delivered: true } x => x.Notice.NoticeId == noticeId,
        Reminded { Delivered: true } x => x.NoticeId == noticeId,
        PriceOfferTold { Delivered: true } x => Subscription.NoticeOf(id, x.Offer) == noticeId,
        _ => false,
    };
}
