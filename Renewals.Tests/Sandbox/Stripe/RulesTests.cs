using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Host.Sandbox.Stripe;

namespace Renewals.Tests.Sandbox.Stripe;

/// <summary>The sandbox holds its caller to the rail's rules.</summary>
public sealed class StripeRulesTests
{
    [Fact]
    public async Task A_wrong_key_opens_nothing()
    {
        await using var world = await StripeWorld.StartAsync();
        (await world.PostAsync("customers", "", secret: "sk_test_another")).Status.Should().Be(401);
        await using var stranger = await StripeWorld.StartAsync(configure: options => options.SecretKey = "sk_test_another");
        (await stranger.Gateway.StartSigningAsync(stranger.Signing(), CancellationToken.None)).Should().BeOfType<SigningAnswer.Refused>();
    }

    [Fact]
    public async Task The_same_key_with_other_parameters_is_an_error_and_executes_nothing()
    {
        await using var world = await StripeWorld.StartAsync();
        var (_, first) = await world.PostAsync("customers", "metadata[a]=1", "k");
        var (_, again) = await world.PostAsync("customers", "metadata[a]=1", "k");
        again.GetProperty("id").GetString().Should().Be(first.GetProperty("id").GetString());
        var (status, other) = await world.PostAsync("customers", "metadata[a]=2", "k");
        (status, other.GetProperty("error").GetProperty("type").GetString()).Should().Be((400, "idempotency_error"));
        await world.RunForAsync(Duration.FromHours(25));
        (await world.PostAsync("customers", "metadata[a]=2", "k")).Status.Should().Be(200, "the key is forgotten after a day");
    }

    [Fact]
    public async Task A_failed_payment_left_open_can_be_confirmed_and_paid()
    {
        await using var world = await StripeWorld.StartAsync();
        var agreement = await world.SignedAsync();
        var (customer, method) = (agreement.RailAgreementId!.Split('/')[0], agreement.RailAgreementId!.Split('/')[1]);
        world.Sandbox.DeclineNext("ann", "do_not_honor");
        var (status, body) = await world.PostAsync(
            "payment_intents", $"amount=1500&currency=cny&customer={customer}&payment_method={method}&confirm=true&off_session=true&metadata[order]={StripeWorld.Number(1)}");
        (status, body.GetProperty("error").GetProperty("decline_code").GetString()).Should().Be((402, "do_not_honor"));
        var intent = body.GetProperty("error").GetProperty("payment_intent").GetProperty("id").GetString();
        (await world.PostAsync($"payment_intents/{intent}/confirm", $"payment_method={method}")).Body.GetProperty("status").GetString().Should().Be("succeeded");
        world.Bank.Entries.Should().ContainSingle("this is why the adapter cancels what failed");
    }

    [Fact]
    public async Task Without_funds_nothing_succeeds()
    {
        await using var world = await StripeWorld.StartAsync();
        world.Bank.OpenAccount("poor", 100);
        var agreement = await world.SignedAsync(2, "poor");
        var answer = await world.Gateway.ChargeAsync(world.Charge(agreement), CancellationToken.None);
        answer.Outcome.Should().BeOfType<Core.Charging.ChargeOutcome.Declined>().Which.RailCode.Should().Be("insufficient_funds");
        world.Bank.FailedAttempts.Should().ContainSingle();
        world.Bank.BalanceOf("poor").Should().Be(100);
    }

    [Fact]
    public async Task A_page_lives_thirty_minutes_at_least()
    {
        await using var world = await StripeWorld.StartAsync();
        var request = world.Signing();
        await world.RunForAsync(Duration.FromMinutes(100));
        (await world.Gateway.StartSigningAsync(request, CancellationToken.None)).Should().BeOfType<SigningAnswer.Unknown>("the signing is nearly over, and nothing may be shown");
    }

    [Fact]
    public async Task A_search_does_not_see_what_is_younger_than_a_minute()
    {
        await using var world = await StripeWorld.StartAsync();
        await world.Gateway.StartSigningAsync(world.Signing(), CancellationToken.None);
        var forgotten = world.Unsigned() with { StartedAt = world.Now - Duration.FromDays(2) };
        (await world.Gateway.QueryAgreementAsync(forgotten, CancellationToken.None)).Should().BeOfType<AgreementAnswer.NotFound>("and so an agreement that may be young is never searched for");
        (await world.Gateway.QueryAgreementAsync(world.Unsigned(), CancellationToken.None)).Should().BeOfType<AgreementAnswer.Pending>();
    }

    [Fact]
    public void Every_fault_has_its_word() => StripeFaults.Words.Select(word => StripeFaults.Parse(word)).Should().BeEquivalentTo(Enum.GetValues<StripeFault>().Select(fault => (StripeFault?)fault));
}
