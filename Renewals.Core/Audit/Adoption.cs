using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>Takes a frozen ledger over: first everything the rails know and it may not is asked and recorded, then it is given a new identity and goes on.</summary>
/// <remarks>
/// <list type="number">
/// <item>Every order of every membership that may have been sent since the moment the ledger was restored to is asked for, and its agreement where the rail
/// can be asked; see <see cref="LostOrders"/>.</item>
/// <item>The statements of that moment's day, of each day since, of the day of the freeze and of the next are read; where this host has seen the ledger unfrozen later, of that day.</item>
/// <item>Only when every account could be asked and read: the new identity is written, and the freeze ended, both with who and why.</item>
/// </list>
/// It may be repeated as often as it takes: nothing is recorded twice.
/// </remarks>
public sealed class Adoption
{
    private const int AtOnce = 8;

    // A rail that does not answer is not asked for all of a million orders.
    private const int MostUnanswered = 3;

    private readonly ISubscriptionLedger ledger;
    private readonly ILedgerIdentities? identities;
    private readonly IChargeStops stops;
    private readonly IFreeze freeze;
    private readonly RegisteredGateways gateways;
    private readonly LostOrders orders;
    private readonly Reconciler reconciler;
    private readonly EngineClock clock;
    private readonly IOptions<RenewalsOptions> options;

    internal Adoption(
        ISubscriptionLedger ledger, ILedgerIdentities? identities, IChargeStops stops, IFreeze freeze, RegisteredGateways gateways, LostOrders orders,
        Reconciler reconciler, EngineClock clock, IOptions<RenewalsOptions> options)
    {
        (this.ledger, this.identities, this.stops, this.freeze, this.gateways) = (ledger, identities, stops, freeze, gateways);
        (this.orders, this.reconciler, this.clock, this.options) = (orders, reconciler, clock, options);
    }

    /// <summary>Adopts the ledger if it can.</summary>
    /// <param name="by">Who does it; kept, so not needed for a dry run.</param>
    /// <param name="why">Why; kept, so not needed for a dry run.</param>
    /// <param name="dryRun">True: says what would be asked and read, and does nothing.</param>
    /// <param name="said">Told what is being done.</param>
    /// <param name="progress">Told after each membership how many were looked at, of all accounts that can be asked; by several tasks at once.</param>
    /// <param name="cancellation">Gives up; what was found stays and is true, and the ledger stays frozen.</param>
    /// <exception cref="ArgumentException">Nobody or no reason is named.</exception>
    public async Task<AdoptionReport> RunAsync(
        string by, string why, bool dryRun = false, IProgress<string>? said = null, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        if (!dryRun)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(by);
            ArgumentException.ThrowIfNullOrWhiteSpace(why);
        }

        var stop = await freeze.LookAsync(cancellation);
        if (stop is null || identities is null)
            return new() { DryRun = dryRun };
        var report = new AdoptionReport
        {
            Freeze = stop, DryRun = dryRun,
            RestoredTo = await identities.LastEventBeforeAsync(stop.At, cancellation) ?? await ledger.FirstEventAtAsync(cancellation),
            Before = await identities.HistoryAsync(cancellation) is [.., var last] ? last : null,
        };
        var notes = new Notes();
        List<AdoptedAccount> accounts = [];
        foreach (var account in gateways.Accounts)
        {
            said?.Report($"{account}: asking for orders");
            var asked = await AskAsync(account, dryRun, notes, progress, cancellation);
            accounts.Add(asked with { Days = await ReadAsync(account, report, notes, said, cancellation) });
        }

        await CheckOthersAsync(notes, cancellation);
        report = report with { Accounts = accounts, Problems = [.. notes.Problems], Notes = [.. notes.Others] };
        return report.Problems.Count > 0 || dryRun ? report : await EndAsync(report, stop, by, why, cancellation);
    }

    private async Task<AdoptedAccount> AskAsync(
        MerchantAccount account, bool dryRun, Notes notes, IProgress<long>? progress, CancellationToken cancellation)
    {
        var (gateway, tally, unanswered, now) = (gateways[account], new OrderTally(), 0, clock.Now);
        var concerned = 0L;

        // Whoever called from a thread of their own is not taken off it.
        var scheduler = SynchronizationContext.Current is null ? TaskScheduler.Default : TaskScheduler.FromCurrentSynchronizationContext();
        var limits = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, TaskScheduler = scheduler, CancellationToken = cancellation };
        await Parallel.ForEachAsync(ledger.ReadMembershipsAsync(account, cancellation), limits, async (s, stopping) =>
        {
            await AskOneAsync(s, stopping);
            progress?.Report(notes.Looked());
        });
        if (unanswered >= MostUnanswered)
            notes.Problem($"{account}: after {unanswered} questions without an answer no more were asked");
        return tally.Into(new(account) { Memberships = concerned });

        async Task AskOneAsync(Subscription s, CancellationToken stopping)
        {
            if (!IsConcerned(s, now))
                return;
            Interlocked.Increment(ref concerned);
            if (dryRun || Volatile.Read(ref unanswered) >= MostUnanswered)
                return;
            try
            {
                await orders.AskAsync(gateway, s, tally, stopping);
            }
            catch (UnansweredException e)
            {
                Interlocked.Increment(ref unanswered);
                notes.Problem($"{account}: {e.Message}");
            }
        }
    }

    private static bool IsConcerned(Subscription s, Instant now) =>
        s.Attempts.Any(attempt => attempt.Status != AttemptStatus.Declined)
        || (s.Status is SubscriptionStatus.Signing or SubscriptionStatus.Active && LostOrders.PeriodsToAsk(s, now).Any());

    private async Task<IReadOnlyList<AdoptedDay>> ReadAsync(
        MerchantAccount account, AdoptionReport report, Notes notes, IProgress<string>? said, CancellationToken cancellation)
    {
        // A ledger without an event has lost none.
        if (report.RestoredTo is not { } restoredTo)
            return [];
        var days = new StatementDays(gateways[account].Traits);

        // A backup of a ledger that was frozen then brings an old freeze back: what was sent after it, this host has seen.
        var until = freeze.LastSeenAt is { } seen ? Instant.Max(report.Freeze!.At, seen) : report.Freeze!.At;
        var (first, last) = (days.Of(restoredTo), days.Of(until).PlusDays(1));
        var earliest = LocalDate.Min(days.Of(clock.Now).PlusDays(-options.Value.Audit.ReconcileDaysBack), last);
        if (first < earliest)
        {
            notes.Other($"{account}: the statements of {first:uuuu-MM-dd} to {earliest.PlusDays(-1):uuuu-MM-dd} are further back than ReconcileDaysBack and were left out");
            first = earliest;
        }

        List<AdoptedDay> read = [];
        for (var day = first; day <= last; day = day.PlusDays(1))
        {
            said?.Report($"{account}: statement of {day:uuuu-MM-dd}");
            read.Add(await ReadDayAsync(account, day, days.ReadyAt(day), report.DryRun, notes, cancellation));
        }

        return read;
    }

    private async Task<AdoptedDay> ReadDayAsync(
        MerchantAccount account, LocalDate day, Instant readyAt, bool dryRun, Notes notes, CancellationToken cancellation)
    {
        if (readyAt > clock.Now)
            notes.Problem($"{account}: the statement of {day:uuuu-MM-dd} can be had from {readyAt}; run the command again then");
        if (readyAt > clock.Now || dryRun)
            return new(day, readyAt, null, 0, 0);
        var read = await reconciler.RunAsync(account, day, null, cancellation);
        if (read.State != ReconciliationState.Complete)
            notes.Problem($"{account}: the statement of {day:uuuu-MM-dd} could not be read: {read.Why}");
        else if (read.Counts.GetValueOrDefault(DifferenceKind.TheirsOnly) is > 0 and var theirs)
            notes.Other($"{account}: the statement of {day:uuuu-MM-dd} has {theirs} lines of no membership here; those of members who signed after the restored moment are among them (reconcile lists them)");
        return new(day, readyAt, read.State, read.Lines, read.Total);
    }

    // Whose members are here and whose rail cannot be asked by this host.
    private async Task CheckOthersAsync(Notes notes, CancellationToken cancellation)
    {
        foreach (var account in (await identities!.AccountsAsync(cancellation)).Except(gateways.Accounts))
        {
            await foreach (var s in ledger.ReadMembershipsAsync(account, cancellation))
            {
                if (s.Status == SubscriptionStatus.Ended && s.Attempts.Count == 0)
                    continue;
                notes.Problem($"{account} has memberships and is not configured here: it must be asked too");
                break;
            }
        }
    }

    // First the identity, then the end of the freeze: whatever happens between, the ledger is frozen.
    private async Task<AdoptionReport> EndAsync(AdoptionReport report, ChargeStop stop, string by, string why, CancellationToken cancellation)
    {
        // Restored once more while it was asked: all that was asked is lost too.
        var sight = await identities!.LookAsync(null, cancellation);
        if (sight.Freeze is not { } current || current.Id != stop.Id || current.At != stop.At)
            return report with { Problems = ["the ledger was frozen anew, or adopted, meanwhile; run the command again"] };
        var draft = new LedgerIdentity
        {
            Ledger = report.Before?.Ledger ?? default, Number = (report.Before?.Number ?? 0) + 1, Environment = options.Value.Environment, Place = sight.Place,
            At = clock.Now, By = by, Why = why,
        };
        if (await identities.AddAsync(draft, cancellation) is not { } identity || await stops.EndAsync(stop.Id, new(clock.Now, by, why), cancellation) is null)
            return report with { Problems = ["somebody else is adopting this ledger at this moment"] };
        return report with { Adopted = true, After = identity };
    }

    /// <summary>What was found out on the way, by several tasks at once.</summary>
    private sealed class Notes
    {
        private long looked;

        public ConcurrentQueue<string> Problems { get; } = new();

        public ConcurrentQueue<string> Others { get; } = new();

        /// <summary>One more membership was looked at.</summary>
        /// <returns>How many now.</returns>
        public long Looked() => Interlocked.Increment(ref looked);

        public void Problem(string sentence) => Problems.Enqueue(sentence);

        public void Other(string sentence) => Others.Enqueue(sentence);
    }
}
