using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Renewals.Core;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Service;

/// <summary>The lines the README shows, compiled and run by a test. What stands between the marks is copied there word for word.</summary>
internal static class EmbeddingExample
{
    public static async Task<(IHost Host, SignResult Result)> RunAsync(
        HostApplicationBuilder builder, IPaymentGateway gateway, INotifier notifier, string connectionString, byte[] vaultKey, MerchantAccount account,
        Guid membership)
    {
        // <readme>
        builder.Services.AddSingleton(gateway);       // your merchant account at a rail
        builder.Services.AddSingleton(notifier);      // your push, SMS or mail service
        builder.Services.AddRenewals(renewals =>
        {
            renewals.ConnectionString = connectionString;
            renewals.Vault.CurrentKey = "2026-01";
            renewals.Vault.Keys["2026-01"] = vaultKey;    // 32 random bytes
            renewals.Plans.Add(new Plan
            {
                Id = "monthly",
                Subject = "Monthly membership",
                Interval = BillingInterval.Monthly,
                Price = Money.Cny(2500),
                FirstPeriodPrice = Money.Cny(990),
                Templates = new Dictionary<MerchantAccount, string> { [account] = "12535" },
            });
        });
        var host = builder.Build();
        await host.StartAsync();

        var memberships = host.Services.GetRequiredService<Memberships>();
        var result = await memberships.SignAsync(new SignRequest
        {
            Id = new SubscriptionId(membership),
            Member = "member-4711",
            PlanId = "monthly",
            Account = account,
            Scene = SigningScene.App,
            DisplayAccount = "Ann",
        });
        // </readme>
        return (host, result);
    }
}
