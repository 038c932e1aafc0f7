using System.Globalization;
using System.Text.RegularExpressions;
using NodaTime;
using NodaTime.Text;
using Renewals.Core.Agreements;
using Renewals.Core.Engine;
using Renewals.Host.Service;

namespace Renewals.Host.MovingIn;

/// <summary>The columns of a book of memberships, found by their names, and what their cells must be. The format is in docs/moving-in.md.</summary>
internal sealed partial class BookColumns
{
    /// <summary>What stands in the place of a cell that held a card number, in what is written of the line.</summary>
    public const string Removed = "(looked like a card number, removed)";

    private const int MostCharacters = 256;
    private const string InVault = "vault:";
    private const string Member = "member", Plan = "plan", Anchor = "anchor", PaidUntil = "paid_until", Agreement = "agreement", Price = "price", Payer = "payer", OldOrder = "old_order";

    private static readonly string[] Required = [Member, Plan, Anchor, PaidUntil, Agreement, Price];
    private static readonly string[] Optional = [Payer, OldOrder];

    // So that a file of refused lines can be mended and imported as it is.
    private static readonly string[] Ignored = ["line", "reason"];

    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);

    /// <summary>Reads the header.</summary>
    /// <exception cref="CannotRunException">A column is missing, unknown or there twice.</exception>
    public BookColumns(IReadOnlyList<string> header)
    {
        Names = [.. header.Select(name => name.Trim())];
        foreach (var (place, name) in Names.Index())
        {
            if (!Required.Concat(Optional).Concat(Ignored).Contains(name))
            {
                throw new CannotRunException(
                    $"The header has a column {Quoted(name)}; the columns are {string.Join(", ", Required)} and, where wanted, {string.Join(", ", Optional)}, separated by commas.");
            }

            if (!places.TryAdd(name, place))
                throw new CannotRunException($"The header has the column {name} twice.");
        }

        if (Required.Where(name => !places.ContainsKey(name)).ToList() is { Count: > 0 } missing)
            throw new CannotRunException($"The header has no column {string.Join(", ", missing)}; the columns are {string.Join(", ", Required)}, separated by commas.");
    }

    /// <summary>The columns' names in their order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The header of an export.</summary>
    public static IReadOnlyList<string> ForExport { get; } = [.. Required, Payer];

    /// <summary>The columns of a line's own, without those a file of refused lines has besides.</summary>
    public IEnumerable<(string Name, int Place)> Own => Names.Index().Where(column => !Ignored.Contains(column.Item)).Select(column => (column.Item, column.Index));

    /// <summary>Reads a line.</summary>
    /// <param name="cells">Its cells; what may not be shown is removed from them.</param>
    /// <param name="fault">What is wrong with their form; null: nothing.</param>
    /// <returns>The line, or why it is none.</returns>
    public (ImportLine? Line, string? Why) Read(string[] cells, string? fault = null)
    {
        fault ??= cells.Length == Names.Count ? null : $"the line has {cells.Length} cells under {Names.Count} columns";
        if (fault is not null)
        {
            // No cell of such a line is known to be in its own column.
            for (var place = 0; place < cells.Length; place++)
                cells[place] = CardNumbers.AreIn(cells[place]) ? Removed : cells[place];
            return (null, fault);
        }

        var hasCard = false;
        foreach (var (name, place) in Own)
        {
            if (name is not (Anchor or PaidUntil) && CardNumbers.AreIn(cells[place]))
                (cells[place], hasCard) = (Removed, true);
        }

        if (hasCard)
            return (null, "a cell looks like a card number; the book has vault references and rail's ids, never cards. A member's number that looks so needs a letter before it");
        if (cells.Any(cell => cell.Length > MostCharacters))
            return (null, $"a cell has more than {MostCharacters} characters");
        if (cells.Any(cell => cell.Contains('\uFFFD')))
            return (null, "the line is not UTF-8; save the file as UTF-8");
        if (cells.Any(cell => cell.Any(char.IsControl)))
            return (null, "a cell has a control character");
        return ReadClean(name => places.TryGetValue(name, out var place) ? cells[place].Trim() : "");
    }

    /// <summary>A line of an export, in the order of <see cref="ForExport"/>.</summary>
    public static IEnumerable<string> Write(ImportLine line) =>
    [
        line.Member, line.PlanId, LocalDatePattern.Iso.Format(line.Anchor), LocalDatePattern.Iso.Format(line.PaidUntil), line.RailAgreementId ?? $"{InVault}{line.InVault}",
        string.Create(CultureInfo.InvariantCulture, $"{line.Currency} {line.Price}"), line.Payer ?? "",
    ];

    private static (ImportLine? Line, string? Why) ReadClean(Func<string, string> cell)
    {
        if (Required.FirstOrDefault(name => cell(name).Length == 0) is { } empty)
            return (null, $"{empty} is empty");
        if (!LocalDatePattern.Iso.Parse(cell(Anchor)).TryGetValue(default, out var anchor))
            return (null, $"anchor is {Quoted(cell(Anchor))}; write a day as 2026-03-31");
        if (!LocalDatePattern.Iso.Parse(cell(PaidUntil)).TryGetValue(default, out var paidUntil))
            return (null, $"paid_until is {Quoted(cell(PaidUntil))}; write the first day that is not paid, as 2026-03-31");
        if (Amount().Match(cell(Price)) is not { Success: true } price)
            return (null, $"price is {Quoted(cell(Price))}; write minor units such as 2500 (25.00 yuan), with the currency before them where it is not the plan's: USD 990");
        var isReference = cell(Agreement).StartsWith(InVault, StringComparison.Ordinal);
        AgreementId reference = default;
        if (isReference && !AgreementId.TryParse(cell(Agreement)[InVault.Length..], out reference))
            return (null, "agreement is no reference to the vault: vault: and 32 lower-case hexadecimal digits");
        return (new(
            cell(Member), cell(Plan), anchor, paidUntil, isReference ? null : cell(Agreement), isReference ? reference : null,
            long.Parse(price.Groups["units"].ValueSpan, CultureInfo.InvariantCulture), price.Groups["currency"].Success ? price.Groups["currency"].Value : null)
        {
            Payer = NullIfEmpty(cell(Payer)), OldOrder = NullIfEmpty(cell(OldOrder)),
        }, null);
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private static string Quoted(string text) => $"'{(text.Length > 40 ? text[..40] + "…" : text)}'";

    [GeneratedRegex(@"\A(?:(?<currency>[A-Z]{3}) )?(?<units>[0-9]{1,15})\z")]
    private static partial Regex Amount();
}
