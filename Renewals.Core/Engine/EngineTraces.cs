using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>The engine's spans, on the activity source <c>Renewals</c>.</summary>
/// <remarks>
/// <para>
/// All spans of an order are in one trace, whose id is a pure function of the order's number: the process that hears of the order next — another host, or
/// this one after a restart — joins it, and nothing is stored or passed on. Such a trace has no root: each span is made by whoever has something to tell, and
/// stands beside the others. Refunds and notices have traces of their own, linked to the order's.
/// </para>
/// <para>
/// Whether a trace is kept is decided from its id too, so that all hosts keep or drop the same. While nobody listens to the source nothing is made: no
/// activity, no hash, no list.
/// </para>
/// <para>A span has no member, nothing of an agreement, no card and no key; what it says of an order stands in the events as well.</para>
/// </remarks>
public sealed class EngineTraces : IDisposable
{
    /// <summary>The name of the activity source.</summary>
    public const string SourceName = "Renewals";

    // As W3C's trace context has it: the last seven bytes of an id are the random ones.
    private const int RandomBits = 56;

    // More is cut by exporters anyway; the number of orders is a tag.
    private const int MostLinks = 128;

    private readonly ActivitySource source = new(SourceName);
    private readonly double ratio;

    /// <summary>Creates the source.</summary>
    /// <param name="options">For <see cref="RenewalsOptions.TraceRatio"/>.</param>
    public EngineTraces(IOptions<RenewalsOptions> options)
        : this(options.Value.TraceRatio)
    {
    }

    internal EngineTraces(double ratio) => this.ratio = ratio;

    /// <summary>For tests: so that a listener can tell two engines of one process apart.</summary>
    internal ActivitySource Source => source;

    /// <summary>The machine's clock, which the framework ends spans by, whatever the engine's own is.</summary>
    internal static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>The id of the trace that has everything about an order; of a refund's number: about the refund.</summary>
    public static ActivityTraceId TraceIdOf(OrderNumber order) => Named($"renewals/order/{order}");

    /// <summary>Whether a trace is kept: the same answer on every host of the same ratio.</summary>
    /// <param name="trace">Its id.</param>
    /// <param name="ratio">The part that is kept, 0 to 1.</param>
    public static bool Keeps(ActivityTraceId trace, double ratio)
    {
        Span<byte> id = stackalloc byte[16];
        trace.CopyTo(id);
        var random = BinaryPrimitives.ReadUInt64BigEndian(id[8..]) & ((1UL << RandomBits) - 1);
        return random < (ulong)(Math.Clamp(ratio, 0, 1) * (1UL << RandomBits));
    }

    /// <inheritdoc/>
    public void Dispose() => source.Dispose();

    /// <summary>A transaction begins. Null: nobody listens.</summary>
    internal TracedTransaction? Begin(MerchantAccount account) => source.HasListeners() ? new(this, account) : null;

    /// <summary>A call of a sweep begins, and is the current span until it is disposed. Null: nobody listens, or it is not kept.</summary>
    internal Activity? Call(Call call, Errand errand)
    {
        if (!source.HasListeners())
            return null;
        var account = call.Gateway.Account;
        return errand switch
        {
            Errand.SendCharge x => OfOrder(SpanNames.Charge, account, x.Order.Order),
            Errand.AskCharge x => OfOrder(SpanNames.Query, account, x.Attempt.Order),
            Errand.StopCharge x => OfOrder(SpanNames.Stop, account, x.Attempt.Order),
            Errand.SendRefund x => OfOrder(SpanNames.Refund, account, x.Refund.Refund),
            Errand.AskRefund x => OfOrder(SpanNames.RefundQuery, account, Spans.NumberOf(x.Refund.Order, x.Refund.Number)),
            Errand.Tell x => OfNotice(SpanNames.Notice, call.State, x.NoticeId, x.Kind)?.SetTag(SpanTags.NoticeKind, Spans.Word(x.Kind)),
            Errand.SendRailNotice when call.State.Cycle is { } cycle =>
                OfNotice(SpanNames.RailNotice, call.State, Decide.NoticeIdOf(call.State.Id, cycle), NoticeKind.Charge),
            Errand.SendRailNotice => Here(SpanNames.RailNotice, account),
            Errand.AskAgreement => Here(SpanNames.AgreementQuery, account),
            Errand.AskStatements => Here(SpanNames.StatementQuery, account),
            Errand.MoveRailDate => Here(SpanNames.MoveDate, account),
            Errand.Terminate => Here(SpanNames.Terminate, account),
            _ => throw new InvalidOperationException($"No span for {errand.GetType().Name}."),
        };
    }

    /// <summary>A member is taken to the rail; with a first payment it is a call about that order.</summary>
    internal Activity? Sign(MerchantAccount account, OrderNumber? first) =>
        !source.HasListeners() ? null : first is { } order ? OfOrder(SpanNames.Sign, account, order) : Here(SpanNames.Sign, account);

    /// <summary>A verified callback about something of ours is taken.</summary>
    internal Activity? Callback(MerchantAccount account, Outcome outcome) => !source.HasListeners() ? null
        : Spans.OrderOf(outcome) is { } order ? OfOrder(SpanNames.Callback, account, order, ActivityKind.Server) : Here(SpanNames.Callback, account, ActivityKind.Server);

    /// <summary>A statement is read.</summary>
    internal Activity? Reconcile(MerchantAccount account, LocalDate day) =>
        Here(SpanNames.Reconcile, account, ActivityKind.Internal)?.SetTag(SpanTags.Day, day.ToString("uuuu-MM-dd", null));

    /// <summary>A sweep has claimed, and carries out what it decided. Begun when that is known: an idle sweep is no news.</summary>
    internal Activity? Sweep(MerchantAccount account, TracedTransaction? claim, int claimed, IReadOnlyList<Work> work)
    {
        if (claim is null || claimed == 0)
            return null;
        var orders = claim.Orders;
        var links = orders.Take(MostLinks).Select(order => new ActivityLink(ContextOf(order)));
        var span = Tagged(source.StartActivity(SpanNames.Sweep, ActivityKind.Internal, default(ActivityContext), null, links, claim.Began), account);
        if (span is { IsAllDataRequested: true })
            span.SetTag(SpanTags.Claimed, claimed).SetTag(SpanTags.Orders, orders.Count).SetTag(SpanTags.Errands, work.Sum(w => w.Errands.Count));
        return span;
    }

    /// <summary>A span of what a transaction said of an order or a notice, which is over.</summary>
    internal Activity? Over(string name, MerchantAccount account, ActivityContext trace, DateTimeOffset began) =>
        Tagged(Start(name, ActivityKind.Internal, trace, null, began), account);

    /// <summary>Where the spans of an order are.</summary>
    internal ActivityContext ContextOf(OrderNumber order) => Root(TraceIdOf(order));

    /// <summary>Where the spans of a notice and of its tries are.</summary>
    internal ActivityContext ContextOf(string notice) => Root(Named($"renewals/notice/{notice}"));

    private static ActivityTraceId Named(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        return ActivityTraceId.CreateFromBytes(hash[..16]);
    }

    // Remote, because it began elsewhere: so a sampler that asks the parent finds our decision, and what is dropped stays dropped below.
    private ActivityContext Root(ActivityTraceId trace) => new(trace, default, Keeps(trace, ratio) ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None, isRemote: true);

    // What it was made by is in another trace: the sweep, the request of a rail or of a caller, the statement.
    private static List<ActivityLink> Links(ActivityContext trace, ActivityContext? about = null)
    {
        List<ActivityLink> links = [];
        if (Activity.Current?.Context is { } maker && maker.TraceId != trace.TraceId)
            links.Add(new(maker));
        if (about is { } other)
            links.Add(new(other));
        return links;
    }

    private static Activity? Tagged(Activity? span, MerchantAccount account) =>
        span is { IsAllDataRequested: true } ? span.SetTag(SpanTags.Rail, account.Rail).SetTag(SpanTags.Account, account.ToString()) : span;

    // Below what is under way in the same trace, such as a callback; else without a parent. The framework would take the current span for one, which is in
    // another trace, so it is hidden meanwhile.
    private Activity? Start(string name, ActivityKind kind, ActivityContext trace, ActivityContext? about, DateTimeOffset began = default)
    {
        var (around, links) = (Activity.Current, Links(trace, about));
        if (around?.TraceId == trace.TraceId)
            return source.StartActivity(name, kind, around.Context, null, links, began);
        Activity.Current = null;
        var span = source.StartActivity(name, kind, trace, null, links, began);
        if (span is null)
            Activity.Current = around;
        return span;
    }

    private Activity? OfOrder(string name, MerchantAccount account, OrderNumber order, ActivityKind kind = ActivityKind.Client) =>
        Tagged(Start(name, kind, ContextOf(order), order.IsRefund ? ContextOf(order.OfAttempt) : null), account)?.Tag(order);

    private Activity? OfNotice(string name, Subscription s, string notice, NoticeKind kind)
    {
        var order = kind == NoticeKind.Charge ? Spans.NextOrderOf(s) : null;
        return Tagged(Start(name, ActivityKind.Client, ContextOf(notice), order is { } next ? ContextOf(next) : null), s.Account);
    }

    private Activity? Here(string name, MerchantAccount account, ActivityKind kind = ActivityKind.Client) => Tagged(source.StartActivity(name, kind), account);
}
