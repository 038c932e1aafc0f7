using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.RegularExpressions;
using Renewals.Core.Engine;
using Renewals.Gateways.Resilience;
using Renewals.Host.Webhooks;
using Renewals.Tests.Support;
using Renewals.Tests.Telemetry;

namespace Renewals.Tests.Rules;

/// <summary>What spans, their tags and metrics are called stands in the manual as it is in the code: who draws or alarms on a name relies on it.</summary>
public partial class TelemetryPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(SourceRules.Root(), "docs", "operations.md"));

    [Fact]
    public void The_spans_of_the_page_are_those_of_the_code()
    {
        var spans = Constants(typeof(SpanNames)).Append(RailTraces.Attempt).ToList();
        spans.Should().OnlyHaveUniqueItems().And.HaveCountGreaterThan(15).And.OnlyContain(name => Plain().IsMatch(name));
        Rows("### Spans").Should().BeEquivalentTo(spans);
    }

    [Fact]
    public void The_tags_of_the_page_are_those_of_the_code()
    {
        var tags = Constants(typeof(SpanTags)).Append(RailTraces.Try).ToList();
        tags.Should().OnlyHaveUniqueItems().And.HaveCountGreaterThan(20).And.Contain([RailTraces.Account, RailTraces.Error]);
        Rows("### Tags").Should().BeEquivalentTo(tags);
    }

    [Fact]
    public void The_metrics_of_the_page_are_those_of_the_code()
    {
        using var meters = new TestMeters();
        _ = new EngineMetrics(meters);
        _ = new WebhookMetrics(meters, new EngineClock(TestHost.Clock()));
        var names = meters.Instruments().Select(NameOf).ToList();
        names.Should().OnlyHaveUniqueItems().And.HaveCountGreaterThan(10);
        Rows("## Health and metrics").Where(row => row.StartsWith("renewals_", StringComparison.Ordinal)).Should().BeEquivalentTo(names);
    }

    [Fact]
    public void A_name_that_is_missing_or_too_many_would_be_seen()
    {
        Rows("### Spans").Should().Contain(SpanNames.Sweep).And.NotContain(SpanTags.Account);
        Rows("### Tags").Should().Contain(SpanTags.Account).And.NotContain(SpanNames.Sweep);
    }

    // As the exporter for Prometheus writes it.
    private static string NameOf(Instrument instrument) =>
        instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "") + (instrument is Counter<long> ? "_total" : "");

    private static IEnumerable<string> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);

    // The first cells of the tables below a heading, up to the next.
    private static IReadOnlyList<string> Rows(string heading)
    {
        var at = Page.IndexOf($"\n{heading}\n", StringComparison.Ordinal);
        at.Should().BePositive($"the page should have {heading}");
        var end = Page.IndexOf("\n#", at + heading.Length, StringComparison.Ordinal);
        return [.. Row().Matches(Page[at..(end < 0 ? Page.Length : end)]).Select(row => row.Groups[1].Value)];
    }

    [GeneratedRegex(@"^\| `([a-z_.-]+)` \| ", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^renewals\.[a-z-]+$")]
    private static partial Regex Plain();
}
