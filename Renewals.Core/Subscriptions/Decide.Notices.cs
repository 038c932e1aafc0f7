using NodaTime;
using NodaTime.Text;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <remarks>
/// Telling the member. Channels are tried one after another, each so many times an hour apart, never in the member's night. When none is left nothing is
/// charged: a person looks, and the channels begin anew when the person lets it go on. What was handed over is lawful; that it arrived may be said later, and
/// is kept as proof. What came back announces nothing any more: the next channel tells the member, and where that is too late another calendar is solved.
/// </remarks>
public static partial class Decide
{
    private static readonly InstantPattern NoticeDay = InstantPattern.CreateWithInvariantCulture("uuuuMMddHHmm");
    private static readonly Duration NextTry = Duration.FromHours(1);
    private static readonly Duration NextChannel = Duration.FromMinutes(1);

    /// <summary>The name of a cycle's notice: a repeat carries the same, another calendar another.</summary>
    /// <remarks>
    /// Its days are part of the name: a calendar that was lost with a restore is planned anew under its old revision, and whoever has heard of the
    /// first must not take the second for a repeat.
    /// </remarks>
    internal static string NoticeIdOf(SubscriptionId id, CyclePlan cycle) =>
        $"{id}-{cycle.Ordinal}-{cycle.Revision}-{NoticeDay.Format(cycle.MoneyFrom)}-{NoticeDay.Format(cycle.MoneyUntil)}";

    /// <summary>The channel that is tried next.</summary>
    internal static string ChannelOf(Subscription s, DecisionLimits limits, NoticeKind kind = NoticeKind.Charge) =>
        RetryOf(s, kind) is { Channel: { } channel } && limits.NoticeChannels.Contains(channel) ? channel : limits.NoticeChannels[0];

    private static NoticeRetry? RetryOf(Subscription s, NoticeKind kind) => kind switch
    {
        NoticeKind.Charge => s.NoticeRetry,
        NoticeKind.Reminder => s.ReminderRetry,
        NoticeKind.PriceOffer => s.Offer?.Retry,
        _ => throw new InvalidOperationException($"No such notice: {kind}."),
    };

    private static NoticeKind KindOf(Subscription s, string noticeId) =>
        noticeId == s.ReminderId || noticeId == s.LastReminder?.NoticeId ? NoticeKind.Reminder : noticeId == s.OfferNoticeId ? NoticeKind.PriceOffer : NoticeKind.Charge;

    // Nothing is sent at night: what is due then waits for the morning, or for another calendar where that is too late.
    private static IReadOnlyList<SubscriptionEvent> Announce(Subscription s, DecisionContext context)
    {
        var (now, cycle) = (context.Now, s.Cycle!);
        if (now > cycle.AnnounceBy)
            return PlanCycle(s, context);
        var awake = s.Terms.QuietHours.NextAwake(now, s.Zone);
        return awake == now ? Nothing : awake > cycle.AnnounceBy ? PlanCycle(s, context) : [new NoticePostponed(NoticeIdOf(s.Id, cycle), awake, "the member's night", now)];
    }

    private static IReadOnlyList<SubscriptionEvent> Remind(Subscription s, DecisionContext context)
    {
        var awake = s.Terms.QuietHours.NextAwake(context.Now, s.Zone);
        return awake == context.Now ? Nothing : [new NoticePostponed(s.ReminderId!, awake, "the member's night", context.Now)];
    }

    private static IReadOnlyList<SubscriptionEvent> RecordNotice(Subscription s, SubscriptionCommand.RecordNotice x, DecisionContext context)
    {
        if (x.Result is NoticeResult.Delivered arrived && s.AwaitingReceipt.Contains(x.NoticeId))
            return [new NoticeDelivered(x.NoticeId, arrived.Receipt, arrived.At, context.Now)];
        if (x.Result is NoticeResult.Bounced bounced)
            return s.AwaitingReceipt.Contains(x.NoticeId) ? CameBack(s, x, bounced, context) : Nothing;
        if (x.NoticeId == s.ReminderId)
            return RecordReminder(s, x, context);
        if (x.NoticeId == s.OfferNoticeId)
            return RecordOfferNotice(s, x, context);
        if (s.Cycle is not { } cycle || s.Notice is not null || x.NoticeId != NoticeIdOf(s.Id, cycle))
            return Nothing;
        return x.Result switch
        {
            NoticeResult.HandedOver done => [new Announced(Told(x.NoticeId, cycle, done.At, done.Receipt), false, context.Now) { Channel = x.Channel }],
            NoticeResult.Delivered done => [new Announced(Told(x.NoticeId, cycle, done.At, done.Receipt), true, context.Now) { Channel = x.Channel }],
            NoticeResult.Failed failed => NotTold(s, x, failed.Why, s.AnnounceAt, context),
            NoticeResult.NotSent => s.AnnounceAt <= context.Now ? Announce(s, context) : Nothing,
            _ => throw new InvalidOperationException($"No decision for {x.Result.GetType().Name}."),
        };
    }

    private static IReadOnlyList<SubscriptionEvent> RecordReminder(Subscription s, SubscriptionCommand.RecordNotice x, DecisionContext context) => x.Result switch
    {
        NoticeResult.HandedOver done => [new Reminded(x.NoticeId, done.Receipt, done.At, false, context.Now) { Channel = x.Channel }],
        NoticeResult.Delivered done => [new Reminded(x.NoticeId, done.Receipt, done.At, true, context.Now) { Channel = x.Channel }],
        NoticeResult.Failed failed => NotTold(s, x, failed.Why, s.RemindAt!.Value, context),
        NoticeResult.NotSent => s.RemindAt <= context.Now ? Remind(s, context) : Nothing,
        _ => throw new InvalidOperationException($"No decision for {x.Result.GetType().Name}."),
    };

    private static MemberNotice Told(string id, CyclePlan cycle, Instant at, string receipt) =>
        new(id, cycle.Ordinal, cycle.Amount, cycle.MoneyFrom, cycle.MoneyUntil, at, receipt);

    private static IReadOnlyList<SubscriptionEvent> NotTold(Subscription s, SubscriptionCommand.RecordNotice x, string why, Instant due, DecisionContext context)
    {
        var (now, limits, kind) = (context.Now, context.Limits, KindOf(s, x.NoticeId));
        var channel = x.Channel ?? ChannelOf(s, limits, kind);
        if (due > now)
            return Nothing;
        var before = RetryOf(s, kind) is { } retry && (retry.Channel ?? channel) == channel ? retry.Failures : 0;
        var failures = before + 1;
        if (failures < limits.MaxNoticeFailures)
            return [Failed(channel, now + NextTry)];
        return NextAfter(channel, limits) is { } next
            ? [Failed(next, now + NextChannel)]
            : NoChannelIsLeft(s, kind, Failed(channel, now + NextTry), why, context);

        NoticeFailed Failed(string tryNext, Instant at) =>
            new(x.NoticeId, failures, why, s.Terms.QuietHours.NextAwake(at, s.Zone), now) { Channel = channel, NextChannel = tryNext };
    }

    // Every word of a message service counts once; what is over, or was announced anew, stays as it is.
    private static IReadOnlyList<SubscriptionEvent> CameBack(
        Subscription s, SubscriptionCommand.RecordNotice x, NoticeResult.Bounced bounced, DecisionContext context)
    {
        var (now, limits, kind) = (context.Now, context.Limits, KindOf(s, x.NoticeId));
        var known = new NoticeBounced(x.NoticeId, bounced.Receipt, bounced.Why, bounced.At, now) { Channel = x.Channel };
        if (!StillCounts(s, x.NoticeId))
            return [known];
        if (x.Channel is not { } channel || !limits.NoticeChannels.Contains(channel))
            return [Again(limits.NoticeChannels[0], now + NextChannel)];
        if (NextAfter(channel, limits) is { } next)
            return [Again(next, now + NextChannel)];
        var last = Again(channel, now + NextTry);
        return s.Status == SubscriptionStatus.Active ? NoChannelIsLeft(s, kind, last, bounced.Why, context) : [last];

        NoticeBounced Again(string tryNext, Instant at) => known with { RetryAt = s.Terms.QuietHours.NextAwake(at, s.Zone), NextChannel = tryNext };
    }

    private static bool StillCounts(Subscription s, string noticeId) => s.Notice?.NoticeId == noticeId
        || (s.Status == SubscriptionStatus.Active && ((noticeId == s.OfferNoticeId && s.Offer is { ToldAt: not null }) || noticeId == s.LastReminder?.NoticeId));

    private static string? NextAfter(string channel, DecisionLimits limits) =>
        limits.NoticeChannels.SkipWhile(known => known != channel).Skip(1).FirstOrDefault();

    // Of a charge or the yearly reminder a person must see to it that the member knows. An offer of another price may lapse.
    private static IReadOnlyList<SubscriptionEvent> NoChannelIsLeft(Subscription s, NoticeKind kind, SubscriptionEvent last, string why, DecisionContext context) =>
        kind == NoticeKind.PriceOffer
            ? [last, .. ConcludeOffer(Evolve.Next(s, last), PriceAnswer.NotTold, "nobody", context)]
            : Some(last, ParkOnce(s, ParkReason.Unreachable, why, context.Now));
}
