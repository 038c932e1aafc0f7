using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>Says what would become of a real backlog: reads the book, lets every membership that is behind live on in memory, and writes nothing.</summary>
public sealed class CatchUpSurvey
{
    private readonly ISubscriptionLedger ledger;
    private readonly RegisteredGateways gateways;
    private readonly IChargeStops stops;
    private readonly EngineClock clock;
    private readonly IOptions<EngineOptions> options;

    internal CatchUpSurvey(
        ISubscriptionLedger ledger, RegisteredGateways gateways, IChargeStops stops, EngineClock clock, IOptions<EngineOptions> options) =>
        (this.ledger, this.gateways, this.stops, this.clock, this.options) = (ledger, gateways, stops, clock, options);

    /// <summary>Reads every membership of the account.</summary>
    /// <param name="account">Which.</param>
    /// <param name="progress">Told after each membership how many were read.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidOperationException">No gateway is registered for the account.</exception>
    public async Task<CatchUpReport> RunAsync(MerchantAccount account, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        var (now, limits) = (clock.Now, options.Value.Fuses);

        // A frozen ledger is looked at as it will be when it goes on.
        var context = EngineClock.Context(now, gateways[account], options.Value);
        var backlog = new Backlog();
        var read = 0L;
        await foreach (var s in ledger.ReadMembershipsAsync(account, cancellation))
        {
            if (CatchUpPreview.IsBehind(s, limits, now))
                backlog.Add(s, context, limits);
            progress?.Report(++read);
        }

        var windows = (await stops.LateAsync(account, cancellation)).ToDictionary(window => window.Currency);
        return new()
        {
            Account = account, At = now, Lines = backlog.Lines,
            Late = [.. backlog.Currencies.Select(currency => Forecast(currency, backlog.LateOf(currency), windows.GetValueOrDefault(currency), limits, now))],
            Stops = [.. (await stops.ListAsync(openOnly: true, cancellation)).Where(stop => stop.Account is null || stop.Account == account)],
        };
    }

    private static LateForecast Forecast(string currency, IEnumerable<(Instant At, long Amount, long Each)> late, LateWindow? window, FuseLimits limits, Instant now)
    {
        var (total, gone, limit) = (0L, 0L, LateWindow.For(window, currency, now).LimitOf(limits).MinorUnits);
        Instant? stopsAt = null;
        foreach (var (at, amount, each) in late)
        {
            total += amount;
            if (stopsAt is not null)
                continue;
            window = LateWindow.For(window, currency, at);
            var fits = Math.Min(amount, Math.Max(0, (window.LimitOf(limits).MinorUnits - window.Taken) / each * each));
            window = window.Take(new(fits, currency));
            gone += fits;
            if (fits < amount)
                stopsAt = at;
        }

        return new(currency, total, limit, stopsAt, gone);
    }

    /// <summary>Counts; memory is bounded by plans and by the moments at which late orders go out, which are days and hours.</summary>
    private sealed class Backlog
    {
        private readonly Dictionary<(string, CatchUpPolicy, string), CatchUpLine> lines = [];
        private readonly Dictionary<string, SortedDictionary<(Instant At, long Each), long>> late = [];

        public IReadOnlyList<CatchUpLine> Lines => [.. lines.Values.OrderBy(line => line.Plan, StringComparer.Ordinal).ThenBy(line => line.Policy)];

        public IEnumerable<string> Currencies => late.Keys.Order(StringComparer.Ordinal);

        public IEnumerable<(Instant At, long Amount, long Each)> LateOf(string currency) => late[currency].Select(pair => (pair.Key.At, pair.Value, pair.Key.Each));

        public void Add(Subscription s, DecisionContext context, FuseLimits limits)
        {
            var key = (s.Terms.PlanId, s.Terms.CatchUp, s.Terms.Price.Currency);
            var line = lines.GetValueOrDefault(key, new(s.Terms.PlanId, s.Terms.CatchUp, s.Terms.Price.Currency));
            var missed = Decide.MissedOf(s, context);
            line = line with { Behind = line.Behind + 1, MissedPeriods = line.MissedPeriods + (missed?.Count ?? 0) };
            lines[key] = s.Parked == ParkReason.CatchUpUndecided ? Ask(line, s, missed)
                : s.Parked is not null || s.InFlight || s.Agreement.Status == AgreementStatus.Suspended || s.MovedIn?.AskAt is not null ? line with { Waiting = line.Waiting + 1 }
                : Live(line, s, missed, context, limits);
        }

        private CatchUpLine Live(CatchUpLine line, Subscription s, MissedPeriods? missed, DecisionContext context, FuseLimits limits)
        {
            var preview = new CatchUpPreview(context, limits);
            if (!preview.Run(s))
                return line with { Waiting = line.Waiting + 1 };
            foreach (var (at, amount) in preview.Late)
                Count(at, amount);
            long Periods(bool given) => preview.Skipped.Where(skipped => skipped.Given == given).Sum(skipped => (long)skipped.To - skipped.From + 1);
            line = line with
            {
                Charges = line.Charges + preview.Late.Count,
                Money = line.Money + preview.Late.Sum(order => order.Amount.MinorUnits),
                NotCharged = line.NotCharged + Periods(given: false),
                Forgiven = line.Forgiven + Periods(given: true),
                FirstNoticeAt = Earlier(line.FirstNoticeAt, preview.FirstNoticeAt),
            };
            if (preview.Late.Count > 0)
            {
                line = line with
                {
                    FirstChargeAt = Earlier(line.FirstChargeAt, preview.Late[0].At),
                    LastChargeAt = Instant.Max(line.LastChargeAt ?? Instant.MinValue, preview.Late[^1].At),
                };
            }

            return preview.Asks ? Ask(line, s, missed) : line;
        }

        private static CatchUpLine Ask(CatchUpLine line, Subscription s, MissedPeriods? missed) =>
            line with { Asked = line.Asked + 1, AskedMoney = line.AskedMoney + (missed?.PriceOf(s.Terms).MinorUnits ?? 0) };

        private void Count(Instant at, Money amount)
        {
            if (!late.TryGetValue(amount.Currency, out var moments))
                late[amount.Currency] = moments = [];
            var key = (at, amount.MinorUnits);
            moments[key] = moments.GetValueOrDefault(key) + amount.MinorUnits;
        }

        private static Instant? Earlier(Instant? one, Instant? other) => one is { } a && other is { } b ? Instant.Min(a, b) : one ?? other;
    }
}
