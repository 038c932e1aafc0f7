using System.Collections.Concurrent;
using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Demo;

/// <summary>What the notifier really handed over: the audit's own evidence, apart from what the engine was told.</summary>
/// <param name="NoticeId">Which notice.</param>
/// <param name="Member">Who was told.</param>
/// <param name="Amount">The most that was announced.</param>
/// <param name="MoneyFrom">From when, as announced.</param>
/// <param name="MoneyUntil">Until when, as announced.</param>
/// <param name="HandedOverAt">When.</param>
internal sealed record NoticeReceipt(string NoticeId, string Member, Money Amount, Instant MoneyFrom, Instant MoneyUntil, Instant HandedOverAt);

/// <summary>The merchant's message service of the demo. It keeps receipts, and misbehaves once when a defect is planted.</summary>
internal sealed class DemoNotifier(MovableClock clock, Plant plant, Predicate<ChargeNotice> planted) : INotifier
{
    private readonly ConcurrentQueue<NoticeReceipt> receipts = new();
    private int planting;

    public IReadOnlyList<NoticeReceipt> Receipts => [.. receipts];

    public Task<NoticeResult> TellAsync(ChargeNotice notice, CancellationToken cancellation)
    {
        var now = clock.Now;
        var receipt = new NoticeReceipt(notice.NoticeId, notice.Member, notice.Amount, notice.MoneyFrom, notice.MoneyUntil, now);
        if (Misbehave(receipt, notice) is { } kept)
            receipts.Enqueue(kept);
        return Task.FromResult<NoticeResult>(new NoticeResult.HandedOver(notice.NoticeId, now));
    }

    private NoticeReceipt? Misbehave(NoticeReceipt receipt, ChargeNotice notice)
    {
        if (plant is not (Plant.NoticeLate or Plant.NoticeDropped or Plant.AmountAbove) || !planted(notice) || Interlocked.Exchange(ref planting, 1) != 0)
            return receipt;
        return plant switch
        {
            Plant.NoticeLate => receipt with { HandedOverAt = receipt.HandedOverAt + Duration.FromDays(2) },
            Plant.AmountAbove => receipt with { Amount = receipt.Amount - Money.Cny(1) },
            _ => null,
        };
    }
}
