using Renewals.Core.Agreements;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Model;

/// <summary>
/// The model: what business expects to be decided, from the picture alone, and what becomes of the picture. It is written from the promises and not
/// from the code. What depends on instants that a picture does not have is left open: then several sentences are right.
/// </summary>
internal static class Model
{
    /// <summary>The model as a rule: the real code does, in every step, one of the things the model predicts.</summary>
    public static readonly Rule Agrees = new(
        "AS-THE-MODEL-SAYS", "In every step the real code decides what the model predicts, and folds it to the picture the model predicts.",
        (_, a) => a.Last is { Fault: null }, (b, a) => WhyNot(b, a) is null);

    /// <summary>Where the real code differs from the model; null when it does not.</summary>
    public static string? WhyNot(Life before, Life after)
    {
        var step = after.Last!;
        if (step.Command is SubscriptionCommand.Wake)
            return OfWaking.WhyNot(before, step) ?? OfFold.WhyNot(before.Picture, step, after.Picture);
        var right = Predict(before, step);
        return right.Contains(step.Sentence) ? OfFold.WhyNot(before.Picture, step, after.Picture) : $"decided '{step.Sentence}', expected '{string.Join("' or '", right)}'";
    }

    private static IReadOnlyList<string> Predict(Life life, Step step) => (step.Act, step.Arg) switch
    {
        ("enrols", bool pays) => [pays ? "enrolled, ordered" : "enrolled"],
        ("order", ValueTuple<Which, Said> x) => OfOrders.Predict(life, x.Item1, x.Item2),
        ("agreement", OfAgreement x) => OfAgreements(life, x),
        ("notice", OfNotice x) => OfNotices(life, x),
        ("rail notice", OfRailNotice x) => [$"rail notice {x}"],
        ("rail date", OfRailNotice x) => OfRailDates(life, x),
        ("refund", OfRefund x) => OfRefunds(life, step, x),
        ("cancels", bool atOnce) => life.Picture.Status == SubscriptionStatus.Cancelled ? (atOnce ? ["", Cancelled(life.Picture.Orders)] : [""]) : [Cancelled(life.Picture.Orders)],
        ("parks", _) => ["parked"],
        ("unparks", _) => ["unparked"],
        _ => throw new InvalidOperationException($"The model does not know '{step.Act}'."),
    };

    private static IReadOnlyList<string> OfAgreements(Life life, OfAgreement x)
    {
        var p = life.Picture;
        var payment = Signing.PaymentOf(p);
        return x switch
        {
            OfAgreement.Signed => [Join("agreement Active", p.Status == SubscriptionStatus.Signing ? Signing.Conclude(payment, true, p.Orders) : "")],
            OfAgreement.Abandoned => [Join("agreement Abandoned", p.Status == SubscriptionStatus.Signing ? Signing.Conclude(payment, false, p.Orders) : "")],
            OfAgreement.EndedInTheWallet =>
            [
                Join("agreement Terminated", p.Status switch
                {
                    SubscriptionStatus.Signing => Signing.Conclude(payment, false, p.Orders),
                    SubscriptionStatus.Active => Cancelled(p.Orders),
                    _ => "",
                }),
            ],
            OfAgreement.EndConfirmed => ["agreement Terminated"],
            OfAgreement.Suspended => ["agreement Suspended"],
            OfAgreement.StillSigning or OfAgreement.StillSuspended or OfAgreement.EndNotConfirmed => Asked(p),
            OfAgreement.InForce => InForce(p),
            OfAgreement.NoAnswer => p.Due.Contains(DutyKind.ReadRailDate) ? [.. Asked(p), Join("agreement asked, goes on without", Park(p))] : ["agreement asked", "agreement asked, goes on without"],
            _ => throw new ArgumentOutOfRangeException(nameof(x)),
        };
    }

    // A question answered with nothing new is asked again, or it was the last and a person looks.
    private static IReadOnlyList<string> Asked(Picture p) => ["agreement asked", Join("agreement asked for the last time", Park(p))];

    // One answer may serve two questions: whether it is in force, and the rail's own date.
    private static IReadOnlyList<string> InForce(Picture p) => (p.Due.Contains(DutyKind.VerifyAgreement), p.Due.Contains(DutyKind.ReadRailDate)) switch
    {
        (true, true) => ["looked at, date known"],
        (true, false) => ["looked at", "looked at, date known"],
        _ => ["date known"],
    };

    private static IReadOnlyList<string> OfNotices(Life life, OfNotice x) => x switch
    {
        OfNotice.Failed when !life.Picture.Due.Contains(DutyKind.Announce) => ["", "not told", Join("not told", Park(life.Picture))],
        OfNotice.Failed => ["not told", Join("not told", Park(life.Picture))],
        _ => ["told"],
    };

    // A look at the agreement that had no answer, at the same moment, goes on waiting for its turn.
    private static IReadOnlyList<string> OfRailDates(Life life, OfRailNotice x) =>
        x == OfRailNotice.Accepted ? life.Picture.IsAgreementAsked ? ["date known", "date known, agreement asked"] : ["date known"]
        : life.Picture.Due.Contains(DutyKind.MoveRailDate) ? Asked(life.Picture) : [""];

    private static IReadOnlyList<string> OfRefunds(Life life, Step step, OfRefund x)
    {
        var p = life.Picture;
        return x switch
        {
            OfRefund.Refunded => ["refunded"],
            OfRefund.Pending or OfRefund.Unknown when !p.Due.Contains(DutyKind.AskRefund) => [""],
            OfRefund.Pending or OfRefund.Unknown => ["asked", Join("asked for the last time", Park(p)), ""],
            OfRefund.Missing or OfRefund.Refused => ["not taken, again later"],
            OfRefund.Impossible => [Join("not taken", Park(p))],
            OfRefund.MadeElsewhere => [step.Command is SubscriptionCommand.RecordRefund r && life.Facts.Of(r.Order) is { WentBack: true } ? "" : "refunded"],
            _ => throw new ArgumentOutOfRangeException(nameof(x)),
        };
    }

    /// <summary>Renewal stops, and what is in flight is asked about at once.</summary>
    public static string Cancelled(IEnumerable<OrderPicture> orders) => Join(["cancelled", .. orders.Where(o => o.IsLookedAfter).Select(_ => "heard")]);

    public static string Park(Picture p) => p.IsParked ? "" : "parked";

    public static string Join(params string[] words) => string.Join(", ", words.Where(w => w.Length > 0));
}

/// <summary>Paying and signing come separately and in any order: what follows when both are known.</summary>
internal static class Signing
{
    /// <summary>What is known of the first payment; null when none was asked for at the cashier.</summary>
    public static Known? PaymentOf(Picture p, IReadOnlyList<OrderPicture>? orders = null)
    {
        orders ??= p.Orders;
        return p.Paid > 0 ? Known.Yes
            : !orders.Any(o => o.AtCashier) ? null
            : orders.Any(o => o.Status == AttemptStatus.InFlight) ? Known.Unknown
            : Known.No;
    }

    public static string Conclude(Picture p, Known? payment, IEnumerable<OrderPicture> orders) => p.Status == SubscriptionStatus.Signing && p.Agreement != AgreementStatus.Signing
        ? Conclude(payment, p.Agreement is AgreementStatus.Active or AgreementStatus.Suspended, orders)
        : "";

    public static string Conclude(Known? payment, bool signed, IEnumerable<OrderPicture> orders) => (payment, signed) switch
    {
        (Known.Unknown, _) => "",
        (null or Known.Yes, true) => "begun",
        (Known.Yes, false) or (Known.No, true) => Model.Cancelled(orders),
        _ => "ended",
    };
}
