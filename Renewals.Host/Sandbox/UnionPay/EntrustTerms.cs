using System.Text.RegularExpressions;
using NodaTime;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>The unit a number of collections is allowed in (<c>frequency</c>, first two digits).</summary>
internal enum FrequencyUnit
{
    Unlimited = 0,
    Year = 1,
    Quarter = 2,
    Month = 3,
    Week = 4,
    Day = 5,
}

/// <summary>The terms on file of generation C: <c>{validMonth=NNN&amp;frequency=UUCCCC}</c>.</summary>
/// <param name="ValidMonths">How long the entrust lives; 0 is without end.</param>
/// <param name="Unit">The unit of <paramref name="Most"/>, in Beijing's calendar.</param>
/// <param name="Most">Successful collections allowed in one unit.</param>
internal sealed partial record EntrustTerms(int ValidMonths, FrequencyUnit Unit, int Most)
{
    /// <summary>No end and no limit: generations A and B have no terms on file.</summary>
    public static readonly EntrustTerms None = new(0, FrequencyUnit.Unlimited, 0);

    /// <summary>Reads <c>reserved</c>; null when it is not of the form, both items mandatory.</summary>
    public static EntrustTerms? TryRead(string reserved) =>
        Form().Match(reserved) is { Success: true } match
            ? new EntrustTerms(
                int.Parse(match.Groups["months"].ValueSpan), (FrequencyUnit)int.Parse(match.Groups["unit"].ValueSpan),
                int.Parse(match.Groups["most"].ValueSpan))
            : null;

    /// <summary>When an entrust signed then ends by itself; null when never.</summary>
    public Instant? ExpiryOf(Instant signed) =>
        ValidMonths == 0 ? null : UnionPayTime.ToInstant(UnionPayTime.InBeijing(signed).PlusMonths(ValidMonths));

    /// <summary>Whether two days lie in the same unit.</summary>
    public bool SameUnit(LocalDate left, LocalDate right) => StartOf(left) == StartOf(right);

    // A week begins on Monday. The first day of the unit names it.
    private LocalDate StartOf(LocalDate day) => Unit switch
    {
        FrequencyUnit.Unlimited => LocalDate.MinIsoValue,
        FrequencyUnit.Year => new LocalDate(day.Year, 1, 1),
        FrequencyUnit.Quarter => new LocalDate(day.Year, ((day.Month - 1) / 3 * 3) + 1, 1),
        FrequencyUnit.Month => new LocalDate(day.Year, day.Month, 1),
        FrequencyUnit.Week => day.PlusDays(1 - (int)day.DayOfWeek),
        FrequencyUnit.Day => day,
        _ => throw new InvalidOperationException($"Unit {Unit} is unknown."),
    };

    [GeneratedRegex(@"^\{validMonth=(?<months>\d{3})&frequency=0(?<unit>[0-5])(?<most>\d{4})\}$")]
    private static partial Regex Form();
}
