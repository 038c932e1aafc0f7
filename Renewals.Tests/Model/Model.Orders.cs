using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Model.Model;

namespace Renewals.Tests.Model;

/// <summary>The model of what is heard of an order.</summary>
internal static class OfOrders
{
    public static IReadOnlyList<string> Predict(Life life, Which which, Said said)
    {
        var p = life.Picture;
        return which switch
        {
            Which.ThePaying => OfThePaying(life, p, said),
            Which.NeverOrdered => OfAStranger(life, p, said),
            Which.LostInTheRestore => OfALostOrder(life, p, said),
            Which.Newest => Heard(new(life, p, p.Orders[^1]), said),
            Which.Earlier => Heard(new(life, p, p.Orders[^2]), said),
            _ => throw new ArgumentOutOfRangeException(nameof(which)),
        };
    }

    private static IReadOnlyList<string> OfThePaying(Life life, Picture p, Said said) => said switch
    {
        Said.Paid or Said.RumouredPaid => [""],
        Said.DeclinedNoFunds => [Park(p)],
        Said.PaidAndGivenBack => [life.Facts.Of(Alphabet.Find(life.State!, Which.ThePaying)!.Value) is { WentBack: true } ? "" : Join("refunded", Park(p))],
        _ => throw new ArgumentOutOfRangeException(nameof(said)),
    };

    private static IReadOnlyList<string> OfAStranger(Life life, Picture p, Said said) => said switch
    {
        Said.Missing => [""],
        _ when life.Facts.Settled.Contains(Alphabet.Find(life.State!, Which.NeverOrdered)!.Value) => said == Said.Paid ? [""] : ["", "refunded"],
        Said.Paid => [Join("owed back: NotOrdered", Park(p))],
        Said.PaidAndGivenBack => [Join("owed back: GivenBack", "refunded", Park(p))],
        _ => throw new ArgumentOutOfRangeException(nameof(said)),
    };

    // What such an order was for is not known any more: what the rail took pays, a change of the terms may have been lost, and a person looks.
    private static IReadOnlyList<string> OfALostOrder(Life life, Picture p, Said said)
    {
        var found = new Case(life, p, Found(life));
        if (said == Said.Missing)
            return [""];
        if (said != Said.PaidOtherAmount)
            return [.. Heard(found, said).Select(x => Join("found", x))];
        var paid = Paid(found, beforeTheCancel: false);
        return [paid.StartsWith("paid", StringComparison.Ordinal) ? Join("added", "found", Park(p), paid) : Join("found", paid)];
    }

    // An order that was sent after the moment the ledger was restored to: asked for now.
    private static OrderPicture Found(Life life)
    {
        var ordinal = Alphabet.Find(life.State!, Which.LostInTheRestore)!.Value.Charge.Ordinal;
        return OrderPicture.JustFound(!OrderPicture.BegunAtCancel(life.State!, ordinal));
    }

    private static IReadOnlyList<string> Heard(Case c, Said said) => said switch
    {
        Said.Paid or Said.PaidBeforeTheCancel => [Paid(c, said == Said.PaidBeforeTheCancel)],
        Said.PaidOtherAmount or Said.PaidOtherCurrency => [c.Order.IsSettled ? c.AskingEnds : Join("owed back: WrongAmount", Park(c.P), c.Concluded(AttemptStatus.Declined))],
        Said.PaidAndGivenBack => [GivenBack(c)],
        Said.DeclinedNoFunds => Declined(c, DeclineReason.InsufficientFunds),
        Said.DeclinedForGood => Declined(c, DeclineReason.AccountAbnormal),
        Said.DeclinedClosed => Declined(c, c.Order.Heard ?? DeclineReason.OrderClosed),
        Said.Pending => NothingFinal(c, works: true),
        Said.Unknown => NothingFinal(c),
        Said.Refused or Said.NotSent => NotTaken(c, provesAbsence: false),
        Said.Missing => Missing(c),
        Said.AbsentFromStatements => Absent(c),
        Said.RumouredPaid => Rumour(c, !c.Order.IsSettled, null),
        Said.RumouredDeclined => Rumour(c, c.Order.Status == AttemptStatus.InFlight, DeclineReason.InsufficientFunds),
        _ => throw new ArgumentOutOfRangeException(nameof(said)),
    };

    private static string Paid(Case c, bool beforeTheCancel)
    {
        if (c.Order.IsSettled)
            return c.AskingEnds;
        if (c.Order.ChargeIsPaid)
            return Join("owed back: SecondSuccess", c.Concluded(AttemptStatus.Declined));
        var over = c.P.Status == SubscriptionStatus.Ended;
        var cancelled = c.P.Status == SubscriptionStatus.Cancelled && !c.P.WasNotSigned;
        return over || (cancelled && (!beforeTheCancel || c.Order.IsTooEarly)) ? "owed back: AfterCancel" : Join("paid", Signing.Conclude(c.P, Known.Yes, c.Others));
    }

    private static string GivenBack(Case c)
    {
        if (c.Order.IsSettled)
            return Join(c.Order.OwesRefund ? "refunded" : "", c.AskingEnds);
        var isLookedAt = c.P.Status == SubscriptionStatus.Active && !c.Order.AtCashier && !c.Order.ChargeIsPaid;
        return Join("owed back: GivenBack", "refunded", isLookedAt ? Park(c.P) : "", c.Concluded(AttemptStatus.Declined));
    }

    private static IReadOnlyList<string> Declined(Case c, DeclineReason reason)
    {
        if (c.Order.Status == AttemptStatus.Declined)
            return [c.Order.IsAsked ? "asked for the last time" : ""];
        var unplanned = c.P.Stage == Stage.Unplanned && c.P.Paid > 0;
        var stops = c.P.Status == SubscriptionStatus.Active && !c.Order.ChargeIsPaid && !unplanned;
        var last = Join("declined", stops ? Cancelled(c.Others) : "", c.Concluded(AttemptStatus.Declined));
        return c.MayTryAgain(reason) ? ["declined, again later", last] : [last];
    }

    private static IReadOnlyList<string> NothingFinal(Case c, bool? works = null)
    {
        var reopened = c.Order.Status == AttemptStatus.NotTaken;
        if (!reopened && !c.Order.IsDue)
        {
            // That the rail works on it, or has none, is noted also when nothing was asked: where only statements prove that an order was not taken.
            var isNews = IsCard(c) && c.Order.Status == AttemptStatus.InFlight && works is { } now && now != c.Order.IsAtRail;
            return [!isNews ? "" : c.Order.IsAsked ? "asked" : "asked for the last time"];
        }

        var (first, asks) = reopened ? ("heard", 1) : ("", c.Order.Asks + 1);
        var open = c.Concluded(reopened ? AttemptStatus.InFlight : c.Order.Status);
        var last = Join(first, "asked for the last time", Park(c.P), open);
        var next = Join(first, "asked", asks >= c.Life.World.Limits.MaxAsks ? Park(c.P) : "", open);
        return c.Order.IsForgottenSoon ? [last, next] : [next];
    }

    private static IReadOnlyList<string> Missing(Case c)
    {
        var o = c.Order;
        if (o.Status == AttemptStatus.NotTaken)
            return [""];
        if (o.Status == AttemptStatus.Declined || o.IsForgotten)
            return NothingFinal(c);
        if (IsCard(c))
            return NothingFinal(c, works: false);
        if (!o.WouldBeBelieved)
            return [o.IsDue ? "asked" : ""];
        if (o.AtCashier)
            return c.P.IsSigningOver ? Declined(c, o.Heard ?? DeclineReason.OrderClosed) : NothingFinal(c);
        return NotTaken(c, provesAbsence: true);
    }

    private static bool IsCard(Case c) => c.Life.World.Traits.AbsenceProof == AbsenceProof.TwoStatements;

    private static IReadOnlyList<string> Absent(Case c)
    {
        var o = c.Order;
        return o.Status switch
        {
            AttemptStatus.InFlight when o.IsAtRail => NothingFinal(c),
            AttemptStatus.Declined => [o.IsAsked ? "asked for the last time" : ""],
            AttemptStatus.InFlight when o.AtCashier && c.P.IsSigningOver => Declined(c, o.Heard ?? DeclineReason.OrderClosed),
            _ => NotTaken(c, provesAbsence: true),
        };
    }

    private static IReadOnlyList<string> NotTaken(Case c, bool provesAbsence)
    {
        var (o, p) = (c.Order, c.P);
        if (o.Status != AttemptStatus.InFlight)
            return o.Status == AttemptStatus.Declined ? NothingFinal(c) : [""];
        if (o.AtCashier || p.Status is SubscriptionStatus.Cancelled or SubscriptionStatus.Ended)
            return [Join("not taken", c.Concluded(AttemptStatus.NotTaken))];
        var again = Join(o.SendsOfCharge >= c.Life.World.Limits.MaxSends ? Join("not taken", Park(p)) : "not taken, again later", c.Concluded(AttemptStatus.NotTaken));
        if (!provesAbsence || o.Heard is not { } heard)
            return [again];

        // It was refused at once for a reason of the member's: that was a try, and the policy says whether there is another.
        var declined = Declined(c, heard).Where(x => x != "declined, again later");
        return c.MayTryAgain(heard) ? [again, .. declined] : [.. declined];
    }

    private static IReadOnlyList<string> Rumour(Case c, bool isNews, DeclineReason? reason) =>
        [isNews && !(c.Order.IsDue && (reason is null || reason == c.Order.Heard)) ? "heard" : ""];

    /// <summary>An order of which something is heard.</summary>
    private sealed record Case(Life Life, Picture P, OrderPicture Order)
    {
        /// <summary>The orders in hand without it.</summary>
        public IReadOnlyList<OrderPicture> Others => [.. P.Orders.Where(o => !ReferenceEquals(o, Order))];

        /// <summary>What is known of a settled order ends the asking.</summary>
        public string AskingEnds => Order.IsDue ? "asked for the last time" : "";

        /// <summary>What comes of the signing when the order is now as said.</summary>
        public string Concluded(AttemptStatus now) => Signing.Conclude(P, Signing.PaymentOf(P, [.. Others, Order with { Status = now }]), Others);

        /// <summary>Whether the policy has another step; whether its day is inside the window a picture does not know.</summary>
        public bool MayTryAgain(DeclineReason reason)
        {
            var declines = P.Orders.Sum(o => o.TimesHeard + (o.Status == AttemptStatus.Declined ? 1 : 0));
            return P.Status == SubscriptionStatus.Active && P.Stage != Stage.Unplanned && !Order.ChargeIsPaid
                && World.Terms.Dunning.Rules.Any(rule => rule.Reason == reason && rule.DaysBetweenTries.Count > declines);
        }
    }
}
