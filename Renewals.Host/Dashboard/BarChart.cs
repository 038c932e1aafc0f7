using System.Xml.Linq;
using Microsoft.AspNetCore.Components;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Renewals.Host.Dashboard;

/// <summary>One bar.</summary>
/// <param name="Label">What it stands for.</param>
/// <param name="Value">How high it is; 0 or more.</param>
/// <param name="Text">The value, as it is read.</param>
public sealed record Bar(string Label, long Value, string Text);

/// <summary>A bar chart as SVG within the page, drawn by OxyPlot; what it shows stands in a table beside it as well.</summary>
/// <remarks>
/// The library writes colours and fonts into the drawing. Here each part is given a class instead: the page's own style sheet colours it, also in the dark
/// scheme, and the content security policy allows no other style.
/// </remarks>
internal static class BarChart
{
    private const int Width = 720, Height = 220;

    // Room that axes and margins take of the width; bars are as wide as four fifths of what is left for each.
    private const double Beside = 90;

    // A limit far above every bar would make them all flat; it is told in words.
    private const int LimitInSight = 3;

    // Colours that say what a part is, until it has its class.
    private static readonly OxyColor BarPart = OxyColor.FromRgb(1, 0, 0), LimitPart = OxyColor.FromRgb(2, 0, 0), GridPart = OxyColor.FromRgb(3, 0, 0);

    /// <summary>Draws.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="bars">From left to right.</param>
    /// <param name="scale">A value as it is written at the axis.</param>
    /// <param name="limit">A line that bars should stay below; null: none.</param>
    public static MarkupString Svg(string title, IReadOnlyList<Bar> bars, Func<long, string> scale, long? limit)
    {
        var highest = bars.Select(bar => bar.Value).DefaultIfEmpty().Max();
        var drawn = limit <= highest * (double)LimitInSight ? limit : null;
        var drawing = XElement.Parse(SvgExporter.ExportToString(ModelOf(title, bars, scale, drawn, Math.Max(1, Math.Max(highest, drawn ?? 0))), Width, Height, false));
        var parts = drawing.Descendants().Select(PartOf).OfType<XElement>().ToList();
        foreach (var (part, bar) in parts.Where(part => (string?)part.Attribute("class") == "bar").Zip(bars))
            part.Add(new XElement("title", $"{bar.Label}: {bar.Text}"));
        var svg = new XElement(
            "svg", new XAttribute("class", "chart"), new XAttribute("viewBox", $"0 0 {Width} {Height}"), new XAttribute("role", "img"),
            new XElement("title", $"{title}: {string.Join(", ", bars.Where(bar => bar.Value > 0).Select(bar => $"{bar.Label} {bar.Text}"))}"), parts);
        return new(svg.ToString(SaveOptions.DisableFormatting));
    }

    private static PlotModel ModelOf(string title, IReadOnlyList<Bar> bars, Func<long, string> scale, long? limit, long top)
    {
        var model = new PlotModel { Title = title, TitleFontSize = 14, DefaultFontSize = 12, Padding = new(20, 8, 20, 8), PlotAreaBorderThickness = new(0) };
        model.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom, Minimum = -0.6, Maximum = bars.Count - 0.4, MajorStep = bars.Count <= 7 ? 1 : (bars.Count - 1) / 2.0, TickStyle = TickStyle.None,
            LabelFormatter = at => bars.ElementAtOrDefault((int)Math.Round(at))?.Label ?? "",
        });
        model.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Left, Minimum = 0, Maximum = top, MinimumMajorStep = 1, TickStyle = TickStyle.None, MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = GridPart, LabelFormatter = value => scale((long)value),
        });
        var series = new LinearBarSeries { FillColor = BarPart, BarWidth = (Width - Beside) / Math.Max(1, bars.Count) * 0.8 };
        series.Points.AddRange(bars.Select((bar, index) => new DataPoint(index, bar.Value)));
        model.Series.Add(series);
        if (limit is { } line)
            model.Annotations.Add(new LineAnnotation { Type = LineAnnotationType.Horizontal, Y = line, Text = scale(line), Color = LimitPart, LineStyle = LineStyle.Dash });
        return model;
    }

    // Null: nothing to see.
    private static XElement? PartOf(XElement drawn)
    {
        var style = (string?)drawn.Attribute("style") ?? "";
        return drawn.Name.LocalName switch
        {
            "rect" when style.Contains(Rgb(BarPart), StringComparison.Ordinal) => Part("bar", "x", "y", "width", "height"),
            "polyline" when style.Contains(Rgb(LimitPart), StringComparison.Ordinal) => Part("limit", "points"),
            "polyline" when style.Contains(Rgb(GridPart), StringComparison.Ordinal) => Part("grid", "points"),
            "text" => Part((string?)drawn.Attribute("font-weight") == "700" ? "head" : "label", "dominant-baseline", "text-anchor", "transform"),
            _ => null,
        };

        XElement Part(string what, params string[] kept) =>
            new(drawn.Name.LocalName, new XAttribute("class", what), kept.Select(name => drawn.Attribute(name)), drawn.Nodes());
    }

    private static string Rgb(OxyColor colour) => $"rgb({colour.R},{colour.G},{colour.B})";
}
