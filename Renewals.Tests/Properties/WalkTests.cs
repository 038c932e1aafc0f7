using CsCheck;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Properties;

/// <summary>Thousands of lives in a hostile world.</summary>
public class WalkTests
{
    private static readonly string[] MustHappen =
    [
        .. typeof(SubscriptionEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(SubscriptionEvent))).Select(type => type.Name),
        .. Enum.GetNames<OverpaidReason>(),
        "replayed", "planned once", "planned again", "first attempt", "next attempt", "sent again", "by Notice", "by SigningConsent", "by MemberPresent",
        "not taken Missing", "not taken Absent", "in the rail's window", "not taken Refused", "not taken NotSent",
        "parked Fault", "parked OutcomeUnknown", "parked Refused", "parked NoLawfulDay", "parked Unreachable", "parked Contradiction",
        "parked RefundImpossible", "parked AgreementUnknown", "parked UnexpectedMoney", "parked AgreementSuspended", "parked CatchUpUndecided", "parked MovedIn", "paid elsewhere", "fits no period", "waits for the statements", "came back", "came back too late", "planned late", .. Enum.GetNames<SwitchReason>().Select(reason => $"switched: {reason}"), "charged with an addition", "given", "skipped", "looked at before a charge", "tried under a budget",
    ];

    [Fact]
    public void No_walk_breaks_a_promise_and_everything_happens_in_some_walk()
    {
        var tally = new Tally();
        Gen.UInt.Array[100, 900].Sample(choices => new Walk(choices, tally).Run(), iter: 6_000, threads: 2, print: choices => $"{choices.Length} choices");
        MustHappen.Where(what => tally[what] == 0).Should().BeEmpty("a rule that never met its case proves nothing");
    }
}
