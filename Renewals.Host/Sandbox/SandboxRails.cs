using Renewals.Core.Gateways;
using Renewals.Gateways.Alipay;
using Renewals.Gateways.Stripe;
using Renewals.Gateways.UnionPay;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Sandbox.Alipay;
using Renewals.Host.Sandbox.Stripe;
using Renewals.Host.Sandbox.UnionPay;
using Renewals.Host.Sandbox.WeChatPay;

namespace Renewals.Host.Sandbox;

/// <summary>A rail of the sandbox with the adapter that speaks to it.</summary>
/// <param name="Name">The rail's short name.</param>
/// <param name="Section">Its section in the settings.</param>
/// <param name="Number">The merchant number the sandbox knows; its keys are made at every start.</param>
/// <param name="Template">The template its plans are sold under.</param>
/// <param name="Open">Opens the rail.</param>
/// <param name="Add">Adds the adapter to an engine's services: the rail, where it is served, and where the engine wants its callbacks.</param>
internal sealed record SandboxRailKind(
    string Name, string Section, string Number, string Template, Func<string, SandboxBank, TimeProvider, ISandboxRail> Open,
    Action<IServiceCollection, ISandboxRail, Uri, Uri> Add)
{
    /// <summary>The account.</summary>
    public MerchantAccount Account => new(Name, Number);
}

/// <summary>The rails the sandbox can play.</summary>
internal static class SandboxRails
{
    /// <summary>What an unknown member starts with where nobody opened accounts: 1,000 yuan.</summary>
    public const long OpeningBalance = 100_000;

    /// <summary>In the order in which they are printed.</summary>
    public static IReadOnlyList<SandboxRailKind> All { get; } =
    [
        new("wechat", "WeChatPay", "1900000109", "90001", OpenWeChat, (services, rail, address, callbacks) =>
            services.AddWeChatPay(options => ((WeChatPaySandbox)rail).Configure(options, address, callbacks))),
        new("alipay", "Alipay", "2088000000000109", "INDUSTRY|DIGITAL_MEDIA", OpenAlipay, (services, rail, address, callbacks) =>
            services.AddAlipay(options => ((AlipaySandbox)rail).Configure(options, address, callbacks))),
        new("unionpay", "UnionPay", "700000000000001", "01", OpenUnionPay, (services, rail, address, callbacks) =>
            services.AddUnionPay(options => ((UnionPaySandbox)rail).Configure(options, address, callbacks))),
        new("stripe", "Stripe", "acct_1SandboxRenewals", "card", OpenStripe, (services, rail, address, callbacks) =>
            services.AddStripe(options => ((StripeSandbox)rail).Configure(options, address, callbacks))),
    ];

    private static WeChatPaySandbox OpenWeChat(string number, SandboxBank bank, TimeProvider time) => new(
        new WeChatPaySandboxOptions { CallbacksAtOnce = 8, Credentials = WeChatPaySandboxCredentials.Generate(Now(time), number) }, bank, time);

    private static AlipaySandbox OpenAlipay(string number, SandboxBank bank, TimeProvider time) => new(
        new AlipaySandboxOptions { CallbacksAtOnce = 8, Credentials = AlipaySandboxCredentials.Generate(Now(time), number) }, bank, time);

    private static UnionPaySandbox OpenUnionPay(string number, SandboxBank bank, TimeProvider time) => new(
        new UnionPaySandboxOptions { CallbacksAtOnce = 8, Credentials = UnionPaySandboxCredentials.Generate(Now(time), number) }, bank, time);

    private static StripeSandbox OpenStripe(string number, SandboxBank bank, TimeProvider time) => new(
        new StripeSandboxOptions { CallbacksAtOnce = 8, Credentials = StripeSandboxCredentials.Generate(number) }, bank, time);

    private static NodaTime.Instant Now(TimeProvider time) => NodaTime.Instant.FromDateTimeOffset(time.GetUtcNow());
}
