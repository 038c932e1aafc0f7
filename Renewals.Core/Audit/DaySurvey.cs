using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;

namespace Renewals.Core.Audit;

/// <summary>Says how a day goes: memberships, what is due and late, money by currency, and what each rail can take at this moment.</summary>
public sealed class DaySurvey
{
    private readonly ISubscriptionLedger ledger;
    private readonly IBookLists book;
    private readonly RegisteredGateways gateways;
    private readonly IChargeStops stops;
    private readonly EngineClock clock;

    internal DaySurvey(ISubscriptionLedger ledger, IBookLists book, RegisteredGateways gateways, IChargeStops stops, EngineClock clock) =>
        (this.ledger, this.book, this.gateways, this.stops, this.clock) = (ledger, book, gateways, stops, clock);

    /// <summary>Now, as the engine has it.</summary>
    public Instant Now => clock.Now;

    /// <summary>Counts.</summary>
    /// <param name="from">When the day began.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<DayReport> RunAsync(Instant from, CancellationToken cancellation = default)
    {
        var now = clock.Now;
        var status = new LedgerStatus(now, await book.CountAsync(now, cancellation), await stops.ListAsync(openOnly: true, cancellation));
        List<DayMoney> money = [];
        foreach (var account in status.Accounts.Select(one => one.Account))
            money.AddRange(await SumAsync(account, from, now, cancellation));
        return new(from, status) { Money = money, Rails = [.. gateways.Accounts.OrderBy(account => account.ToString(), StringComparer.Ordinal).Select(account => StateOf(account, status))] };
    }

    // What is paid this very moment counts: the end of a day is exclusive.
    private async Task<IEnumerable<DayMoney>> SumAsync(MerchantAccount account, Instant from, Instant now, CancellationToken cancellation)
    {
        SortedDictionary<string, DayMoney> sums = new(StringComparer.Ordinal);
        await foreach (var movement in ledger.ReadMovementsAsync(account, from, now + Duration.FromMilliseconds(1), cancellation))
        {
            var none = new Money(0, movement.Amount.Currency);
            var sum = sums.GetValueOrDefault(none.Currency) ?? new(account, 0, none, 0, none);
            sums[none.Currency] = movement.RefundNumber is null
                ? sum with { Charges = sum.Charges + 1, Taken = sum.Taken + movement.Amount }
                : sum with { Refunds = sum.Refunds + 1, Back = sum.Back + movement.Amount };
        }

        return sums.Values;
    }

    private RailState StateOf(MerchantAccount account, LedgerStatus status)
    {
        var gateway = gateways[account];
        var traits = gateway.Traits;
        var opens = RailHours.NextOpen(status.At, traits.OpensAt, traits.ClosesAt, traits.ZoneId);
        return new(
            account, gateway.FreePermits(1) > 0, opens > status.At ? opens : null,
            [.. status.Stops.Where(stop => stop.Scope is StopScope.Everything or StopScope.Plan || stop is { Scope: StopScope.Account } && stop.Account == account)]);
    }
}

/// <summary>How a day goes.</summary>
/// <param name="From">When it began.</param>
/// <param name="Status">How the ledger stands now.</param>
public sealed record DayReport(Instant From, LedgerStatus Status)
{
    /// <summary>What moved since the day began, by account and currency, by the rail's time of it.</summary>
    public required IReadOnlyList<DayMoney> Money { get; init; }

    /// <summary>What each rail served here can take now.</summary>
    public required IReadOnlyList<RailState> Rails { get; init; }
}

/// <summary>Money of an account in one currency.</summary>
/// <param name="Account">Which.</param>
/// <param name="Charges">How many payments.</param>
/// <param name="Taken">How much they came to, what is not owed included.</param>
/// <param name="Refunds">How many refunds.</param>
/// <param name="Back">How much went back.</param>
public sealed record DayMoney(MerchantAccount Account, long Charges, Money Taken, long Refunds, Money Back);

/// <summary>What a rail can take now.</summary>
/// <param name="Account">Which.</param>
/// <param name="Answers">False: its breaker is open or its rate is used up; nothing is claimed.</param>
/// <param name="OpensAt">When it next takes orders; null: it does now.</param>
/// <param name="Stops">What is stopped there.</param>
public sealed record RailState(MerchantAccount Account, bool Answers, Instant? OpensAt, IReadOnlyList<ChargeStop> Stops);
