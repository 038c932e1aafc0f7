using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>What comes of a question to which the rail has no proof.</summary>
public class QuestionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_question_whose_answer_proves_nothing_is_asked_again_and_parks_nobody(bool namesADecline)
    {
        await using var host = await TestHost.StartAsync();
        host.Rail.OnCharge = _ => Task.FromResult(new ChargeAnswer(new ChargeOutcome.Pending("accepted")));
        ChargeOutcome rumour = namesADecline ? new ChargeOutcome.Declined(DeclineReason.Other, "?") : new ChargeOutcome.Unknown("time-out");
        host.Rail.OnQueryCharge = _ => new(rumour, Evidence.Hint);
        var id = await host.SignAsync();
        await host.SweepUntilAsync<Asked>(id, 2);
        (await host.EventsAsync<Parked>(id)).Should().BeEmpty("nothing is wrong with the membership");
        (await host.FindAsync(id)).InFlight.Should().BeTrue("a rumour concludes nothing");
        host.Rail.OnQueryCharge = null;
        await host.SweepUntilAsync<NotTaken>(id);
    }
}
