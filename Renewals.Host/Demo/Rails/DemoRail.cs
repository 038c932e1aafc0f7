using Renewals.Core.Agreements;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Host.Sandbox;

namespace Renewals.Host.Demo.Rails;

/// <summary>One rail of the demo: its sandbox, the adapter in front of it, and what a member's device does to sign.</summary>
internal abstract class DemoRail
{
    /// <summary>The rails by name, in the order in which they are printed.</summary>
    public static IReadOnlyDictionary<string, Func<Draws, SandboxBank, TimeProvider, DemoRail>> Known { get; } =
        new Dictionary<string, Func<Draws, SandboxBank, TimeProvider, DemoRail>>(StringComparer.Ordinal)
        {
            ["wechat"] = WeChatDemoRail.Open,
            ["alipay"] = AlipayDemoRail.Open,
            ["unionpay"] = UnionPayDemoRail.Open,
            ["stripe"] = StripeDemoRail.Open,
        };

    /// <summary>The rails that run when none is chosen: those of mainland China.</summary>
    public static IReadOnlyList<string> Default { get; } = [.. Known.Keys.Where(name => name != "stripe")];

    /// <summary>The rail's short name.</summary>
    public string Name => Account.Rail;

    /// <summary>The merchant account.</summary>
    public MerchantAccount Account => Sandbox.Account;

    /// <summary>The rail.</summary>
    public abstract ISandboxRail Sandbox { get; }

    /// <summary>The rail's template the plans are sold under.</summary>
    public abstract string Template { get; }

    /// <summary>Adds the adapter, pointed at the sandbox.</summary>
    /// <param name="services">The engine's services.</param>
    /// <param name="rail">Where the sandbox listens.</param>
    /// <param name="callbacks">Where the engine listens for this account.</param>
    public abstract void AddGateway(IServiceCollection services, Uri rail, Uri callbacks);

    /// <summary>What the merchant knows of a member beforehand.</summary>
    public virtual SignRequest Introduce(SignRequest request, DemoMember member) => request;

    /// <summary>What the member's device does with what it was given to open, up to the confirmation.</summary>
    /// <param name="wallet">A browser at the sandbox.</param>
    /// <param name="page">What it was given.</param>
    /// <param name="member">Who signs.</param>
    /// <param name="agreement">Our agreement.</param>
    /// <param name="cancellation">Gives up.</param>
    public abstract Task SignAsync(DemoWallet wallet, SigningPage page, DemoMember member, AgreementId agreement, CancellationToken cancellation);

    /// <summary>The member ends the agreement without the merchant.</summary>
    public Task LeaveAsync(AgreementId agreement) => Sandbox.TerminateAsync(agreement.SigningCode, TerminationMode.Member);

    /// <summary>Whether the rail had told the member of a payment as its own rules want it.</summary>
    public virtual bool WasAnnouncedAtRail(BankEntry payment, SandboxAgreement agreement) => true;
}
