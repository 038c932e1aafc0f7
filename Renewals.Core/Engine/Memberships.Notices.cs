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
        if (deliveredAt > wishes.Now + ClocksDiffer)
            throw new CannotDoException($"{deliveredAt} has not come yet.");
        if (s.AwaitingReceipt.Contains(noticeId))
            return await CommandAsync(id, new SubscriptionCommand.RecordNotice(noticeId, new NoticeResult.Delivered(receipt, deliveredAt)), cancellation);
        return (await HistoryAsync(id, cancellation)).Any(e => SaysDelivered(e, id, noticeId)) ? s
            : throw new CannotDoException($"No notice '{noticeId}' waits for a receipt here; the last {Subscription.ReceiptsAwaited} that were handed over do. Ask again if it was sent just now.");
    }

    private static bool SaysDelivered(SubscriptionEvent e, SubscriptionId id, string noticeId) => e switch
    {
        NoticeDelivered x => x.NoticeId == noticeId,
        Announced { Delivered: true } x => x.Notice.NoticeId == noticeId,
        Reminded { Delivered: true } x => x.NoticeId == noticeId,
        PriceOfferTold { Delivered: true } x => Subscription.NoticeOf(id, x.Offer) == noticeId,
        _ => false,
    };
}
