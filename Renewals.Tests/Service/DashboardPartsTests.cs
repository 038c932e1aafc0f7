using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Renewals.Host.Dashboard;

namespace Renewals.Tests.Service;

/// <summary>Parts of the pages by themselves: counts that are shared, files, charts.</summary>
public sealed class DashboardPartsTests
{
    [Fact]
    public async Task A_count_runs_once_for_all_who_look_and_anew_for_who_looks_later()
    {
        var (counts, gate) = (0, new TaskCompletionSource());
        var counted = new Counted<string>(
            async _ =>
            {
                var count = Interlocked.Increment(ref counts);
                await gate.Task;
                return $"{count}";
            }, default);
        var looks = Enumerable.Range(0, 10).Select(_ => counted.ReadAsync(default)).ToList();
        gate.SetResult();
        (await Task.WhenAll(looks)).Should().AllBe("1");
        (await counted.ReadAsync(default)).Should().Be("2", "it took no second");
    }

    [Fact]
    public async Task A_count_that_fails_is_told_and_tried_again()
    {
        var fails = true;
        var counted = new Counted<string>(_ => fails ? throw new InvalidOperationException("no database") : Task.FromResult("counted"), default);
        await counted.Awaiting(c => c.ReadAsync(default)).Should().ThrowAsync<InvalidOperationException>();
        fails = false;
        (await counted.ReadAsync(default)).Should().Be("counted");
    }

    [Fact]
    public async Task A_file_keeps_its_columns_and_is_no_formula()
    {
        var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider(), Response = { Body = new MemoryStream() } };
        await Csv.Of("a.csv", ["a", "b"], [["=1+1", "x,\"y\"\r\nz"], [-5, null], ["-x", "@y"], ["-2+3+cmd|' /C calc'!A0", "＝1+1"], [-5.25m, "+1"]]).ExecuteAsync(context);
        context.Response.Body.Position = 0;
        (await new StreamReader(context.Response.Body).ReadToEndAsync()).Should().Be("a,b\r\n'=1+1,\"x,\"\"y\"\"\r\nz\"\r\n-5,\r\n'-x,'@y\r\n'-2+3+cmd|' /C calc'!A0,'＝1+1\r\n-5.25,'+1\r\n");
    }

    [Theory]
    [InlineData(null, 100, 0)]
    [InlineData(20L, 50, 1)]
    [InlineData(30L, 100.0 / 3, 1)]
    [InlineData(31L, 100, 0)]
    public void A_chart_is_true_to_scale_and_draws_a_limit_that_is_in_sight(long? limit, double percent, int lines)
    {
        var (alone, svg) = (Draw(null), Draw(limit));
        var heights = Bars(svg).Select(Height).ToList();
        heights[0].Should().BePositive().And.BeApproximately(Bars(alone).Max(Height) * percent / 100, 0.01);
        heights[1].Should().BeApproximately(heights[0] / 2, 0.01);
        heights[2].Should().Be(0);
        svg.Elements("polyline").Count(line => (string?)line.Attribute("class") == "limit").Should().Be(lines);
        ((string)svg.Element("title")!).Should().Be("<Charges>: Monday 10, Tuesday 5");
        Bars(svg).Select(bar => (string)bar.Element("title")!).Should().Equal("Monday: 10", "Tuesday: 5", "Wednesday: 0");
        svg.Elements("text").Select(text => text.Value).Should().Contain(["<Charges>", "Monday", "Wednesday", "0 fen"]);
        svg.DescendantsAndSelf().Attributes().Select(attribute => attribute.Name.LocalName).Should().NotContain(["style", "id", "fill"], "the page's style sheet colours it");

        static XElement Draw(long? limit) =>
            XElement.Parse(BarChart.Svg("<Charges>", [new("Monday", 10, "10"), new("Tuesday", 5, "5"), new("Wednesday", 0, "0")], value => $"{value} fen", limit).Value);
        static IEnumerable<XElement> Bars(XElement svg) => svg.Elements("rect").Where(rect => (string?)rect.Attribute("class") == "bar");
        static double Height(XElement bar) => (double)bar.Attribute("height")!;
    }
}
