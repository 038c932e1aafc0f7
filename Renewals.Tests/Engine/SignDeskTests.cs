using System.Runtime.Versioning;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>Signing: checked, stored, then shown; a double tap is one signing.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class SignDeskTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_double_tap_gives_the_same_signing()
    {
        await using var host = await TestHost.StartAsync();
        var first = await host.Members.SignAsync(TestHost.Request(1));
        host.Time.Advance(TimeSpan.FromMinutes(1));
        var second = await host.Members.SignAsync(TestHost.Request(2, "m1"));
        second.Should().Be(first).And.BeOfType<SignResult.Ready>();
        host.Rail.Signings.Distinct().Should().ContainSingle("a repeat carries what the first did");
        host.Rail.Signings.First().StartedAt.Should().Be(Samples.Now);
        (await host.Ledger.FindAsync(Samples.IdOf(2), default)).Should().BeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Taps_at_one_moment_give_one_signing(bool sameId)
    {
        await using var host = await TestHost.StartAsync(await postgres.CreateDatabaseAsync());
        var taps = await Task.WhenAll(Enumerable.Range(1, 6).Select(i => Task.Run(() =>
            host.Members.SignAsync(TestHost.Request(sameId ? 1 : i, "m1") with { PayerId = "openid" }))));
        var ready = taps.Should().AllBeOfType<SignResult.Ready>().Which.ToList();
        ready.Select(tap => tap.Id).Distinct().Should().ContainSingle();
        (await host.Ledger.FindOfMemberAsync("m1", Samples.Account, default)).Should().Equal(ready[0].Id);
        await host.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task What_cannot_be_signed_says_why_and_stores_nothing()
    {
        var time = TestHost.Clock();
        var rail = new ScriptedRail(time);
        var impossible = TestHost.Monthly(rail) with { Id = "never" };
        await using var host = await TestHost.StartAsync(null, time, rail, options =>
        {
            options.Plans.Add(TestHost.Monthly() with { Id = "elsewhere" });
            options.Plans.Add(impossible);
        });
        await CannotAsync(host, TestHost.Request(1) with { PlanId = "weekly" }, "There is no plan 'weekly'; the plans are: elsewhere, monthly, never.");
        await CannotAsync(host, TestHost.Request(1) with { PlanId = "elsewhere" }, "Plan 'elsewhere' is not sold at wechat:1900000109; add the rail's template to the plan.");
        rail.Traits = rail.Traits with { Notice = new RailNoticeRule(80, 1) };
        await CannotAsync(host, TestHost.Request(1) with { PlanId = "never" }, "Plan 'never' cannot renew at this rail: *");
        (await host.Ledger.FindAsync(Samples.IdOf(1), default)).Should().BeNull();
        (await host.Ledger.NextAlarmAsync(default)).Should().BeNull();
        rail.Signings.Should().BeEmpty();
    }

    [Fact]
    public async Task Another_members_id_is_never_signed_for()
    {
        await using var host = await TestHost.StartAsync();
        await host.Members.SignAsync(TestHost.Request(1));
        await CannotAsync(host, TestHost.Request(1, "m2"), "*another member's membership*");
    }

    [Fact]
    public async Task A_signing_in_progress_is_of_what_was_agreed_to_and_of_nothing_else()
    {
        var time = TestHost.Clock();
        var rail = new ScriptedRail(time);
        await using var host = await TestHost.StartAsync(null, time, rail, options => options.Plans.Add(TestHost.Monthly(rail) with { Id = "dear", Price = Money.Cny(9900) }));
        await host.Members.SignAsync(TestHost.Request(1));
        var again = TestHost.Request(2, "m1");
        foreach (var (other, because) in new[]
        {
            (again with { PlanId = "dear" }, "another plan, 'monthly'"), (again with { Wish = new() { Price = Money.Cny(1900) } }, "another price"),
            (again with { StartsOn = new(2026, 3, 1) }, "another start"), (again with { PayWhileSigning = true }, "the first payment made otherwise"),
            (again with { Consent = new("v2", "hash", true, "app", "zh-CN", Samples.Now) }, "another consent"),
        })
            await FluentActions.Awaiting(() => host.Members.SignAsync(other)).Should().ThrowAsync<CannotDoException>().WithMessage($"The member is signing {Samples.IdOf(1)} already, with {because}*");
        host.Rail.Signings.Should().ContainSingle();
        (await host.Members.SignAsync(again)).Should().BeOfType<SignResult.Ready>("the same once more is a double tap").Which.Id.Should().Be(Samples.IdOf(1));
    }

    [Fact]
    public async Task An_offer_for_new_members_is_had_once_at_whatever_account_also_after_an_end()
    {
        var time = TestHost.Clock();
        var (rail, other) = (new ScriptedRail(time), new ScriptedRail(time, new("alipay", "2")));
        await using var host = await TestHost.StartAsync(null, time, rail, options =>
        {
            options.Coupons.Add(new("HELLO", 1, 10, null) { ForNewMembers = true });
            options.Plans[0] = options.Plans[0] with { OffersForNewMembers = true, TrialDays = 7 };
        }, other);
        await host.Members.SignAsync(TestHost.Request(1) with { Wish = new() { Coupon = "HELLO" } });
        time.Advance(TimeSpan.FromMinutes(10));
        await host.SweepAsync();
        (await host.FindAsync(Samples.IdOf(1))).Terms.Should().Match<Terms>(terms => terms.TrialDays == 7 && terms.FirstPeriodPrice < terms.Price && terms.Coupon != null);
        await host.Members.CancelAsync(Samples.IdOf(1), "enough", atOnce: true);

        await CannotAsync(host, TestHost.Request(2, "m1", other.Account) with { Wish = new() { Coupon = "HELLO" } }, "*is for who never had a membership.");
        await host.Members.SignAsync(TestHost.Request(2, "m1", other.Account));
        (await host.FindAsync(Samples.IdOf(2))).Terms.Should().Match<Terms>(terms => terms.TrialDays == 0 && terms.FirstPeriodPrice == terms.Price);
        await host.Members.SignAsync(TestHost.Request(3, "m3") with { Wish = new() { Coupon = "HELLO" } });
        (await host.FindAsync(Samples.IdOf(3))).Terms.TrialDays.Should().Be(7);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refused_signing_is_given_up_nothing_is_payable_and_the_member_can_sign_again(bool payWhileSigning)
    {
        await using var host = await TestHost.StartAsync();
        host.Rail.OnSigning = () => new SigningAnswer.Refused("NO_AUTH", "not allowed");
        (await host.Members.SignAsync(TestHost.Request(1) with { PayWhileSigning = payWhileSigning })).Should().Be(new SignResult.Refused("NO_AUTH: not allowed"));
        var given = await host.FindAsync(Samples.IdOf(1));
        (given.Status, given.InFlight, given.Agreement.Status).Should().Be((SubscriptionStatus.Ended, false, AgreementStatus.Abandoned));
        Duty.Of(given).Should().BeEmpty();
        host.Rail.OnSigning = null;
        (await host.Members.SignAsync(TestHost.Request(2, "m1"))).Should().BeOfType<SignResult.Ready>();
        host.Rail.Orders.Should().BeEmpty();
    }

    [Fact]
    public async Task An_agreement_the_wallet_holds_already_is_adopted_when_it_is_this_signings_own()
    {
        await using var host = await TestHost.StartAsync();
        host.Rail.OnSigning = () => new SigningAnswer.AlreadySigned();
        (await host.Members.SignAsync(TestHost.Request(1))).Should().Be(new SignResult.AlreadyMember(Samples.IdOf(1)));
        (await host.FindAsync(Samples.IdOf(1))).Status.Should().Be(SubscriptionStatus.Active);
    }

    [Fact]
    public async Task An_agreement_of_an_earlier_membership_is_ended_before_the_member_signs_again()
    {
        await using var host = await TestHost.StartAsync();
        host.Rail.OnSigning = () => new SigningAnswer.Refused("X", "first");
        await host.Members.SignAsync(TestHost.Request(1));
        host.Rail.OnSigning = () => new SigningAnswer.AlreadySigned();
        var earlier = (await host.FindAsync(Samples.IdOf(1))).Agreement.Id;
        host.Rail.OnQueryAgreement = order => order.Agreement == earlier ? new AgreementAnswer.Active("c1", null, Samples.Now, null) : new AgreementAnswer.NotFound();
        (await host.Members.SignAsync(TestHost.Request(2, "m1"))).Should().BeOfType<SignResult.TryAgain>();
        host.Time.Advance(TimeSpan.FromHours(3));
        await host.SweepAsync();
        (await host.FindAsync(Samples.IdOf(1))).Agreement.Status.Should().Be(AgreementStatus.Terminated);
    }

    [Fact]
    public async Task Without_the_rails_word_no_signing_is_given_up_and_without_any_agreement_it_is()
    {
        await using var host = await TestHost.StartAsync();
        host.Rail.OnSigning = () => new SigningAnswer.AlreadySigned();
        host.Rail.OnQueryAgreement = _ => new AgreementAnswer.Unknown("time-out");
        (await host.Members.SignAsync(TestHost.Request(1))).Should().BeOfType<SignResult.TryAgain>();
        (await host.FindAsync(Samples.IdOf(1))).Status.Should().Be(SubscriptionStatus.Signing);
        host.Rail.OnQueryAgreement = _ => new AgreementAnswer.NotFound();
        (await host.Members.SignAsync(TestHost.Request(1))).Should().BeOfType<SignResult.Refused>();
        (await host.FindAsync(Samples.IdOf(1))).Status.Should().Be(SubscriptionStatus.Ended);
    }

    [Fact]
    public async Task A_lost_reply_shows_nothing_and_asking_again_goes_on_with_the_same_signing()
    {
        await using var host = await TestHost.StartAsync();
        ((InMemoryLedger)host.Ledger).AfterCommit = () => throw new IOException("the connection broke");
        (await host.Members.SignAsync(TestHost.Request(1))).Should().BeOfType<SignResult.TryAgain>();
        host.Rail.Signings.Should().BeEmpty();
        ((InMemoryLedger)host.Ledger).AfterCommit = null;
        (await host.Members.SignAsync(TestHost.Request(1))).Should().BeOfType<SignResult.Ready>();
        host.Time.Advance(TimeSpan.FromHours(2));
        (await host.Members.SignAsync(TestHost.Request(1))).Should().BeOfType<SignResult.TryAgain>("the time to sign is over");
    }

    private static async Task CannotAsync(TestHost host, SignRequest request, string sentence)
    {
        var sign = () => host.Members.SignAsync(request);
        await sign.Should().ThrowAsync<CannotSignException>().WithMessage(sentence);
    }
}
