using Renewals.Gateways.Conformance;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Sandbox.UnionPay;

namespace Renewals.Tests.Gateways.Conformance;

/// <summary>Our own adapters keep every promise that an adapter makes, over HTTP against their sandboxes.</summary>
/// <remarks>WeChat Pay's with notices is the guide's example for any framework; UnionPay's generation B is that for xunit.</remarks>
public sealed class RailConformanceTests
{
    private const string SameOrder = "Resend is SameOrder";
    private const string Never = "Resend is Never";
    private const string NoLifetime = "OrderLifetime is null";
    private const string NoNotice = "Notice is null";
    private const string NoPlan = "Plan is null";
    private const string NoTime = "CallbacksFreshFor is null";
    private const string NotAsked = "CanAskForAgreements is false";

    /// <summary>What is not applicable to WeChat Pay with notices.</summary>
    internal static readonly (string Check, string Trait)[] WeChatPay =
        [("no-repeat", SameOrder), ("trait-order-lifetime", NoLifetime), ("trait-plan", NoPlan), ("trait-plan-moves", NoPlan)];

    private static readonly (string Check, string Trait)[] UnionPay =
    [
        ("same-order-twice", Never), ("same-order-same-bytes", Never), ("callback-stale", NoTime), ("trait-order-lifetime", NoLifetime),
        ("trait-notice", NoNotice), ("trait-plan", NoPlan), ("trait-plan-moves", NoPlan),
    ];

    [Fact]
    public Task WeChat_Pay_conforms_in_the_24_hour_mode() => ConformsAsync(
        () => new WeChatPayStage { NoticeMode = WeChatPayNoticeMode.TwentyFourHours }.OpenAsync, [.. WeChatPay, ("trait-notice", NoNotice)]);

    [Fact]
    public Task Alipay_conforms() => ConformsAsync(() => new AlipayStage().OpenAsync, [("no-repeat", SameOrder), ("trait-notice", NoNotice)]);

    [Fact]
    public Task UnionPay_conforms_and_can_be_asked_for_no_entrust_but_those_of_generation_A() => ConformsAsync(
        () => new UnionPayStage().OpenAsync, [.. UnionPay, ("agreement-in-force", NotAsked), ("agreement-not-signed", NotAsked)]);

    [Fact]
    public Task UnionPay_conforms_in_generation_A_with_a_secure_key() => ConformsAsync(
        () => new UnionPayStage { Options = new() { Generation = EntrustGeneration.A, SignMethod = "12" } }.OpenAsync, UnionPay);

    [Fact]
    public Task Stripe_conforms() => ConformsAsync(
        () => new StripeStage().OpenAsync,
        [("no-repeat", SameOrder), ("trait-order-lifetime", NoLifetime), ("trait-notice", NoNotice), ("trait-plan", NoPlan), ("trait-plan-moves", NoPlan)]);

    /// <summary>Nothing fails, all checks ran, and what does not apply is exactly what the rail's traits say.</summary>
    internal static void ShouldConform(ConformanceReport report, (string Check, string Trait)[] notApplicable)
    {
        report.Failed.Should().BeEmpty(report.ToText());
        report.Verdicts.Select(verdict => verdict.Name).Should().Equal(GatewayConformance.Checks.Select(check => check.Name)).And.OnlyHaveUniqueItems();
        var none = report.Verdicts.Select(verdict => (verdict.Name, Why: (verdict.Result as CheckResult.NotApplicable)?.Why)).Where(verdict => verdict.Why is not null);
        none.Select(verdict => (verdict.Name, verdict.Why!.Split(':')[0])).Should().BeEquivalentTo(notApplicable);
    }

    private static async Task ConformsAsync(Func<Func<CancellationToken, Task<IConformanceStage>>> stage, (string Check, string Trait)[] notApplicable) =>
        ShouldConform(await GatewayConformance.RunAsync(cancellation => stage()(cancellation), CancellationToken.None), notApplicable);
}
