using System.Globalization;
using System.Text;

namespace Renewals.Host.Dashboard;

/// <summary>A table as a file (RFC 4180), for programs and spreadsheets.</summary>
internal static class Csv
{
    /// <summary>A file to download.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="head">The names of the columns.</param>
    /// <param name="rows">The values; each row as long as the head.</param>
    public static IResult Of(string name, IReadOnlyList<string> head, IEnumerable<IReadOnlyList<object?>> rows)
    {
        var text = new StringBuilder();
        Write(text, head);
        foreach (var row in rows)
            Write(text, row);
        return Results.File(Encoding.UTF8.GetBytes(text.ToString()), "text/csv; charset=utf-8", name);
    }

    private static void Write(StringBuilder text, IReadOnlyList<object?> values) => text.AppendJoin(',', values.Select(value => Field($"{value}"))).Append("\r\n");

    // A spreadsheet would carry out what begins like a formula, some in full-width signs too. A negative number is a number as a whole, or it is none.
    private static string Field(string value)
    {
        var safe = value is ['=' or '+' or '@' or '\t' or '\r' or '\n' or '＝' or '＋' or '－' or '＠', ..] || (value is ['-', ..] && !IsNumber(value)) ? $"'{value}" : value;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static bool IsNumber(string value) => decimal.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _);
}
