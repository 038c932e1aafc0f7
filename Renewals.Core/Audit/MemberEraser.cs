using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>Erases what names a member, at every merchant account, once nothing of the member is open (个人信息保护法, article 47).</summary>
/// <remarks>
/// It empties the vault of the member's keys, deletes callbacks that were kept, and takes the member's lines out of kept statements, in one transaction with
/// the record of it. Events are not touched: the ledger balances and replays as before. Erasing again is safe: it erases what came since, and adds no
/// record where there is nothing.
/// </remarks>
public sealed class MemberEraser
{
    private readonly ISubscriptionLedger ledger;
    private readonly IAgreementVault vault;
    private readonly IErasures erasures;
    private readonly IKeptDocuments documents;
    private readonly IReconciliationStore reconciliations;
    private readonly RegisteredGateways gateways;
    private readonly IFreeze freeze;
    private readonly EngineClock clock;
    private readonly AuditOptions options;

    internal MemberEraser(
        ISubscriptionLedger ledger, IAgreementVault vault, IErasures erasures, IKeptDocuments documents, IReconciliationStore reconciliations,
        RegisteredGateways gateways, IFreeze freeze, EngineClock clock, IOptions<AuditOptions> options)
    {
        (this.ledger, this.vault, this.erasures, this.documents, this.reconciliations) = (ledger, vault, erasures, documents, reconciliations);
        (this.gateways, this.freeze, this.clock, this.options) = (gateways, freeze, clock, options.Value);
    }

    /// <summary>Says what would be erased and what is in the way; changes nothing.</summary>
    /// <param name="member">The merchant's own, opaque name of the member.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null: this ledger has no membership of the member.</returns>
    /// <exception cref="LedgerUnavailableException">The ledger is frozen, or a statement of one of the accounts is being read at this moment.</exception>
    public Task<ErasureReport?> PreviewAsync(string member, CancellationToken cancellation = default) => RunAsync(member, null, null, cancellation);

    /// <summary>Erases, unless something of the member is open.</summary>
    /// <param name="member">The merchant's own, opaque name of the member.</param>
    /// <param name="by">Who does it; kept.</param>
    /// <param name="why">Why; kept.</param>
    /// <param name="cancellation">Gives up; nothing is half erased.</param>
    /// <inheritdoc cref="PreviewAsync"/>
    /// <exception cref="ArgumentException">Nobody, or no reason, is named.</exception>
    public Task<ErasureReport?> EraseAsync(string member, string by, string why, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        ArgumentException.ThrowIfNullOrWhiteSpace(why);
        return RunAsync(member, by, why, cancellation);
    }

    private async Task<ErasureReport?> RunAsync(string member, string? by, string? why, CancellationToken cancellation)
    {
        if (await freeze.LookAsync(cancellation) is { } frozen)
            throw new LedgerUnavailableException($"The ledger is frozen since {frozen.At}: {frozen.Why}. A restored ledger does not know what is open: adopt it first.");
        var ids = await ledger.FindOfMemberAsync(member, account: null, cancellation);
        if (ids.Count == 0)
            return null;

        // With the rows in hand nothing new is decided of the member meanwhile.
        await using var batch = await ledger.OpenAsync(ids, cancellation);
        var earlier = await erasures.FindAsync(member, cancellation);
        var report = new ErasureReport
        {
            Member = member, At = clock.Now, By = by, Why = why, Memberships = [.. batch.Rows.Select(row => row.Id)], Open = [.. batch.Rows.SelectMany(OpenOf)],
            Earlier = [.. earlier.Select(record => record.At)],
        };
        return report.Open.Count > 0 ? report : await EraseAsync(report, [.. batch.Rows.Select(row => row.State!)], cancellation);
    }

    private static IEnumerable<ErasureObstacle> OpenOf(LockedRow row) => row.State is { } state
        ? ErasureRules.OpenOf(state)
        : [new(row.Id, "it cannot be read", "run verify and rebuild-book first")];

    private async Task<ErasureReport> EraseAsync(ErasureReport report, IReadOnlyList<Subscription> memberships, CancellationToken cancellation)
    {
        // A rail's word for a member means the member at each of its accounts: a membership that a restore lost may have been at another one.
        var own = memberships.SelectMany(s => s.Accounts).ToHashSet();
        var rails = own.Select(account => account.Rail).ToHashSet();
        await using var holds = await HoldAsync([.. own.Union(gateways.Accounts.Where(account => rails.Contains(account.Rail)))], cancellation);
        var histories = new Dictionary<SubscriptionId, IReadOnlyList<SubscriptionEvent>>();
        foreach (var s in memberships)
            histories[s.Id] = await ledger.ReadEventsAsync(s.Id, cancellation);
        var agreements = histories.Values.SelectMany(events => events).Select(AgreementOf).OfType<AgreementId>()
            .Concat(memberships.Select(BackupDesk.NextOf)).Distinct().ToList();
        var keys = await vault.GetAsync(agreements, cancellation);
        var callbacks = await erasures.CallbacksOfAsync([.. histories.Keys], cancellation);
        var found = new Found { Documents = [.. callbacks.Select(d => d.Id)], Counts = new() { VaultKeys = keys.Count, Callbacks = callbacks.Count } };
        var traces = new MemberTraces(histories, agreements, keys.Values);
        foreach (var document in await erasures.SharedAsync(rails, cancellation))
            await LookIntoAsync(document, traces, found, cancellation);
        var last = histories.Values.SelectMany(events => events).Max(e => e.At);
        report = report with
        {
            Erased = found.Counts, Stays = [.. ErasureRules.Records(report.Member, last, options.KeepPaymentsForYears), .. Sealed(found)],
            Notes = [.. memberships.SelectMany(s => ErasureRules.NotesOn(s, report.At)), .. await StatementsToComeAsync(memberships, histories, cancellation)],
        };
        if (report.By is null || (report.Earlier.Count > 0 && found.Counts.IsNothing))
            return report;
        report = report with { IsDone = true };
        await erasures.EraseAsync(new(report, agreements, found.Documents, found.Redacted), cancellation);
        return report;
    }

    private static AgreementId? AgreementOf(SubscriptionEvent e) => e switch
    {
        Enrolled x => x.Agreement,
        Imported x => x.Agreement,
        AgreementChanged x => x.Agreement,
        Requested x => x.Agreement,
        BackupAdded x => x.Agreement,
        _ => null,
    };

    // A statement that is being read would be kept after it was looked for.
    private async Task<Holds> HoldAsync(IReadOnlyList<MerchantAccount> accounts, CancellationToken cancellation)
    {
        var holds = new Holds();
        foreach (var account in accounts.OrderBy(account => account.ToString(), StringComparer.Ordinal))
        {
            if (await reconciliations.TryHoldAsync("reconcile", account, cancellation) is { } hold)
            {
                holds.Add(hold);
                continue;
            }

            await holds.DisposeAsync();
            throw new LedgerUnavailableException($"A statement of {account} is being read at this moment: try again in a minute. Nothing was erased.");
        }

        return holds;
    }

    private async Task LookIntoAsync(KeptDocument document, MemberTraces traces, Found found, CancellationToken cancellation)
    {
        try
        {
            if (await documents.FindAsync(document.Id, cancellation) is not { } content)
                return;
            if (document.Kind == DocumentKind.Statement)
                found.TakeStatement(document.Id, StatementRedaction.Without(content, traces));
            else if (traces.AreIn(content) || IsRead(document, content, traces))
                found.TakeCallback(document.Id);
            else if (document.Result == "rejected")
                found.Unattributed++;
        }
        catch (Exception e) when (e is CryptographicException or InvalidDataException)
        {
            found.Unreadable++;
        }
    }

    // A rail that encrypts what it sends is read by its adapter, at the time the message came: later it would be too old to be believed.
    private bool IsRead(KeptDocument document, byte[] content, MemberTraces traces)
    {
        try
        {
            return gateways.Find(document.Account) is { } gateway && traces.AreIn(gateway.ReadCallback(CallbackDocument.Read(content), document.At));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return false;
        }
    }

    private IEnumerable<ErasureRemainder> Sealed(Found found)
    {
        var until = (clock.Now + Duration.FromTimeSpan(options.KeepDocumentsFor)).InZone(RenewalZones.Get(RenewalZones.Shanghai)).Date;
        if (found.Unattributed > 0)
        {
            yield return new(
                $"{found.Unattributed} callbacks that were not believed, without a trace of the member in readable text", "kept_document",
                "nobody can say whose they are; they stay sealed and go by their age (Audit:KeepDocumentsFor)", until);
        }

        if (found.Unreadable > 0)
        {
            yield return new(
                $"{found.Unreadable} kept messages that cannot be opened: their key is not configured, or they are damaged", "kept_document",
                "what is in them cannot be known; they stay sealed and go by their age (Audit:KeepDocumentsFor)", until);
        }
    }

    // The statement of a day with the member's money may be read only after this.
    private async Task<IReadOnlyList<string>> StatementsToComeAsync(
        IReadOnlyList<Subscription> memberships, Dictionary<SubscriptionId, IReadOnlyList<SubscriptionEvent>> histories, CancellationToken cancellation)
    {
        List<string> notes = [];
        foreach (var (s, account) in memberships.SelectMany(s => s.Accounts.Select(account => (s, account))))
        {
            var recent = histories[s.Id].Select(LedgerMovement.Of).OfType<LedgerMovement>()
                .Where(m => s.AccountOf(m.Order) == account && m.At >= clock.Now - Duration.FromTimeSpan(options.KeepDocumentsFor));
            if (gateways.Find(account) is not { } gateway || recent.Select(m => (Instant?)m.At).Max() is not { } at)
                continue;
            var (days, day) = (new StatementDays(gateway.Traits), new StatementDays(gateway.Traits).Of(at));
            if (!(await reconciliations.DaysAsync(account, day, cancellation)).TryGetValue(day, out var known) || known.State != ReconciliationState.Complete)
                notes.Add($"The statement of {account} of {day:uuuu-MM-dd} was not read yet and will name the member: erase again when it was, from {days.ReadyAt(day)} on.");
        }

        return notes;
    }

    private sealed class Found
    {
        public List<Guid> Documents { get; init; } = [];

        public List<RedactedDocument> Redacted { get; } = [];

        public ErasedCounts Counts { get; set; } = new();

        public int Unattributed { get; set; }

        public int Unreadable { get; set; }

        public void TakeCallback(Guid id)
        {
            Documents.Add(id);
            Counts = Counts with { Callbacks = Counts.Callbacks + 1 };
        }

        public void TakeStatement(Guid id, (int Lines, byte[]? Left) redacted)
        {
            if (redacted.Lines == 0)
                return;
            Counts = Counts with { StatementLines = Counts.StatementLines + redacted.Lines, Statements = Counts.Statements + 1 };
            if (redacted.Left is { } left)
            {
                Redacted.Add(new(id, left, "lines of an erased member were taken out; its totals and signatures no longer fit"));
                return;
            }

            Documents.Add(id);
            Counts = Counts with { WholeStatements = Counts.WholeStatements + 1 };
        }
    }

    private sealed class Holds : IAsyncDisposable
    {
        private readonly List<IAsyncDisposable> held = [];

        public void Add(IAsyncDisposable hold) => held.Add(hold);

        public async ValueTask DisposeAsync()
        {
            foreach (var hold in held)
                await hold.DisposeAsync();
            held.Clear();
        }
    }
}
