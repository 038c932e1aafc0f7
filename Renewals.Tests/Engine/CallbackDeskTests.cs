using System.Runtime.Versioning;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>Callbacks: verified first, stored before they are answered, repeated safely.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class CallbackDeskTests(PostgresFixture postgres)
{
    private static readonly Callback Empty = new(new Dictionary<string, string>(), ReadOnlyMemory<byte>.Empty);

    [Fact]
    public async Task Two_callbacks_at_once_on_two_hosts_are_one_success()
    {
        var (connectionString, time) = (await postgres.CreateDatabaseAsync(), TestHost.Clock());
        await using var first = await TestHost.StartAsync(connectionString, time);
        await using var second = await TestHost.StartAsync(connectionString, time);
        first.Rail.OnCharge = order => Task.FromResult(new ChargeAnswer(new ChargeOutcome.Unknown("time-out")));
        var id = await first.SignAsync();
        foreach (var host in (TestHost[])[first, second])
            host.Rail.OnCallback = _ => Paid(Samples.Order(id, 1));
        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
            (i % 2 == 0 ? first : second).Callbacks.ReceiveAsync(Samples.Account, Empty))));
        replies.Should().OnlyContain(reply => reply.Status == 200);
        (await first.EventsAsync<Charged>(id)).Should().ContainSingle();
        (await first.EventsAsync<Overpaid>(id)).Should().BeEmpty();
        await first.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task News_of_an_order_of_nobody_is_accepted_and_changes_nothing()
    {
        await using var host = await TestHost.StartAsync();
        host.Rail.OnCallback = _ => Paid(Samples.Order(Samples.IdOf(9), 1));
        (await host.Callbacks.ReceiveAsync(Samples.Account, Empty)).Status.Should().Be(200);
        host.Rail.OnCallback = _ => new CallbackReading.OfCharge("not an order number", new(new ChargeOutcome.Missing()));
        (await host.Callbacks.ReceiveAsync(Samples.Account, Empty)).Status.Should().Be(200);
        host.Rail.OnCallback = _ => new CallbackReading.OfAgreement(Samples.Agreement.SigningCode, new AgreementAnswer.NotFound());
        (await host.Callbacks.ReceiveAsync(Samples.Account, Empty)).Status.Should().Be(200);
        (host.Logs.Count(1015), host.Logs.Count(1005)).Should().Be((1, 0), "all three are believed, and one line a minute says it");
        (await host.Ledger.NextAlarmAsync(default)).Should().BeNull();
    }

    [Fact]
    public async Task What_is_genuine_and_nothing_for_us_is_acknowledged_counted_and_changes_nothing()
    {
        await using var host = await TestHost.StartAsync();
        var id = await host.SignAsync();
        var version = (await host.FindAsync(id)).Version;
        var counted = 0L;
        using var listener = new System.Diagnostics.Metrics.MeterListener { InstrumentPublished = (found, own) => own.EnableMeasurementEvents(found) };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (instrument.Name == "renewals.callbacks" && tags.ToArray().Contains(new("result", "nothing-for-us")))
                Interlocked.Add(ref counted, value);
        });
        listener.Start();
        host.Rail.OnCallback = _ => new CallbackReading.NothingForUs("a coupon");
        (await host.Callbacks.ReceiveAsync(Samples.Account, Empty)).Status.Should().Be(200);
        counted.Should().Be(1);
        host.Logs.Count(1013).Should().Be(1);
        host.Logs.Count(1005).Should().Be(0, "nobody need look");
        (await host.FindAsync(id)).Version.Should().Be(version);
    }

    [Fact]
    public async Task A_stranger_cannot_fill_the_log_and_what_was_not_said_is_counted()
    {
        var time = TestHost.Clock();
        var other = new ScriptedRail(time, new("alipay", "2"));
        await using var host = await TestHost.StartAsync(null, time, null, null, other);
        for (var i = 0; i < 4_000; i++)
            await host.Callbacks.ReceiveAsync(Samples.Account, Empty);
        host.Logs.Count(1005).Should().Be(1);
        await host.Callbacks.ReceiveAsync(other.Account, Empty);
        host.Logs.Count(1005).Should().Be(2, "each account has a minute of its own");
        host.Rail.OnCallback = _ => Paid(Samples.Order(Samples.IdOf(9), 1));
        await host.Callbacks.ReceiveAsync(Samples.Account, Empty);
        host.Logs.Count(1015).Should().Be(1, "what is genuine is not silenced by a stranger");
        host.Rail.OnCallback = _ => new CallbackReading.Rejected("forged");
        time.Advance(TimeSpan.FromMinutes(1));
        await host.Callbacks.ReceiveAsync(Samples.Account, Empty);
        await host.Callbacks.ReceiveAsync(Samples.Account, Empty);
        host.Logs.Texts(1005).Should().HaveCount(3).And.Subject.Last().Should().Contain("3999 more since");
    }

    [Fact]
    public async Task What_one_rail_says_is_no_evidence_of_anothers_orders()
    {
        var time = TestHost.Clock();
        var other = new ScriptedRail(time, new("alipay", "2"));
        await using var host = await TestHost.StartAsync(null, time, null, null, other);
        host.Rail.OnCharge = order => Task.FromResult(new ChargeAnswer(new ChargeOutcome.Unknown("time-out")));
        var id = await host.SignAsync();
        other.OnCallback = _ => Paid(Samples.Order(id, 1));
        (await host.Callbacks.ReceiveAsync(other.Account, Empty)).Status.Should().Be(200);
        (await host.EventsAsync<Charged>(id)).Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_not_verified_too_large_or_breaks_the_adapter_is_refused_and_changes_nothing()
    {
        await using var host = await TestHost.StartAsync();
        var id = await host.SignAsync();
        var version = (await host.FindAsync(id)).Version;
        (await host.Callbacks.ReceiveAsync(Samples.Account, Empty)).Should().Be(new CallbackReply(500, "text/plain", "not verified"));
        host.Rail.OnCallback = _ => Paid(Samples.Order(id, 2));
        (await host.Callbacks.ReceiveAsync(Samples.Account, Empty with { Body = new byte[65_537] })).Status.Should().Be(500);
        host.Rail.OnCallback = _ => throw new FormatException("garbage");
        (await host.Callbacks.ReceiveAsync(Samples.Account, Empty)).Body.Should().Be("not verified");
        (await host.FindAsync(id)).Version.Should().Be(version);
    }

    [Fact]
    public async Task What_an_adapter_says_when_it_breaks_is_not_logged_its_kind_and_place_are()
    {
        await using var host = await TestHost.StartAsync();
        host.Rail.OnCallback = _ => throw new FormatException("'6222021234567890128' is no number", new TimeoutException("after 3 s"));
        await host.Callbacks.ReceiveAsync(Samples.Account, Empty);
        var logged = host.Logs.Exceptions.Should().ContainSingle(entry => entry.Id.Id == 1012).Subject.Text;
        logged.Should().StartWith("System.FormatException ---> System.TimeoutException: after 3 s\n").And.Contain("   at ").And.NotContain("6222021234567890128");
    }

    [Fact]
    public async Task A_sign_notification_that_comes_after_the_unsign_does_not_begin_a_membership()
    {
        await using var host = await TestHost.StartAsync();
        host.Rail.OnQueryAgreement = _ => new AgreementAnswer.Unknown("time-out");
        var id = await host.SignAsync();
        var agreement = (await host.FindAsync(id)).Agreement.Id;
        host.Rail.OnCallback = _ => new CallbackReading.OfAgreement(
            agreement.SigningCode, new AgreementAnswer.Terminated(Core.Gateways.TerminationMode.Member, Samples.Now + Duration.FromMinutes(2)));
        (await host.Callbacks.ReceiveAsync(Samples.Account, Empty)).Status.Should().Be(200);
        var version = (await host.FindAsync(id)).Version;
        host.Rail.OnCallback = _ => new CallbackReading.OfAgreement(
            agreement.SigningCode, new AgreementAnswer.Active("c1", null, Samples.Now + Duration.FromMinutes(1), null));
        (await host.Callbacks.ReceiveAsync(Samples.Account, Empty)).Status.Should().Be(200, "it is taken, and old");
        (await host.SweepAsync()).Should().Be(0);
        var after = await host.FindAsync(id);
        (after.Status, after.Agreement.Status, after.Version).Should().Be((SubscriptionStatus.Ended, Core.Agreements.AgreementStatus.Abandoned, version));
        (await host.Ledger.FindAgreementAsync(agreement, default))!.Status.Should().Be(Core.Agreements.AgreementStatus.Abandoned);
        host.Rail.Orders.Should().BeEmpty();
    }

    [Fact]
    public async Task A_suspended_agreement_is_charged_once_the_rail_says_that_it_is_in_force_again()
    {
        await using var host = await TestHost.StartAsync();
        var id = await host.SignAsync();
        host.Rail.OnQueryAgreement = _ => new AgreementAnswer.Suspended("STOP");
        var agreement = (await host.FindAsync(id)).Agreement.Id;
        host.Rail.OnCallback = _ => new CallbackReading.OfAgreement(agreement.SigningCode, new AgreementAnswer.Suspended("STOP"));
        await host.Callbacks.ReceiveAsync(Samples.Account, Empty);
        await host.SweepUntilAsync<AgreementAsked>(id, 3);
        (host.Rail.Notices.Count, host.Rail.Orders.Count).Should().Be((0, 1), "only the first period was paid");
        host.Rail.OnQueryAgreement = null;
        await host.SweepUntilAsync<Charged>(id, 2);
        (await host.Ledger.FindAgreementAsync(agreement, default))!.Status.Should().Be(Core.Agreements.AgreementStatus.Active);
        await host.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task News_that_could_not_be_stored_is_delivered_again()
    {
        await using var host = await TestHost.StartAsync();
        host.Rail.OnCharge = order => Task.FromResult(new ChargeAnswer(new ChargeOutcome.Unknown("time-out")));
        var id = await host.SignAsync();
        host.Rail.OnCallback = _ => Paid(Samples.Order(id, 1));
        var ledger = (InMemoryLedger)host.Ledger;
        ledger.AfterCommit = () => throw new IOException("the connection broke");
        (await host.Callbacks.ReceiveAsync(Samples.Account, Empty)).Status.Should().Be(500);
        ledger.AfterCommit = null;
        (await host.Callbacks.ReceiveAsync(Samples.Account, Empty)).Status.Should().Be(200);
        (await host.EventsAsync<Charged>(id)).Should().ContainSingle();

        ledger.Spoil(id, _ => null);
        var lost = () => host.Callbacks.ReceiveAsync(Samples.Account, Empty);
        await lost.Should().ThrowAsync<InvalidOperationException>().WithMessage("*rebuild it*");
    }

    [Fact]
    public async Task A_rails_agreement_held_by_another_membership_calls_a_person_and_is_not_asked_for_ever()
    {
        await using var host = await TestHost.StartAsync();
        await host.SignAsync(1);
        host.Rail.OnQueryAgreement = _ => new AgreementAnswer.Active("contract-" + new Core.Agreements.AgreementId(EventIds.Named(Samples.IdOf(1).Value, "agreement/1")), null, Samples.Now, null);
        var id = await host.SignAsync(2);
        (await host.EventsAsync<Parked>(id)).Should().ContainSingle(e => e.Reason == ParkReason.Contradiction);
        (await host.EventsAsync<AgreementAsked>(id)).Should().ContainSingle();
        (await host.SweepAsync()).Should().Be(0);
        ((await host.FindAsync(id)).Agreement.AskAt > Instant.FromDateTimeOffset(host.Time.GetUtcNow())).Should().BeTrue();
    }

    private static CallbackReading.OfCharge Paid(OrderNumber order) =>
        new(order.ToString(), new(new ChargeOutcome.Succeeded(Money.Cny(990), "T1", Samples.Now + Duration.FromMinutes(10))));
}
