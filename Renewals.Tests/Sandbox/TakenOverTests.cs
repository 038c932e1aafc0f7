using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Tests.Sandbox;

/// <summary>Over HTTP: another system signed a member and charged once; the adapter takes the contract over by the rail's own id.</summary>
public class SandboxTakenOverTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_contract_of_another_system_is_confirmed_its_payment_is_told_by_the_payer_and_it_is_charged()
    {
        await using var merchant = await AdapterWorld.StartAsync();
        var (world, gateway) = (merchant.World, merchant.Gateway);
        var contract = await world.SignAsync("OLDSYSTEM1");
        await world.NotifyAsync(contract);
        world.MoveTo(SandboxWorld.Beijing(3, 8));
        await world.ApplyAsync(contract, "OLDORDER1");
        await world.RunForAsync(5);

        var ours = AdapterWorld.Order(AdapterWorld.Agreement(7), contract);
        (await gateway.QueryAgreementAsync(ours, None)).Should().BeOfType<AgreementAnswer.Unknown>("the contract's code is not ours");
        var takenOver = ours with { IsTakenOver = true };
        var active = (await gateway.QueryAgreementAsync(takenOver, None)).Should().BeOfType<AgreementAnswer.Active>().Subject;
        (active.RailAgreementId, active.PayerId).Should().Be((contract, world.Sandbox.OpenIdOf("ann")));

        world.MoveTo(SandboxWorld.Beijing(4, 10));
        var lines = (await gateway.ReadStatementAsync(new LocalDate(2026, 5, 3), None)).Should().BeOfType<StatementAnswer.Ready>().Subject.Lines;
        lines.Should().ContainSingle().Which.Should().Match<StatementLine>(line => line.OrderNumber == "OLDORDER1" && line.Payer == active.PayerId);

        world.MoveTo(SandboxWorld.Beijing(28, 10));
        await merchant.FetchKeysAsync();
        (await gateway.AnnounceAtRailAsync(new(takenOver, Money.Cny(1500)), None)).Should().BeOfType<RailNoticeAnswer.Accepted>();
        world.MoveTo(SandboxWorld.Beijing(30, 10));
        var order = merchant.Charge(takenOver, 2);
        (await gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Pending>();
        await world.RunForAsync(5);
        (await gateway.QueryChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
        world.Bank.Entries.Should().HaveCount(2);
    }
}
