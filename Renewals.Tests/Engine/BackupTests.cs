using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>Several agreements of one membership, through the real desk, ledger and sweep: each rail hears only of its own.</summary>
[Collection(PostgresCollection.Name)]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class BackupTests(PostgresFixture postgres)
{
    private static readonly MerchantAccount Other = new("alipay", "2088000");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Declined_for_good_at_one_rail_the_period_is_charged_once_at_the_other_and_each_statement_has_its_own(bool inMemory)
    {
        await using var world = await World.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync());
        var (host, first, second) = (world.Host, world.Host.Rail, world.Second);
        var id = await host.SignAsync();
        await world.AddAsync(id);

        first.OnCharge = _ => Task.FromResult(new ChargeAnswer(new ChargeOutcome.Declined(DeclineReason.AccountAbnormal, "CLOSED")));
        await host.SweepUntilAsync<Charged>(id, 2);
        var s = await host.FindAsync(id);
        s.Should().Match<Subscription>(x => x.Account == Other && x.PaidThrough == 2);
        first.Orders.Should().HaveCount(2, "the first period, and the second declined");
        second.Orders.Should().ContainSingle().Which.Number.Attempt.Should().Be(2);
        first.Notices.Select(notice => (notice.Account, notice.NoticeId)).Distinct().Should().HaveCount(2, "one notice of each account");
        (await host.Ledger.NextAlarmAsync(default)).Should().NotBeNull();

        (await MovementsAsync(host, Samples.Account)).Should().Equal(s.PaymentOf(1));
        (await MovementsAsync(host, Other)).Should().Equal(s.PaymentOf(2));
        await host.BookEqualsFoldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_payment_of_the_first_rail_goes_back_there_and_a_word_of_the_wrong_rail_is_nobodys(bool inMemory)
    {
        await using var world = await World.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync());
        var (host, first, second) = (world.Host, world.Host.Rail, world.Second);
        List<MerchantAccount> asked = [];
        foreach (var rail in (ScriptedRail[])[first, second])
        {
            rail.OnRefund = refund =>
            {
                asked.Add(rail.Account);
                return new RefundAnswer.Refunded(refund.Amount, "R", refund.RequestedAt);
            };
        }

        var id = await host.SignAsync();
        await world.AddAsync(id);
        var backup = (await host.FindAsync(id)).Backups[0].Agreement.Id;
        (await host.Members.SwitchAgreementAsync(id, backup, "ann", "wanted"))!.Account.Should().Be(Other);
        var paid = (await host.FindAsync(id)).PaymentOf(1)!.Value;
        await host.Members.RefundAsync(id, "wish-1", paid.ToString(), Money.Cny(100), "ann", "goodwill");
        await host.SweepAsync();
        asked.Should().Equal(Samples.Account);

        // The agreement that was left is ended at its own rail, and the next period is charged at the other.
        await host.SweepUntilAsync<Charged>(id, 2);
        (await host.FindAsync(id)).Backups.Single().Should().Match<BackupAgreement>(x => x.Account == Samples.Account && x.Agreement.Status == AgreementStatus.Terminated);
        second.Orders.Should().ContainSingle();

        // The first rail's order, said by the second: believed, it would be a second success.
        second.OnCallback = _ => new CallbackReading.OfCharge(paid.ToString(), new(new ChargeOutcome.Succeeded(Money.Cny(990), "T9", Samples.Now)));
        await host.Callbacks.ReceiveAsync(Other, new(new Dictionary<string, string>(), Array.Empty<byte>()));
        (await host.EventsAsync<Overpaid>(id)).Should().BeEmpty();
        (await host.FindAsync(id)).Parked.Should().Be(ParkReason.UnexpectedMoney, "somebody charges there under our numbers");
        await host.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task Tapped_twice_it_is_one_signing_and_one_that_is_never_finished_is_given_up()
    {
        await using var world = await World.StartAsync(null);
        var (host, second) = (world.Host, world.Second);
        second.OnQueryAgreement = _ => new AgreementAnswer.NotFound();
        var id = await host.SignAsync();
        (await host.Members.AddAgreementAsync(world.Request(id))).Should().BeOfType<SignResult.Ready>();
        (await host.Members.AddAgreementAsync(world.Request(id))).Should().BeOfType<SignResult.Ready>();
        second.Signings.Select(signing => signing.Agreement).Distinct().Should().ContainSingle();
        await host.SweepUntilAsync(async () => (await host.FindAsync(id)).Backups.Single().Agreement.Status == AgreementStatus.Abandoned);
        (await host.Members.AddAgreementAsync(world.Request(id) with { Subscription = Samples.IdOf(77) })).Should().BeNull();
        await host.Members.Invoking(m => m.AddAgreementAsync(world.Request(id) with { Account = new("unionpay", "1") })).Should().ThrowAsync<CannotSignException>().WithMessage("*unionpay:1*");
        await host.BookEqualsFoldAsync();
    }

    private static async Task<IReadOnlyList<OrderNumber?>> MovementsAsync(TestHost host, MerchantAccount account)
    {
        List<OrderNumber?> orders = [];
        await foreach (var movement in host.Ledger.ReadMovementsAsync(account, Samples.Now - Duration.FromDays(1), Samples.Now + Duration.FromDays(90), default))
            orders.Add(movement.Order);
        return orders;
    }

    [Fact]
    public async Task A_wish_that_is_refused_leaves_nothing_in_the_vault()
    {
        await using var world = await World.StartAsync(null);
        var id = await world.Host.SignAsync();
        await world.Host.Members.CancelAsync(id, "enough");
        await FluentActions.Awaiting(() => world.Host.Members.AddAgreementAsync(world.Request(id) with { PayerId = "openid-of-the-member" })).Should().ThrowAsync<CannotDoException>();
        var next = BackupDesk.NextOf(await world.Host.FindAsync(id));
        (await world.Host.Services.GetRequiredService<IAgreementVault>().GetAsync([next], default)).Should().BeEmpty("no event names the agreement, and nobody would erase them");
    }

    private sealed class World(TestHost host, ScriptedRail second) : IAsyncDisposable
    {
        public TestHost Host => host;

        public ScriptedRail Second => second;

        public static async Task<World> StartAsync(string? connection)
        {
            var time = TestHost.Clock();
            var second = new ScriptedRail(time, Other);
            return new(await TestHost.StartAsync(connection, time, null, null, second), second);
        }

        public BackupRequest Request(SubscriptionId id) => new() { Subscription = id, Account = Other, Scene = SigningScene.App, DisplayAccount = "shown" };

        public async Task AddAsync(SubscriptionId id)
        {
            (await host.Members.AddAgreementAsync(Request(id))).Should().BeOfType<SignResult.Ready>();
            await host.SweepUntilAsync(async () => (await host.FindAsync(id)).Backups.Single().Agreement.Status == AgreementStatus.Active);
        }

        public ValueTask DisposeAsync() => host.DisposeAsync();
    }
}
