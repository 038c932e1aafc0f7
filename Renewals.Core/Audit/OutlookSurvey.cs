using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>Says what is to be charged in the days to come, account by account, and which agreements end meanwhile. Reads every membership; writes nothing.</summary>
public sealed class OutlookSurvey
{
    private const int AgreementsAtOnce = 500;

    private readonly ISubscriptionLedger ledger;
    private readonly IBookLists book;
    private readonly RegisteredGateways gateways;
    private readonly IOptions<EngineOptions> options;

    internal OutlookSurvey(ISubscriptionLedger ledger, IBookLists book, RegisteredGateways gateways, IOptions<EngineOptions> options) =>
        (this.ledger, this.book, this.gateways, this.options) = (ledger, book, gateways, options);

    /// <summary>Counts.</summary>
    /// <param name="now">From now on.</param>
    /// <param name="days">How many days, today among them; 1 to 366.</param>
    /// <param name="zone">The zone of the days.</param>
    /// <param name="mostListed">How many agreements that end are listed; all are counted.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<OutlookReport> RunAsync(Instant now, int days, DateTimeZone zone, int mostListed, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(days, 366);
        var first = now.InZone(zone).Date;
        var until = zone.AtStartOfDay(first.PlusDays(days)).ToInstant();
        var (sums, ending) = (new Dictionary<(MerchantAccount, LocalDate, string), (long Count, long Money)>(), new List<EndingAgreement>());
        foreach (var account in (await book.CountAsync(now, cancellation)).Select(status => status.Account))
        {
            List<Subscription> page = [];
            await foreach (var s in ledger.ReadMembershipsAsync(account, cancellation))
            {
                Count(sums, s, now, until, zone);
                if (s.Status == SubscriptionStatus.Active)
                    page.Add(s);
                if (page.Count == AgreementsAtOnce)
                    await LookAsync(page, ending, until, cancellation);
            }

            await LookAsync(page, ending, until, cancellation);
        }

        return new(now, first, days)
        {
            Lines = [.. sums.OrderBy(sum => sum.Key.Item1.ToString(), StringComparer.Ordinal).ThenBy(sum => sum.Key.Item2).ThenBy(sum => sum.Key.Item3, StringComparer.Ordinal)
                .Select(sum => new OutlookLine(sum.Key.Item1, sum.Key.Item2, sum.Value.Count, new(sum.Value.Money, sum.Key.Item3)))],
            Limits = [.. gateways.Accounts.OrderBy(account => account.ToString(), StringComparer.Ordinal).Select(LimitOf)],
            Ending = [.. ending.OrderBy(one => one.EndsAt ?? now).ThenBy(one => one.Subscription.Value).Take(mostListed)],
            AllEnding = ending.Count,
        };
    }

    private static void Count(
        Dictionary<(MerchantAccount, LocalDate, string), (long Count, long Money)> sums, Subscription s, Instant now, Instant until, DateTimeZone zone)
    {
        foreach (var charge in Outlook.Of(s, now, until))
        {
            var key = (s.Account, charge.At.InZone(zone).Date, charge.Amount.Currency);
            var (count, money) = sums.GetValueOrDefault(key);
            sums[key] = (count + 1, money + charge.Amount.MinorUnits);
        }
    }

    private async Task LookAsync(List<Subscription> page, List<EndingAgreement> ending, Instant until, CancellationToken cancellation)
    {
        if (page.Count == 0)
            return;
        var ends = await book.ExpiriesAsync([.. page.Select(s => s.Agreement.Id)], until, cancellation);
        foreach (var s in page)
        {
            if (ends.TryGetValue(s.Agreement.Id, out var end))
                ending.Add(new(s.Id, s.Account, s.Agreement.Status, end));
            else if (s.Agreement.Status is AgreementStatus.Suspended or AgreementStatus.Terminating)
                ending.Add(new(s.Id, s.Account, s.Agreement.Status, null));
        }

        page.Clear();
    }

    private DayLimit LimitOf(MerchantAccount account)
    {
        var traits = gateways[account].Traits;
        var open = Period.Between(traits.OpensAt, traits.ClosesAt, PeriodUnits.Seconds).Seconds;
        return new(account, options.Value.ChargesPerSecond, traits.OpensAt, traits.ClosesAt, open * options.Value.ChargesPerSecond);
    }
}

/// <summary>What is to be charged in the days to come.</summary>
/// <param name="At">When it was counted.</param>
/// <param name="First">The first day.</param>
/// <param name="Days">How many days.</param>
public sealed record OutlookReport(Instant At, LocalDate First, int Days)
{
    /// <summary>By account, day and currency; what has no charge is left out.</summary>
    public required IReadOnlyList<OutlookLine> Lines { get; init; }

    /// <summary>How many charges an account can have in a day.</summary>
    public required IReadOnlyList<DayLimit> Limits { get; init; }

    /// <summary>Agreements of memberships that renew, and that end within the days, are suspended or are being ended; the soonest first.</summary>
    public required IReadOnlyList<EndingAgreement> Ending { get; init; }

    /// <summary>How many of those there are, listed or not.</summary>
    public required long AllEnding { get; init; }
}

/// <summary>A day's charges of an account.</summary>
/// <param name="Account">Which.</param>
/// <param name="Day">The day.</param>
/// <param name="Count">How many charges.</param>
/// <param name="Money">How much they come to, if all are paid.</param>
public sealed record OutlookLine(MerchantAccount Account, LocalDate Day, long Count, Money Money);

/// <summary>How many charges an account can have in a day: what the engine may commit in a second, in the hours in which the rail takes orders.</summary>
/// <param name="Account">Which.</param>
/// <param name="PerSecond">See <see cref="EngineOptions.ChargesPerSecond"/>.</param>
/// <param name="OpensAt">From this local time of the rail …</param>
/// <param name="ClosesAt">… to this one.</param>
/// <param name="Charges">How many come to that.</param>
public sealed record DayLimit(MerchantAccount Account, int PerSecond, LocalTime OpensAt, LocalTime ClosesAt, long Charges);

/// <summary>An agreement that may not carry the next charge.</summary>
/// <param name="Subscription">The membership it serves.</param>
/// <param name="Account">Where it was signed.</param>
/// <param name="Status">What it is now.</param>
/// <param name="EndsAt">When it ends by itself; null: it has no end, but is suspended or being ended.</param>
public sealed record EndingAgreement(SubscriptionId Subscription, MerchantAccount Account, AgreementStatus Status, Instant? EndsAt);
