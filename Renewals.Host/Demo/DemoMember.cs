using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Demo;

/// <summary>How a member stops renewing.</summary>
internal enum Leaving
{
    /// <summary>Asks the merchant.</summary>
    WithMerchant,

    /// <summary>Closes the agreement in the wallet.</summary>
    InWallet,
}

/// <summary>One member's script, drawn before anything happens.</summary>
/// <param name="Name">The bank's and the merchant's name of the member.</param>
/// <param name="Id">The membership.</param>
/// <param name="Rail">Where.</param>
/// <param name="PlanId">What is bought.</param>
/// <param name="Months">Length of its period.</param>
/// <param name="Scene">Where the member signs.</param>
/// <param name="PaysWhileSigning">Whether the first period is paid at the cashier.</param>
/// <param name="KeepsRenewal">False: switches renewal off at the cashier.</param>
/// <param name="SignsAt">When.</param>
/// <param name="LeavesAt">When renewal is stopped; null: it is not.</param>
/// <param name="How">How it is stopped.</param>
internal sealed record DemoMember(
    string Name, SubscriptionId Id, string Rail, string PlanId, int Months, SigningScene Scene, bool PaysWhileSigning, bool KeepsRenewal, Instant SignsAt,
    Instant? LeavesAt, Leaving How)
{
    private const double MonthlyChurn = 0.008;

    private const string CardRail = "unionpay";

    /// <summary>Draws a member: rails in equal parts, 85 % monthly, 10 % quarterly, 5 % yearly, signing in the first 28 days.</summary>
    public static DemoMember Draw(Draws draws, int number, IReadOnlyList<string> rails, Instant start, int months)
    {
        var name = $"m{number:D6}";
        var share = draws.Of(name, "plan");
        var (plan, length) = share < 0.85 ? ("monthly", 1) : share < 0.95 ? ("quarterly", 3) : ("yearly", 12);
        if (plan == "monthly" && draws.Of(name, "offer") < 0.3)
            plan = "monthly-first-9.9";
        var rail = rails[draws.Below(rails.Count, name, "rail")];

        // Where the merchant hands over the card, nothing is paid while signing.
        var pays = rail != CardRail && draws.Of(name, "cashier") < 0.25;
        var signs = start + Duration.FromDays(draws.Below(28, name, "day")) + Duration.FromHours(9 + draws.Below(12, name, "hour"))
            + Duration.FromMinutes(draws.Below(60, name, "minute"));
        return new(
            name, draws.Subscription(name), rail, plan, length, (SigningScene)draws.Below(4, name, "scene"), pays, !pays || draws.Of(name, "switch") >= 0.02,
            signs, Leaves(draws, name, signs, months), draws.Of(name, "how") < 0.5 ? Leaving.WithMerchant : Leaving.InWallet);
    }

    private static Instant? Leaves(Draws draws, string name, Instant signs, int months)
    {
        for (var month = 0; month < months; month++)
        {
            if (draws.Of(name, "churn", month) < MonthlyChurn)
                return signs + Duration.FromDays(1 + (30 * month) + draws.Below(28, name, "churn-day", month)) + Duration.FromMinutes(draws.Below(1_440, name, "churn-minute", month));
        }

        return null;
    }
}
