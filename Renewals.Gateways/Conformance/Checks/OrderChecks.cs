using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using static Renewals.Gateways.Conformance.Trial;

namespace Renewals.Gateways.Conformance;

/// <summary>An order takes what it says, once.</summary>
internal static class OrderChecks
{
    /// <summary>ISO 4217's code for tests: no rail takes it.</summary>
    private const string NoCurrency = "XTS";

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("same-order-twice", "The same order sent twice takes the money once, and neither answer says that it was declined.", SameOrderTwiceAsync, NoRepeats),
        new("success-means-paid", "An order is said to have succeeded only once the bank has the money.", SuccessMeansPaidAsync),
        new("amount-is-the-rails", "What an order took is what the rail says, whatever amount was asked about.", AmountIsTheRailsAsync),
        new("currency-is-checked", "An order in a currency the rail does not take takes nothing, in any currency.", CurrencyIsCheckedAsync),
        new("stopped-is-never-paid", "An order that StopCharge declared declined is never paid; one that was not stopped is followed to its end.", StoppedAsync),
    ];

    public static string? NoRepeats(RailTraits traits) =>
        traits.Resend == Resend.Never ? "Resend is Never: this rail is not sent an order twice" : null;

    private static async Task SameOrderTwiceAsync(Trial trial)
    {
        var order = await trial.NewOrderAsync();
        await trial.ChargeAsync(order);
        var second = (await trial.ChargeAsync(order)).Outcome;
        Require(second is not (ChargeOutcome.Declined or ChargeOutcome.Missing or ChargeOutcome.Absent), $"the second time it answered {second}");
        await trial.PaidAsync(order);
        await trial.RestartAsync();
        var third = (await trial.ChargeAsync(order)).Outcome;
        Require(third is not (ChargeOutcome.Declined or ChargeOutcome.Missing or ChargeOutcome.Absent), $"after it was paid it answered {third}");
        await trial.SettledAsync(order);
        await trial.RequirePaidAsync(order);
    }

    private static async Task SuccessMeansPaidAsync(Trial trial)
    {
        var poor = await trial.ReadyAsync();
        await trial.SetBalanceAsync(poor.Member, 0);
        Require(await FollowedAsync(trial, trial.Order(poor)) is ChargeOutcome.Declined, "a member without money was charged");
        Require(await FollowedAsync(trial, await trial.NewOrderAsync()) is ChargeOutcome.Succeeded, "an order with nothing in its way was not paid");
    }

    private static async Task<ChargeOutcome> FollowedAsync(Trial trial, ChargeOrder order)
    {
        await ComparedAsync(trial, order, await trial.ChargeAsync(order));
        await ComparedAsync(trial, order, await trial.QueryAsync(order));
        var outcome = await trial.SettledAsync(order);
        await ComparedAsync(trial, order, await trial.QueryAsync(order));
        return outcome;
    }

    private static async Task ComparedAsync(Trial trial, ChargeOrder order, ChargeAnswer answer)
    {
        var paid = (await trial.LedgerAsync()).FirstOrDefault(line => line.OrderNumber == order.Number.ToString());
        if (answer.Outcome is not ChargeOutcome.Succeeded said)
            return;
        Require(paid is not null, "it said Succeeded while the bank had no such payment");
        Require((said.Amount, said.RailTransaction) == (paid.Amount, paid.RailTransaction), $"it said {said}, the bank has {paid}");
    }

    private static async Task AmountIsTheRailsAsync(Trial trial)
    {
        var (order, paid) = await trial.PaidAsync();
        Require(paid.Amount == order.Amount, $"the rail took {order.Amount}; it said {paid.Amount}");
        foreach (var other in (Money[])[order.Amount with { MinorUnits = order.Amount.MinorUnits + 1 }, order.Amount with { Currency = NoCurrency }])
        {
            var outcome = (await trial.QueryAsync(order with { Amount = other })).Outcome;
            Require(
                outcome is ChargeOutcome.Unknown || (outcome is ChargeOutcome.Succeeded said && said.Amount == paid.Amount),
                $"the rail took {paid.Amount}; asked about {other} it answered {outcome}");
        }
    }

    private static async Task CurrencyIsCheckedAsync(Trial trial)
    {
        var order = await trial.NewOrderAsync();
        var foreign = order with { Amount = order.Amount with { Currency = NoCurrency } };
        var outcome = (await trial.ChargeAsync(foreign)).Outcome;
        Require(outcome is ChargeOutcome.Refused, $"it is a fault of the request, to be Refused; it answered {outcome}");
        await trial.AdvanceAsync(trial.Traits.ChargeDelay + NodaTime.Duration.FromMinutes(10));
        await trial.RequirePaidAsync();
    }

    private static async Task StoppedAsync(Trial trial)
    {
        var order = await trial.NewOrderAsync();
        await trial.ChargeAsync(order);
        var stopped = await trial.CallAsync("StopCharge", token => trial.Adapter.StopChargeAsync(order, token));
        var outcome = await trial.SettledAsync(order);
        if (stopped is { Outcome: ChargeOutcome.Declined, Evidence: Evidence.Conclusive })
            Require(outcome is ChargeOutcome.Declined, $"it was stopped, and then {outcome}");
        await (outcome is ChargeOutcome.Succeeded ? trial.RequirePaidAsync(order) : trial.RequirePaidAsync());
    }
}
