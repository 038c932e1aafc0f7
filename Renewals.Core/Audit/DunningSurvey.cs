using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;

namespace Renewals.Core.Audit;

/// <summary>Counts what became of charges that were declined: by account, reason and number of declines.</summary>
public sealed class DunningSurvey
{
    private readonly IBookLists book;

    internal DunningSurvey(IBookLists book) => this.book = book;

    /// <summary>Reads every membership with a decline in this time.</summary>
    /// <param name="from">Charges whose first decline is not before this.</param>
    /// <param name="today">From here on declines and recoveries are also counted apart.</param>
    /// <param name="until">… and before this.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<DunningReport> RunAsync(Instant from, Instant today, Instant until, CancellationToken cancellation = default)
    {
        Dictionary<(MerchantAccount, DeclineReason, int, DunningState, string?), (long Count, long Money)> lines = [];
        Dictionary<MerchantAccount, (long Declined, long Recovered)> day = [];
        await foreach (var stream in book.ReadDeclinedAsync(from, cancellation))
        {
            foreach (var one in DunningCase.Of(stream.Account, stream.Events))
            {
                Count(day, one, today, until);
                if (one.Declines[0] < from || one.Declines[0] >= until)
                    continue;
                var key = (one.Account, one.Reason, one.Declines.Count, one.State, one.Paid?.Currency);
                var (count, money) = lines.GetValueOrDefault(key);
                lines[key] = (count + 1, money + (one.Paid?.MinorUnits ?? 0));
            }
        }

        return new(from, until)
        {
            Lines = [.. lines.OrderBy(line => line.Key.Item1.ToString(), StringComparer.Ordinal).ThenBy(line => line.Key.Item2).ThenBy(line => line.Key.Item3).ThenBy(line => line.Key.Item4)
                .Select(line => new DunningLine(
                    line.Key.Item1, line.Key.Item2, line.Key.Item3, line.Key.Item4, line.Value.Count, line.Key.Item5 is { } currency ? new Money(line.Value.Money, currency) : null))],
            Today = [.. day.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal).Select(pair => new DunningDay(pair.Key, pair.Value.Declined, pair.Value.Recovered))],
        };
    }

    private static void Count(Dictionary<MerchantAccount, (long Declined, long Recovered)> day, DunningCase one, Instant today, Instant until)
    {
        var declined = one.Declines.Count(at => at >= today && at < until);
        var recovered = one.PaidAt >= today && one.PaidAt < until ? 1 : 0;
        if (declined + recovered == 0)
            return;
        var before = day.GetValueOrDefault(one.Account);
        day[one.Account] = (before.Declined + declined, before.Recovered + recovered);
    }
}

/// <summary>What became of the charges that were first declined within a time.</summary>
/// <param name="From">From here …</param>
/// <param name="Until">… to here.</param>
public sealed record DunningReport(Instant From, Instant Until)
{
    /// <summary>By account, reason, number of declines and state. Each charge is in one line.</summary>
    public required IReadOnlyList<DunningLine> Lines { get; init; }

    /// <summary>What happened today, of charges whose declines began within the time or today.</summary>
    public required IReadOnlyList<DunningDay> Today { get; init; }

    /// <summary>How far dunning goes: of the charges that came to try 1, 2, …, how many were declined, and what the try brought in.</summary>
    public IReadOnlyList<DunningStep> Steps => [.. Enumerable.Range(1, Lines.Select(line => line.Tries).DefaultIfEmpty().Max()).Select(StepOf)];

    private DunningStep StepOf(int attempt) => new(
        attempt,
        Lines.Where(line => line.Tries >= attempt).Sum(line => line.Count),
        Lines.Where(line => line.Declines >= attempt).Sum(line => line.Count),
        Lines.Where(line => line.State == DunningState.Recovered && line.Tries == attempt).Sum(line => line.Count));
}

/// <summary>Charges with the same fate.</summary>
/// <param name="Account">Where they are charged.</param>
/// <param name="Reason">Why the first try was declined.</param>
/// <param name="Declines">How often they were declined.</param>
/// <param name="State">What has become of them.</param>
/// <param name="Count">How many.</param>
/// <param name="Recovered">What was paid after all; null: nothing.</param>
public sealed record DunningLine(MerchantAccount Account, DeclineReason Reason, int Declines, DunningState State, long Count, Money? Recovered)
{
    /// <summary>How many tries were answered: the declines, and the payment.</summary>
    public int Tries => Declines + (State == DunningState.Recovered ? 1 : 0);
}

/// <summary>One try of dunning.</summary>
/// <param name="Attempt">1 is the charge's first try.</param>
/// <param name="Tried">How many charges had an answer to it.</param>
/// <param name="Declined">How many were declined.</param>
/// <param name="Recovered">How many were paid.</param>
public sealed record DunningStep(int Attempt, long Tried, long Declined, long Recovered);

/// <summary>An account's declines of a day.</summary>
/// <param name="Account">Which.</param>
/// <param name="Declined">How many tries were declined.</param>
/// <param name="Recovered">How many charges were paid after a decline.</param>
public sealed record DunningDay(MerchantAccount Account, long Declined, long Recovered);
