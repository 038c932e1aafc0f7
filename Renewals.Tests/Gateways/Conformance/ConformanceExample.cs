using Renewals.Core.Gateways;
using Renewals.Gateways.Conformance;
using Renewals.Host.Sandbox.UnionPay;

namespace Renewals.Tests.Gateways.Conformance;

// <doc>
/// <summary>Every promise as a test of its own.</summary>
public sealed class MyGatewayConformance
{
    public static TheoryData<string> Names => [.. GatewayConformance.Checks.Select(check => check.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Keeps_its_promise(string name)
    {
        var check = GatewayConformance.Checks.Single(check => check.Name == name);
        await using var stage = await MyStage.OpenAsync(CancellationToken.None);
        var result = await check.RunAsync(stage, CancellationToken.None);
        Assert.False(result is CheckResult.Failed, $"{check.Promise} {result}");
    }
}

// </doc>

/// <summary>The other lines the guide shows: in any framework, or in none.</summary>
public sealed class ConformanceInAnyFramework
{
    [Fact]
    public async Task WeChat_Pay_conforms_with_notices_by_the_guides_lines_for_any_framework()
    {
        // <any>
        var report = await GatewayConformance.RunAsync(MyStage.OpenAsync, CancellationToken.None);
        Console.WriteLine(report.ToText());
        if (!report.Conforms)
            throw new InvalidOperationException($"{report.Failed.Count} promises are not kept.");

        // </any>
        RailConformanceTests.ShouldConform(report, RailConformanceTests.WeChatPay);
        report.ToText().Should().StartWith("wechat:1900000109: ").And.Contain("lost-answer").And.Contain("no-repeat");
    }

    /// <summary>In the place of a third party's stage: WeChat Pay's sandbox, which no other test runs the suite on with notices.</summary>
    private static class MyStage
    {
        public static Task<IConformanceStage> OpenAsync(CancellationToken cancellation) => new WeChatPayStage().OpenAsync(cancellation);
    }
}

/// <summary>In the place of a third party's stage: UnionPay in generation B with a shared key, declining at once; no other test runs the suite on it.</summary>
internal static class MyStage
{
    public static Task<IConformanceStage> OpenAsync(CancellationToken cancellation) =>
        new UnionPayStage { Options = new() { Generation = EntrustGeneration.B, SignMethod = "11", Collections = _ => new() { RefusedAtOnce = true } } }
            .OpenAsync(cancellation);
}

/// <summary>The guide and the code that is compiled are the same.</summary>
public sealed class WritingAGatewayTests
{
    private static readonly string Guide = Path.Combine(Rules.SourceRules.Root(), "docs", "writing-a-gateway.md");

    [Theory]
    [InlineData("doc", 0)]
    [InlineData("any", 1)]
    public void The_guide_shows_exactly_the_lines_that_are_tested(string mark, int block) =>
        Blocks("```csharp", "```").ElementAt(block).Should().Equal(Source(mark));

    [Fact]
    public void The_guide_explains_every_method_of_the_port_every_outcome_and_every_check()
    {
        var guide = File.ReadAllText(Guide);
        var methods = typeof(IPaymentGateway).GetMethods().Where(method => !method.IsSpecialName).Select(method => method.Name.Replace("Async", ""));
        var outcomes = typeof(Core.Charging.ChargeOutcome).GetNestedTypes().Where(type => type.IsSealed).Select(type => type.Name);
        var traits = typeof(Core.Calendar.RailTraits).GetProperties().Select(property => property.Name);
        foreach (var word in methods.Concat(outcomes).Concat(traits).Concat(GatewayConformance.Checks.Select(check => check.Name)))
            guide.Should().Contain($"`{word}`");
    }

    private static IEnumerable<string> Source(string mark)
    {
        var source = File.ReadAllLines(Path.Combine(Rules.SourceRules.Root(), "Renewals.Tests", "Gateways", "Conformance", "ConformanceExample.cs"));
        var indent = source.First(line => line.EndsWith($"// <{mark}>", StringComparison.Ordinal)).IndexOf('/');
        return source.SkipWhile(line => !line.EndsWith($"// <{mark}>", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => !line.EndsWith($"// </{mark}>", StringComparison.Ordinal)).Select(line => line.Length > indent ? line[indent..] : "")
            .Reverse().SkipWhile(line => line.Length == 0).Reverse();
    }

    private static IEnumerable<string[]> Blocks(string open, string close)
    {
        var lines = File.ReadAllLines(Guide).AsEnumerable();
        while (lines.SkipWhile(line => line != open).Skip(1).ToList() is { Count: > 0 } rest)
        {
            var block = rest.TakeWhile(line => line != close).ToArray();
            lines = rest.Skip(block.Length + 1);
            yield return block;
        }
    }
}
