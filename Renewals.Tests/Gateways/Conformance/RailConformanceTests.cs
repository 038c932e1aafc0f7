using Renewals.Gateways.Conformance;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Tests.Gateways.Conformance;

/// <summary>Our own adapters keep every promise that an adapter makes, over HTTP against their sandboxes.</summary>
public sealed class RailConformanceTests
{
    [Fact]
    public Task WeChat_Pay_conforms_with_notices() => ConformsAsync(
        () => new WeChatPayStage().OpenAsync, "no-repeat", "trait-order-lifetime", "trait-plan", "trait-plan-moves");

    [Fact]
    public Task WeChat_Pay_conforms_in_the_24_hour_mode() => ConformsAsync(
        () => new WeChatPayStage { NoticeMode = WeChatPayNoticeMode.TwentyFourHours }.OpenAsync,
        "no-repeat", "trait-order-lifetime", "trait-notice", "trait-plan", "trait-plan-moves");

    [Fact]
    public Task Alipay_conforms() => ConformsAsync(() => new AlipayStage().OpenAsync, "no-repeat", "trait-notice");

    /// <summary>Nothing fails, and what does not apply is exactly what the rail's traits say.</summary>
    private static async Task ConformsAsync(Func<Func<CancellationToken, Task<IConformanceStage>>> stage, params string[] notApplicable)
    {
        var report = await GatewayConformance.RunAsync(cancellation => stage()(cancellation), CancellationToken.None);
        report.Failed.Should().BeEmpty(report.ToText());
        report.Verdicts.Select(verdict => verdict.Name).Should().Equal(GatewayConformance.Checks.Select(check => check.Name)).And.OnlyHaveUniqueItems();
        report.Verdicts.Where(verdict => verdict.Result is CheckResult.NotApplicable).Select(verdict => verdict.Name).Should().BeEquivalentTo(notApplicable);
    }
}
