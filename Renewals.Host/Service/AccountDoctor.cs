using Renewals.Core.Gateways;

namespace Renewals.Host.Service;

/// <summary>Examines one account of the settings with its own adapter, and nothing of the engine around it.</summary>
internal static class AccountDoctor
{
    /// <summary>What was found, in the order of the checks.</summary>
    public static async Task<IReadOnlyList<RailFinding>> ExamineAsync(RailAccount account, CancellationToken cancellation)
    {
        if (account.Faults() is { Count: > 0 } faults)
            return [.. faults.Select(fault => new RailFinding(RailCheck.Keys, FindingVerdict.No, fault, $"Correct {account.Place} in the settings (docs/configuration.md)."))];
        var services = new ServiceCollection().AddLogging();
        account.AddTo(services);
        await using var provider = services.BuildServiceProvider();
        return provider.GetRequiredKeyedService<IPaymentGateway>(account.Account.ToString()) is IExaminedGateway gateway
            ? await gateway.ExamineAsync(cancellation)
            : [new RailFinding(RailCheck.Endpoint, FindingVerdict.Unknown, "this adapter cannot examine itself")];
    }
}
