using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>Looks at agreements, carried out: within their share of the rail's rate, and recorded in both streams.</summary>
public sealed class VerificationTests
{
    [Fact]
    public async Task Looks_that_nothing_waits_for_keep_to_their_share_and_a_notice_that_is_due_gets_its_look_at_once()
    {
        await using var host = await StartAsync();
        var ids = new List<SubscriptionId>();
        for (var number = 1; number <= 10; number++)
            ids.Add(await host.SignAsync(number));
        foreach (var id in ids)
            await host.SweepUntilAsync<CyclePlanned>(id);
        var announceAt = (await host.FindAsync(ids[0])).Cycle!.AnnounceAt;
        var asked = 0;
        host.Rail.OnQueryAgreement = order =>
        {
            asked++;
            return new AgreementAnswer.Active("contract-" + order.Agreement, null, Samples.Now, null);
        };
        MoveTo(host.Time, announceAt - Duration.FromHours(1));
        await host.SweepAsync();
        asked.Should().Be(1, "a tenth of the ten permits");
        await host.SweepAsync();
        asked.Should().Be(1, "the others are left alone for a minute");
        host.Time.Advance(TimeSpan.FromSeconds(61));
        await host.SweepAsync();
        asked.Should().Be(2);
        host.Rail.Notices.Should().BeEmpty();
        MoveTo(host.Time, announceAt);
        await host.SweepAsync();
        (asked, host.Rail.Notices.Count).Should().Be((10, 10), "every notice had its look, and none is late");
        await host.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task Both_streams_say_that_an_agreement_was_verified_and_the_charge_comes_on_its_day()
    {
        await using var host = await StartAsync();
        var id = await host.SignAsync();
        await host.SweepUntilAsync<Charged>(id, 2);
        var verified = await host.EventsAsync<AgreementVerified>(id);
        verified.Should().HaveCount(2, "before the notice and before the charge");
        var order = (await host.EventsAsync<Requested>(id))[^1];
        var cycle = (await host.EventsAsync<CyclePlanned>(id)).Single().Plan;
        order.At.Should().Be(cycle.ChargeFrom);
        verified[1].At.Should().BeInRange(order.At - cycle.VerifyLead!.Value, order.At);
        (await host.Ledger.FindAgreementAsync((await host.FindAsync(id)).Agreement.Id, default))!.Version.Should().Be(4, "started, agreed, twice verified");
    }

    [Fact]
    public async Task An_agreement_found_ended_ends_the_membership_without_a_notice_or_a_charge()
    {
        await using var host = await StartAsync();
        var id = await host.SignAsync();
        host.Rail.OnQueryAgreement = _ => new AgreementAnswer.Terminated(TerminationMode.Member, Samples.Now + Duration.FromDays(3));
        await host.SweepUntilAsync<Ended>(id);
        (await host.EventsAsync<Cancelled>(id)).Should().ContainSingle().Which.By.Should().Be(CancelledBy.Wallet);
        (host.Rail.Notices.Count, host.Rail.Orders.Count).Should().Be((0, 1), "only the first period was paid");
        (await host.FindAsync(id)).Agreement.Status.Should().Be(AgreementStatus.Terminated);
    }

    [Fact]
    public async Task A_rail_that_never_answers_delays_no_notice_and_no_charge()
    {
        await using var host = await StartAsync();
        var id = await host.SignAsync();
        host.Rail.OnQueryAgreement = _ => new AgreementAnswer.Unknown("time-out");
        await host.SweepUntilAsync<Charged>(id, 2);
        var cycle = (await host.EventsAsync<CyclePlanned>(id)).Should().ContainSingle().Subject.Plan;
        (await host.EventsAsync<Requested>(id))[^1].At.Should().Be(cycle.ChargeFrom);
        (await host.EventsAsync<Announced>(id)).Single().At.Should().Be(cycle.AnnounceAt);
        (await host.EventsAsync<AgreementAsked>(id)).Count(e => e.GoesOnUntil is not null).Should().Be(2, "it says that it went on without an answer");
        (await host.EventsAsync<AgreementVerified>(id)).Should().BeEmpty();
        (await host.EventsAsync<Parked>(id)).Should().BeEmpty();
    }

    private static Task<TestHost> StartAsync()
    {
        var time = TestHost.Clock();
        var rail = new ScriptedRail(time);
        rail.Traits = rail.Traits with { CanAskForAgreements = true };
        return TestHost.StartAsync(null, time, rail, options => options.Engine.BatchSize = 10);
    }

    private static void MoveTo(FakeTimeProvider time, Instant instant) => time.Advance(instant.ToDateTimeOffset() - time.GetUtcNow());
}
