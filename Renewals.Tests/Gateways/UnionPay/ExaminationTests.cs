using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Gateways.UnionPay;

namespace Renewals.Tests.Gateways.UnionPay;

/// <summary>What the doctor finds at UnionPay, and that every "no" has a next step.</summary>
public sealed class ExaminationTests : IDisposable
{
    private readonly StubRail rail = new();

    public void Dispose() => rail.Dispose();

    [Fact]
    public async Task An_account_that_could_work_is_yes_throughout()
    {
        var findings = await ExamineAsync(rail.Says("34", ("txnType", "00")).Says("72"));
        findings.Select(finding => finding.Check).Distinct().Should().Equal(Enum.GetValues<RailCheck>());
        findings.Should().OnlyContain(finding => finding.Verdict == FindingVerdict.Yes);
        rail.Calls.Should().Equal("00/00 queryTrans.do", "74/05 backTransReq.do");
        rail.Received[1].Fields["billNo"].Should().NotBe(Samples.Agreement.SigningCode, "nobody's entrust is asked for");
    }

    [Fact]
    public async Task Every_generation_and_signature_can_be_examined()
    {
        Action<UnionPayOptions>[] ways =
        [
            o => o.Generation = UnionPayGeneration.A, o => o.Generation = UnionPayGeneration.B, Samples.WithVersion500,
            o => Samples.WithSecureKey(o, UnionPaySignMethod.Sm3),
        ];
        foreach (var way in ways)
        {
            using var stub = new StubRail();
            (await ExamineAsync(stub.Says("34", ("txnType", "00")).Says("72"), way)).Should().OnlyContain(finding => finding.Verdict == FindingVerdict.Yes);
        }
    }

    [Theory]
    [InlineData("32", FindingVerdict.No)]
    [InlineData("43", FindingVerdict.No)]
    [InlineData("31", FindingVerdict.No)]
    [InlineData("92", FindingVerdict.No)]
    [InlineData("10", FindingVerdict.Unknown)]
    [InlineData("06", FindingVerdict.Unknown)]
    [InlineData("61", FindingVerdict.Yes)]
    [InlineData("72", FindingVerdict.Yes)]
    public async Task Whether_the_product_is_opened_is_judged_by_the_rails_code(string code, FindingVerdict verdict)
    {
        var product = (await ExamineAsync(rail.Says("34", ("txnType", "00")).Says(code))).Single(finding => finding.Check == RailCheck.Product);
        product.Verdict.Should().Be(verdict);
        product.Detail.Should().Contain(code);
        (product.NextStep is null).Should().Be(verdict == FindingVerdict.Yes);
    }

    [Fact]
    public async Task A_signature_the_rail_does_not_believe_or_we_do_not_is_found_at_the_endpoint()
    {
        var findings = await ExamineAsync(rail.Says("11", ("txnType", "00")).Says("11"));
        Of(findings, RailCheck.Endpoint).Should().Match<RailFinding>(f => f.Verdict == FindingVerdict.No && f.NextStep!.Contains("SigningKeyStore"));
        using var forger = new StubRail();
        findings = await ExamineAsync(forger.SaysRaw("respCode=00").SaysRaw("respCode=00"));
        Of(findings, RailCheck.Endpoint).Should().Match<RailFinding>(f => f.Verdict == FindingVerdict.No && f.NextStep!.Contains("pinned"));
    }

    [Fact]
    public async Task A_rail_that_does_not_answer_is_no_fault_of_the_product()
    {
        var findings = await ExamineAsync(rail.Breaks().Breaks().Breaks());
        Of(findings, RailCheck.Endpoint).Verdict.Should().Be(FindingVerdict.No);
        Of(findings, RailCheck.Product).Verdict.Should().Be(FindingVerdict.Unknown);
        Of(findings, RailCheck.Clock).Verdict.Should().Be(FindingVerdict.Unknown);
    }

    [Fact]
    public async Task Certificates_about_to_end_say_so_and_those_that_ended_are_no()
    {
        var until = UnionPayMerchantKey.TryLoad(Samples.Bytes("certs/merchant_sign.pfx"), "000000")!.ValidUntil;
        foreach (var (before, verdict) in new[] { (Duration.FromDays(10), FindingVerdict.Soon), (Duration.FromDays(-1), FindingVerdict.No) })
        {
            using var stub = new StubRail();
            stub.Time.SetUtcNow((until - before).ToDateTimeOffset());
            var ours = (await ExamineAsync(stub.Breaks().Breaks().Breaks())).First(finding => finding.Detail.StartsWith("our signing certificate", StringComparison.Ordinal));
            ours.Should().Match<RailFinding>(f => f.Verdict == verdict && f.NextStep != null);
        }
    }

    [Fact]
    public async Task A_callback_address_must_be_one_the_rail_can_reach()
    {
        var findings = await ExamineAsync(rail.Says("34", ("txnType", "00")).Says("72"), o => o.NotifyUrl = new("https://192.168.7.7/callbacks"));
        Of(findings, RailCheck.CallbackAddress).Should().Match<RailFinding>(f => f.Verdict == FindingVerdict.No && f.NextStep != null);
    }

    private static RailFinding Of(IEnumerable<RailFinding> findings, RailCheck check) => findings.Single(finding => finding.Check == check);

    private static async Task<IReadOnlyList<RailFinding>> ExamineAsync(StubRail stub, Action<UnionPayOptions>? change = null)
    {
        using var gateway = stub.Gateway(change);
        return await gateway.ExamineAsync(default);
    }
}
