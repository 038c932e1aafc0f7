using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Model;

/// <summary>The model of waking: everything that is decided is called for by a duty that is due, and nothing else is.</summary>
internal static class OfWaking
{
    private static readonly IReadOnlyDictionary<DutyKind, string[]> Calls = new Dictionary<DutyKind, string[]>
    {
        [DutyKind.PlanCycle] = ["planned", "skipped", "days moved", "parked"],
        [DutyKind.MoveRailDate] = ["planned", "skipped", "days moved", "parked"],
        [DutyKind.Announce] = ["planned", "skipped", "days moved", "parked", "notice postponed"],
        [DutyKind.Remind] = ["notice postponed"],
        [DutyKind.AnnounceAtRail] = ["rail told", "postponed", "planned", "skipped", "days moved", "parked"],
        [DutyKind.Charge] = ["ordered", "ordered again", "postponed", "planned", "skipped", "days moved", "parked"],
        [DutyKind.Refund] = ["refund sent", "not taken", "parked"],
        [DutyKind.Terminate] = ["agreement Terminating"],
        [DutyKind.End] = ["ended"],
    };

    public static string? WhyNot(Life before, Step step)
    {
        if (before.IsFrozen)
            return step.Sentence.Length == 0 ? null : $"frozen, and decided '{step.Sentence}'";
        var atLimit = step.Arg is Moment.AlarmAtTheLimitOfEvents;
        var due = new HashSet<string>(atLimit ? ["parked"] : []);
        foreach (var (state, e) in step.Story)
        {
            due.UnionWith(Duty.Of(state!).Where(duty => duty.Due <= step.Context.Now).SelectMany(duty => Calls.GetValueOrDefault(duty.Kind, [])));
            if (!due.Contains(Words.Of(e)))
                return $"decided '{Words.Of(e)}', and nothing that is due calls for it";
        }

        return null;
    }
}

/// <summary>The model of the fold: what a decision makes of the picture.</summary>
internal static class OfFold
{
    public static string? WhyNot(Picture before, Step step, Picture after)
    {
        var (status, agreement, parked, orders) = (before.Status, before.Agreement, before.IsParked, before.Orders.Count(IsOpen));
        foreach (var word in step.Events.Select(Words.Of))
        {
            status = word switch
            {
                "enrolled" => SubscriptionStatus.Signing,
                "begun" => SubscriptionStatus.Active,
                "cancelled" => SubscriptionStatus.Cancelled,
                "ended" => SubscriptionStatus.Ended,
                _ => status,
            };
            agreement = word.StartsWith("agreement ", StringComparison.Ordinal) && Enum.TryParse<AgreementStatus>(word["agreement ".Length..], out var said) ? said : agreement;
            parked = word == "parked" || (word != "unparked" && parked);
        }

        return (after.Status, after.Agreement, after.IsParked) != (status, agreement, parked)
            ? $"folded to {after.Status}, {after.Agreement}, parked {after.IsParked}; expected {status}, {agreement}, parked {parked}"
            : OfMoney(step, after, before.Paid, orders);
    }

    // Paid periods only grow, by what is paid; an order is open from when it is sent or found until it is paid, declined, owed back or not taken.
    private static string? OfMoney(Step step, Picture after, int paid, int open)
    {
        var sent = step.Events.Count(e => e is Requested or OrderFound || e is Hinted);
        var closed = step.Events.Count(e => e is Charged or Failed or Overpaid || e is NotTaken { Order.IsRefund: false });
        var (least, most) = (open - closed, open + sent);
        var now = after.Orders.Count(IsOpen);
        if (now < Math.Min(least, most) || now > most)
            return $"{now} orders are open; expected {least} to {most}";
        return step.Has<Charged>() ? after.Paid == 0 ? "paid, and no period is" : null : after.Paid != paid ? $"{after.Paid} periods are paid; expected {paid}" : null;
    }

    private static bool IsOpen(OrderPicture order) => order.Status == AttemptStatus.InFlight;
}
