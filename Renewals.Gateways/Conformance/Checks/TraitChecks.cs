using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using static Renewals.Gateways.Conformance.Trial;

namespace Renewals.Gateways.Conformance;

/// <summary>What an adapter declares of its rail is so: the engine plans by it.</summary>
internal static class TraitChecks
{
    private static readonly Duration LongestTried = Duration.FromDays(730);

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("trait-settle-delay", "An order the rail took is no longer Missing once the settle delay is over.", SettleDelayAsync),
        new("trait-remembers-orders", "An order is still answered at the end of RemembersOrders (tried for two years at most).", RemembersOrdersAsync),
        new("trait-order-lifetime", "An order that arrives after it has ended takes nothing.", OrderLifetimeAsync, NoLifetime),
        new("trait-notice", "Without its notice the rail takes no charge once the signing consent is over; after it, on the first day the rule names, it does.", NoticeAsync, NoNotice),
        new("trait-plan", "Outside the window of its own date the rail takes no charge; inside it does, on the first day the rule names.", PlanAsync, NoPlan),
        new("trait-plan-moves", "The rail's own date can be moved to a later day, and then that day's window counts.", PlanMovesAsync, NoPlan),
        new("lacking-is-refused", "Where the rail has no notice or no dates of its own, AnnounceAtRail and MovePlan are Refused.", LackingAsync, LacksNothing),
    ];

    private static async Task SettleDelayAsync(Trial trial)
    {
        var order = await trial.NewOrderAsync();
        await trial.ChargeOverBrokenLineAsync(order, WireFault.AnswerLost);
        await trial.AdvanceAsync(trial.Traits.SettleDelay);
        var outcome = (await trial.QueryAsync(order)).Outcome;
        Require(outcome is not (ChargeOutcome.Missing or ChargeOutcome.Absent), $"SettleDelay is {trial.Traits.SettleDelay}; after it the order was {outcome}");
        await trial.PaidAsync(order);
    }

    private static async Task RemembersOrdersAsync(Trial trial)
    {
        var (order, paid) = await trial.PaidAsync();
        await trial.AdvanceAsync(Duration.Min(trial.Traits.RemembersOrders - Duration.FromHours(1), LongestTried));
        var outcome = (await trial.QueryAsync(order)).Outcome;
        Require(outcome == paid, $"RemembersOrders is {trial.Traits.RemembersOrders}; near its end the order was {outcome}");
    }

    private static string? NoLifetime(RailTraits traits) => traits.OrderLifetime is null ? "OrderLifetime is null: orders do not end by themselves" : null;

    private static async Task OrderLifetimeAsync(Trial trial)
    {
        var order = await trial.NewOrderAsync();
        await trial.AdvanceAsync(trial.Traits.OrderLifetime!.Value + Duration.FromMinutes(1));
        var outcome = (await trial.ChargeAsync(order)).Outcome;
        Require(outcome is not (ChargeOutcome.Succeeded or ChargeOutcome.Pending), $"its lifetime was over, and it answered {outcome}");
        await RequireNothingAsync(trial);
    }

    private static string? NoNotice(RailTraits traits) => traits.Notice is null ? "Notice is null: the rail requires none from us" : null;

    private static async Task NoticeAsync(Trial trial)
    {
        var party = await trial.SignAsync();
        await trial.AdvanceAsync(trial.Traits.SigningConsent + Duration.FromHours(1));
        await trial.OpenHoursAsync();
        await RequireNotTakenAsync(trial, party, "no notice was sent");
        await trial.AnnounceAsync(party.Agreement, trial.Traits.Notice!);
        await RequireTakenAsync(trial, party);
    }

    private static string? NoPlan(RailTraits traits) => traits.Plan is null ? "Plan is null: the rail keeps no dates of its own" : null;

    private static LocalDate LaterDate(Trial trial, int days)
    {
        var date = trial.Today.PlusDays(days);
        while (date.Day > trial.Traits.Plan!.LastDayOfMonth)
            date = date.PlusDays(1);
        return date;
    }

    private static async Task PlanAsync(Trial trial)
    {
        var rule = trial.Traits.Plan!;
        var date = LaterDate(trial, rule.WindowDays + 5);
        var party = await trial.SignAsync(date);
        await RequireNotTakenAsync(trial, party, "the window was not open");
        await trial.AdvanceToAsync(date.PlusDays(-rule.WindowDays) + trial.Traits.OpensAt);
        await trial.OpenHoursAsync();
        await RequireTakenAsync(trial, party);
    }

    private static async Task PlanMovesAsync(Trial trial)
    {
        var rule = trial.Traits.Plan!;
        var party = await trial.SignAsync();
        var date = LaterDate(trial, rule.WindowDays + 5);
        var answer = await trial.CallAsync("MovePlan", token => trial.Adapter.MovePlanAsync(party.Agreement, date, token));
        Require(answer is RailNoticeAnswer.Accepted, $"the date was to be moved to a later day; it answered {answer}");
        await RequireNotTakenAsync(trial, party, "the date was moved away");
        await trial.AdvanceToAsync(date.PlusDays(-rule.WindowDays) + trial.Traits.OpensAt);
        await trial.OpenHoursAsync();
        await RequireTakenAsync(trial, party);
    }

    private static async Task RequireNotTakenAsync(Trial trial, Party party, string because)
    {
        var outcome = (await trial.ChargeAsync(trial.Order(party))).Outcome;
        Require(outcome is not (ChargeOutcome.Succeeded or ChargeOutcome.Pending), $"{because}, and it answered {outcome}");
        await RequireNothingAsync(trial);
    }

    private static async Task RequireNothingAsync(Trial trial)
    {
        await trial.AdvanceAsync(trial.Traits.ChargeDelay + Duration.FromMinutes(10));
        await trial.RequirePaidAsync();
    }

    private static async Task RequireTakenAsync(Trial trial, Party party)
    {
        var order = trial.Order(party, attempt: 2);
        await trial.ChargeAsync(order);
        await trial.PaidAsync(order);
        await trial.RequirePaidAsync(order);
    }

    private static string? LacksNothing(RailTraits traits) => traits is { Notice: not null, Plan: not null } ? "Notice and Plan are both set" : null;

    private static async Task LackingAsync(Trial trial)
    {
        var agreement = (await trial.SignAsync()).Agreement;
        if (trial.Traits.Notice is null)
        {
            var notice = await trial.CallAsync("AnnounceAtRail", token => trial.Adapter.AnnounceAtRailAsync(new(agreement, trial.Stage.Price), token));
            Require(notice is RailNoticeAnswer.Refused, $"Notice is null, and AnnounceAtRail answered {notice}");
        }

        if (trial.Traits.Plan is null)
        {
            var move = await trial.CallAsync("MovePlan", token => trial.Adapter.MovePlanAsync(agreement, trial.Today.PlusDays(20), token));
            Require(move is RailNoticeAnswer.Refused, $"Plan is null, and MovePlan answered {move}");
        }
    }
}
