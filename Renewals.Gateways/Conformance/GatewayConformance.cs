using Renewals.Core.Gateways;

namespace Renewals.Gateways.Conformance;

/// <summary>The conformance suite: what the engine expects of an adapter, as checks that run anywhere.</summary>
/// <remarks>
/// It needs no test framework. Run all with <see cref="RunAsync"/>, or give each of <see cref="Checks"/> to your framework as a case of its
/// own. How to write an adapter and a stage: <c>docs/writing-a-gateway.md</c>.
/// </remarks>
public static class GatewayConformance
{
    /// <summary>Every check. Names are unique and stay; more may come with a new version.</summary>
    public static IReadOnlyList<ConformanceCheck> Checks { get; } =
    [
        .. OrderChecks.All, .. LineChecks.All, .. VerdictChecks.All, .. CallbackChecks.All, .. RefundChecks.All, .. AgreementChecks.All,
        .. StatementChecks.All, .. TraitChecks.All, .. CalmChecks.All,
    ];

    /// <summary>Runs every check, each on a stage of its own.</summary>
    /// <param name="open">Opens a stage. It is disposed of after its check.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<ConformanceReport> RunAsync(Func<CancellationToken, Task<IConformanceStage>> open, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(open);
        List<CheckVerdict> verdicts = [];
        MerchantAccount account = default;
        foreach (var check in Checks)
        {
            await using var stage = await open(cancellation);
            if (verdicts.Count == 0)
                account = (await stage.OpenAdapterAsync(cancellation)).Account;
            verdicts.Add(new(check.Name, check.Promise, await check.RunAsync(stage, cancellation)));
        }

        return new(account, verdicts);
    }
}
