using System.Globalization;
using System.Xml.Linq;
using Microsoft.AspNetCore.Components;

namespace Renewals.Host.Dashboard;

/// <summary>One bar.</summary>
/// <param name="Label">What it stands for.</param>
/// <param name="Value">How high it is; 0 or more.</param>
/// <param name="Text">The value, as it is read.</param>
public sealed record Bar(string Label, long Value, string Text);

/// <summary>A bar chart as SVG within the page: its colours come from the page's own style sheet, and so are those of the reader's scheme.</summary>
/// <remarks>
/// Not by a charting library: those that need no native library write colours into <c>style</c> attributes, which our content security policy forbids
/// and no dark scheme can change. What a chart shows stands in a table beside it as well.
/// </remarks>
internal static class BarChart
{
    private const double Width = 720, Height = 200, Left = 8, Top = 24, Bottom = 24;

    // A limit far above every bar would make them all flat; it is told in words.
    private const int LimitInSight = 3;

    /// <summary>Draws.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="bars">From left to right.</param>
    /// <param name="limit">A line that bars should stay below; null: none.</param>
    public static MarkupString Svg(string title, IReadOnlyList<Bar> bars, long? limit)
    {
        var highest = bars.Select(bar => bar.Value).DefaultIfEmpty().Max();
        var drawn = limit <= highest * (double)LimitInSight ? limit : null;
        var top = Math.Max(1, Math.Max(highest, drawn ?? 0));
        var svg = new XElement(
            "svg", new XAttribute("class", "chart"), new XAttribute("viewBox", Invariant($"0 0 {Width} {Height}")), new XAttribute("role", "img"),
            new XElement("title", $"{title}: {string.Join(", ", bars.Where(bar => bar.Value > 0).Select(bar => $"{bar.Label} {bar.Text}"))}"),
            Text(Left, 14, title, "head"), bars.Select((bar, index) => BarOf(bar, index, bars.Count, top)), Labels(bars), drawn is { } line ? Line(line, top) : null);
        return new(svg.ToString(SaveOptions.DisableFormatting));
    }

    private static XElement BarOf(Bar bar, int index, int count, long top)
    {
        var (step, height) = ((Width - (2 * Left)) / count, (Height - Top - Bottom) * bar.Value / top);
        return new(
            "rect", new XAttribute("x", Number(Left + (index * step) + (step * 0.1))), new XAttribute("y", Number(Height - Bottom - height)),
            new XAttribute("width", Number(step * 0.8)), new XAttribute("height", Number(height)), new XElement("title", $"{bar.Label}: {bar.Text}"));
    }

    // Every label would not fit: the first, the middle and the last are enough to find one's way, and each bar has its own.
    private static IEnumerable<XElement> Labels(IReadOnlyList<Bar> bars)
    {
        var step = (Width - (2 * Left)) / Math.Max(1, bars.Count);
        var places = bars.Count <= 7 ? Enumerable.Range(0, bars.Count) : [0, bars.Count / 2, bars.Count - 1];
        return places.Select(place => Text(
            Left + ((place + 0.5) * step), Height - 6, bars[place].Label, bars.Count <= 7 ? "middle" : place == 0 ? "first" : place == bars.Count - 1 ? "last" : "middle"));
    }

    private static XElement[] Line(long limit, long top)
    {
        var y = Height - Bottom - ((Height - Top - Bottom) * limit / top);
        return
        [
            new("line", new XAttribute("x1", Number(Left)), new XAttribute("x2", Number(Width - Left)), new XAttribute("y1", Number(y)), new XAttribute("y2", Number(y))),
            Text(Width - Left, y - 3, Words.Count(limit), "last"),
        ];
    }

    private static XElement Text(double x, double y, string text, string kind) =>
        new("text", new XAttribute("x", Number(x)), new XAttribute("y", Number(y)), new XAttribute("class", kind), text);

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
