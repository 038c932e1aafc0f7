using Renewals.Core.Gateways;

namespace Renewals.Tests.Gateways.WeChatPay;

/// <summary>What the doctor finds at WeChat Pay, and that every "no" has a next step.</summary>
public sealed class ExaminationTests : IDisposable
{
    private readonly StubRail rail = new();

    public void Dispose() => rail.Dispose();

    [Fact]
    public async Task An_account_that_could_work_is_yes_throughout()
    {
        var findings = await ExamineAsync(rail.SaysJson(404, "{}").Says(("result_code", "FAIL"), ("err_code", "CONTRACT_NOT_EXIST")));
        findings.Select(finding => finding.Check).Distinct().Should().Equal(Enum.GetValues<RailCheck>());
        findings.Where(finding => finding.Check != RailCheck.Clock).Should().OnlyContain(finding => finding.Verdict == FindingVerdict.Yes);
    }

    [Theory]
    [InlineData("NOAUTH", RailCheck.Product)]
    [InlineData("APPID_MCHID_NOT_MATCH", RailCheck.Product)]
    public async Task A_product_that_was_not_opened_says_whom_to_ask(string code, RailCheck check)
    {
        var findings = await ExamineAsync(rail.SaysJson(404, "{}").Says(("result_code", "FAIL"), ("err_code", code)));
        findings.Single(finding => finding.Check == check).Should().Match<RailFinding>(f => f.Verdict == FindingVerdict.No && f.NextStep != null && f.Detail.Contains(code));
    }

    [Fact]
    public async Task A_key_the_rail_does_not_believe_is_found_at_the_endpoint()
    {
        var findings = await ExamineAsync(rail.Says("{}"u8.ToArray(), 401).Says(("result_code", "FAIL"), ("err_code", "CONTRACT_NOT_EXIST")));
        findings.Single(finding => finding.Check == RailCheck.Endpoint).Should().Match<RailFinding>(f => f.Verdict == FindingVerdict.No && f.NextStep != null);
    }

    [Fact]
    public async Task A_rail_that_does_not_answer_is_no_fault_of_the_product()
    {
        var findings = await ExamineAsync(rail.Breaks().Breaks().Breaks().Breaks());
        findings.Single(finding => finding.Check == RailCheck.Endpoint).Verdict.Should().Be(FindingVerdict.No);
        findings.Single(finding => finding.Check == RailCheck.Product).Verdict.Should().Be(FindingVerdict.Unknown);
    }

    [Theory]
    [InlineData("https://pay.example.com/callbacks/wechat:1", FindingVerdict.Yes)]
    [InlineData("http://pay.example.com/callbacks/wechat:1", FindingVerdict.No)]
    [InlineData("https://127.0.0.1/callbacks", FindingVerdict.No)]
    [InlineData("https://192.168.7.7/callbacks", FindingVerdict.No)]
    [InlineData("https://intranet/callbacks", FindingVerdict.No)]
    public async Task A_callback_address_must_be_one_the_rail_can_reach(string address, FindingVerdict verdict)
    {
        using var gateway = rail.SaysJson(404, "{}").Says(("result_code", "SUCCESS")).Gateway(options => options.NotifyUrl = new Uri(address));
        (await gateway.ExamineAsync(default)).Single(finding => finding.Check == RailCheck.CallbackAddress).Verdict.Should().Be(verdict);
    }

    [Fact]
    public async Task A_certificate_about_to_end_says_so_and_one_that_ended_is_no()
    {
        var key = Renewals.Gateways.WeChatPay.WeChatPayPlatformKey.TryFromCertificate(Samples.Vector("v3-notify.json").Text("platform_certificate_pem"))!;
        foreach (var (before, verdict) in new[] { (NodaTime.Duration.FromDays(10), FindingVerdict.Soon), (NodaTime.Duration.FromDays(-1), FindingVerdict.No) })
        {
            using var stub = new StubRail();
            stub.Time.SetUtcNow((key.ValidUntil!.Value - before).ToDateTimeOffset());
            using var gateway = stub.Breaks().Breaks().Breaks().Breaks().Gateway();
            (await gateway.ExamineAsync(default)).Single(finding => finding.Check == RailCheck.Certificates).Verdict.Should().Be(verdict);
        }
    }

    private async Task<IReadOnlyList<RailFinding>> ExamineAsync(StubRail stub)
    {
        using var gateway = stub.Gateway();
        return await gateway.ExamineAsync(default);
    }
}
