using Microsoft.Extensions.DependencyInjection;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>What is asked for goes through the real desk, ledger and sweep, and what is not granted says why.</summary>
[Collection(PostgresCollection.Name)]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class WishTests(PostgresFixture postgres)
{
    private const int RefundRefused = 1027;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_merchant_short_of_funds_is_told_and_the_refund_keeps_its_number(bool inMemory)
    {
        await using var host = await TestHost.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync());
        List<OrderNumber> sent = [];
        host.Rail.OnRefund = refund =>
        {
            sent.Add(refund.Number);
            return sent.Count == 1 ? new RefundAnswer.Refused("NOTENOUGH", "the balance is too low") : new RefundAnswer.Refunded(refund.Amount, "R", refund.RequestedAt);
        };
        var id = await host.SignAsync();
        var memberships = host.Services.GetRequiredService<Memberships>();
        await memberships.RefundAsync(id, "wish-1", null, Money.Cny(100), "ann", "goodwill");
        await memberships.RefundAsync(id, "wish-1", null, Money.Cny(100), "ann", "goodwill");
        await host.SweepAsync();
        host.Logs.Count(RefundRefused).Should().Be(1);

        host.Time.Advance(TimeSpan.FromHours(7));
        await host.SweepAsync();
        sent.Should().HaveCount(2).And.OnlyContain(number => number == sent[0]);
        (await memberships.AccountAsync(id))!.Back.Should().Be(Money.Cny(100));
        await memberships.Invoking(m => m.RefundAsync(id, "wish-2", null, Money.Cny(1_000_000), "ann", "goodwill")).Should().ThrowAsync<CannotDoException>().WithMessage("*too much*");
        (await host.EventsAsync<RefundGranted>(id)).Should().ContainSingle();
        await host.BookEqualsFoldAsync();
    }
}
