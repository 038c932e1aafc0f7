using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Model;

/// <summary>How far the renewal in hand has come.</summary>
internal enum Stage
{
    Unplanned,
    Planned,
    Told,
    RailTold,
}

/// <summary>Where now lies to the window in which the charge in hand may be sent.</summary>
internal enum Window
{
    None,
    Before,
    Open,
    Over,
}

/// <summary>One order of the charge in hand, without instants.</summary>
internal sealed record OrderPicture(
    AttemptStatus Status, bool AtCashier, bool IsSettled, bool ChargeIsPaid, bool IsTooEarly, bool IsAsked, int Asks, int Send, bool IsAtRail, DeclineReason? Heard, bool Repeats, bool IsForgotten)
{
    /// <summary>Whether it is time to ask. This and what follows tells no two memberships apart; the model needs it to predict.</summary>
    public bool IsDue { get; private init; }

    /// <summary>Whether "no such order" is believed by now.</summary>
    public bool WouldBeBelieved { get; private init; }

    /// <summary>Whether the rail may have forgotten it by the next ask.</summary>
    public bool IsForgottenSoon { get; private init; }

    /// <summary>Whether a cancel has it asked about at once: it is in flight, and it is not time to ask.</summary>
    public bool IsLookedAfter { get; private init; }

    public bool OwesRefund { get; private init; }

    /// <summary>How often it, and others of its charge that were not taken, went out.</summary>
    public int SendsOfCharge { get; private init; }

    /// <summary>How often it was declined at once and sent again under its number.</summary>
    public int TimesHeard { get; private init; }

    // What is declined and asked no more keeps only that.
    public static OrderPicture Of(Life life, Subscription s, Attempt a)
    {
        var ordinal = a.Order.Charge.Ordinal;
        var (settled, paid) = (s.Refunds.Any(r => r.Number == a.Order.Refund(1).ToString()), ordinal <= s.PaidThrough);
        var others = s.Attempts.Where(x => x.Order != a.Order && x.Order.Charge == a.Order.Charge && x.Status == AttemptStatus.NotTaken);
        var traits = life.World.Traits;
        var begun = new OrderPicture(a.Status, a.AtCashier, settled, paid, !BegunAtCancel(s, ordinal), a.AskAt is not null, 0, 0, false, null, false, false)
        {
            IsDue = a.AskAt <= life.Next,
            IsLookedAfter = a.Status == AttemptStatus.InFlight && a.AskAt > life.Next && a.SendBefore <= life.Next,
            WouldBeBelieved = life.Next >= a.SendBefore + traits.CallTimeout + traits.SettleDelay,
            IsForgottenSoon = life.Next + Duration.FromDays(1) >= a.OrderedAt + traits.RemembersOrders,
            OwesRefund = s.Refunds.Any(r => r.Order == a.Order && r.Status != RefundStatus.Done),
            SendsOfCharge = a.Send + others.Sum(x => x.Send),
            TimesHeard = a.DeclinesHeard,
        };
        var renews = s.Status is SubscriptionStatus.Signing or SubscriptionStatus.Active;
        if (a.Status == AttemptStatus.Declined && a.AskAt is null)
            return begun;
        return begun with
        {
            Asks = Math.Min(a.Asks, life.World.Limits.MaxAsks),
            Send = renews ? Math.Min(a.Send, life.World.Limits.MaxSends) : 0,
            IsAtRail = a.IsAtRail && a.Status == AttemptStatus.InFlight,
            Heard = a.Hint,
            Repeats = renews && a.ResendAt is not null,
            IsForgotten = life.Next >= a.OrderedAt + traits.RemembersOrders,
        };
    }

    /// <summary>One that a restored ledger hears of for the first time.</summary>
    public static OrderPicture JustFound(bool isTooEarly) => new(AttemptStatus.InFlight, false, false, false, isTooEarly, true, 0, 1, false, null, false, false) { IsDue = true, SendsOfCharge = 1 };

    public override string ToString() =>
        $"{Status}{(AtCashier ? " cashier" : "")}{(IsSettled ? " settled" : "")}{(ChargeIsPaid ? " of-paid" : "")}{(IsTooEarly ? " early" : "")}"
        + $"{(IsAsked ? $" ask{Asks}" : "")} send{Send}{(IsAtRail ? " at-rail" : "")}{(Heard is null ? "" : $" heard-{Heard}")}{(Repeats ? " repeats" : "")}{(IsAsked && IsForgotten ? " forgotten" : "")}";

    /// <summary>Whether a period had begun when the membership was cancelled. Of a first payment it begins when it is paid.</summary>
    public static bool BegunAtCancel(Subscription s, int ordinal) =>
        s.CancelledAt is not { } cancelled || s.Periods is not { } periods || periods.Start(ordinal) <= cancelled;
}

/// <summary>A membership as business sees it: no instants, no numbers of orders, and every count ends somewhere.</summary>
internal sealed class Picture
{
    private Picture(string key) => Key = key;

    /// <summary>All that tells two memberships apart.</summary>
    public string Key { get; }

    public SubscriptionStatus? Status { get; private init; }

    public AgreementStatus Agreement { get; private init; }

    /// <summary>Whether a question about the agreement had no answer yet.</summary>
    public bool IsAgreementAsked { get; private init; }

    public bool IsParked { get; private init; }

    public bool WasNotSigned { get; private init; }

    public int Paid { get; private init; }

    public Stage Stage { get; private init; }

    public Window Window { get; private init; }

    public IReadOnlyList<OrderPicture> Orders { get; private init; } = [];

    public IReadOnlyList<string> Refunds { get; private init; } = [];

    /// <summary>What is due when the next thing happens.</summary>
    public IReadOnlyList<DutyKind> Due { get; private init; } = [];

    /// <summary>Whether the time to sign is over.</summary>
    public bool IsSigningOver { get; private init; }

    public static Picture Of(Life life)
    {
        if (life.State is not { } s)
            return new("nobody");
        var now = life.Next;
        var orders = s.Attempts.Select(a => OrderPicture.Of(life, s, a)).ToList();
        var refunds = s.Refunds.Select(r => OfRefund(r, life.World.Limits)).Distinct().Order(StringComparer.Ordinal).ToList();
        var duties = Duty.Of(s).OrderBy(d => d.Due).ToList();
        var window = WindowOf(s, now);
        var stage = s.Cycle is null ? Stage.Unplanned : s.Notice is null ? Stage.Planned : s.RailNotices.Count == 0 ? Stage.Told : Stage.RailTold;
        var renewal = s.Status is SubscriptionStatus.Signing or SubscriptionStatus.Active ? OfRenewal(s, stage, window, now) : "";
        return new(string.Join(' ', OfMembership(life, s), renewal, OfOrders(orders), $"[{string.Join("; ", refunds)}]", OfDuties(duties, now), $"left{life.Surprises}"))
        {
            Status = s.Status,
            Agreement = s.Agreement.Status,
            IsAgreementAsked = s.Agreement.Asks > 0,
            IsParked = s.Parked is not null,
            WasNotSigned = s.CancelledBy == CancelledBy.NotSigned,
            Paid = Math.Min(s.PaidThrough, 2),
            Stage = stage,
            Window = window,
            Orders = orders,
            Refunds = refunds,
            IsSigningOver = s.SignBy <= now,
            Due = [.. duties.Where(d => d.Due <= now).Select(d => d.Kind)],
        };
    }

    private static string OfMembership(Life life, Subscription s)
    {
        var asks = Math.Min(s.Agreement.Asks, life.World.Limits.MaxAsks);
        return $"{s.Status}{(s.CancelledBy == CancelledBy.NotSigned ? " (not signed)" : "")}, agreement {s.Agreement.Status}{(asks == 0 ? "" : $" asked {asks}")}"
            + $"{(life.IsFrozen ? ", frozen" : "")}{(s.Parked is null ? "" : ", parked")}, paid {Math.Min(s.PaidThrough, 2)}{(s.PaidThrough > 0 && s.PaidBy[^1] == 0 ? " with a gap" : "")}";
    }

    private static string OfRenewal(Subscription s, Stage stage, Window window, Instant now)
    {
        var late = s.Status == SubscriptionStatus.Signing ? s.SignBy <= now : s.Cycle is { } cycle ? cycle.AnnounceBy < now : s.PaidThrough == 0 && s.ConsentUntil < now;
        var missed = s.Periods is { } periods && periods.OrdinalAt(now) > s.NextCharge.Ordinal;
        var toldLate = s.Notice?.HandedOverAt > s.Cycle?.AnnounceBy;
        return $"{stage}{(toldLate ? " too late" : "")}{(window == Window.None ? "" : $", window {window}")}{(late ? ", late" : "")}"
            + $"{(missed ? ", period missed" : "")}{(s.NoticeRetry is null ? "" : $", not told {s.NoticeRetry.Failures}")}"
            + $" {string.Join('+', s.RailNotices.Select(n => n.Result).Distinct())}";
    }

    // The newest order by itself; of those before it, which kinds there are.
    private static string OfOrders(IReadOnlyList<OrderPicture> orders)
    {
        var before = orders.SkipLast(1).Select(o => $"{o}").Distinct().Order(StringComparer.Ordinal);
        return $"[{string.Join("; ", before.Concat(orders.TakeLast(1).Select(o => $"newest {o}")))}]";
    }

    private static string OfRefund(Refund r, DecisionLimits limits) => r.Status switch
    {
        RefundStatus.Owed => $"owed, sent {Math.Min(r.Send, limits.MaxSends)}",
        RefundStatus.Requested => $"requested, sent {Math.Min(r.Send, limits.MaxSends)}, asked {Math.Min(r.Asks, limits.MaxAsks)}{(r.NextAt is null ? ", no more" : "")}",
        _ => $"{r.Status}",
    };

    // What is due, what comes next, and what else is open, whenever.
    private static string OfDuties(IReadOnlyList<Duty> duties, Instant now)
    {
        var due = duties.Where(d => d.Due <= now).Select(NameOf).Distinct().Order(StringComparer.Ordinal);
        var later = duties.Where(d => d.Due > now).Select(NameOf).ToList();
        return $"due {string.Join(' ', due)}, next {string.Join(' ', later.Take(1))}, later {string.Join(' ', later.Skip(1).Distinct().Order(StringComparer.Ordinal))}";
    }

    // A look before a step is another than the one from time to time.
    private static string NameOf(Duty duty) => duty is { Kind: DutyKind.VerifyAgreement, Key: not "" } ? "VerifyBeforeStep" : $"{duty.Kind}";

    private static Window WindowOf(Subscription s, Instant now)
    {
        if (s.Cycle is not { } cycle)
            return Window.None;
        var window = ChargeWindow.Of(s, cycle);
        return now < window.From ? Window.Before : now <= window.Until ? Window.Open : Window.Over;
    }
}
