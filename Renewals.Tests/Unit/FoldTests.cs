using Renewals.Core.Agreements;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Unit;

/// <summary>A stream that is none is refused, and the refusal says what is wrong: it is what parks a membership.</summary>
public class FoldTests
{
    [Fact]
    public void A_membership_is_begun_once_and_first()
    {
        var enrolled = Samples.Enrolled(Samples.IdOf(1));
        var state = Evolve.Next(null, enrolled);
        Refused(() => Evolve.Next(state, enrolled), $"{state.Id}*enrolled*");
        Refused(() => Evolve.Next(null, new Unparked("ann", "looked", Samples.Now)), $"*{nameof(Enrolled)}*");
        Refused(() => Evolve.Next(state, new Strange()), $"*{nameof(Strange)}*");
        Refused(() => Decide.On(null, new SubscriptionCommand.Wake(), new(Samples.Now, Scenario.PreNotice, DecisionLimits.Default)), "*Wake*");
    }

    private static void Refused(Action act, string words) => act.Should().Throw<InvalidOperationException>().WithMessage("*" + words);

    private sealed record Strange() : SubscriptionEvent(Samples.Now);
}
