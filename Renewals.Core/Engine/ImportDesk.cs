using System.Buffers.Binary;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>Takes over running memberships of another system, in batches.</summary>
/// <remarks>
/// What was taken over is told nothing and charged nothing until the rail confirmed its agreement and the statements before the cut-over were read.
/// A run that was broken off is run again with the same lines: what is there is counted and left alone.
/// </remarks>
public sealed class ImportDesk
{
    private static readonly Duration Around = Duration.FromDays(OldOrders.DaysBefore);

    private readonly ISubscriptionLedger ledger;
    private readonly IAgreementVault vault;
    private readonly IMoves moves;
    private readonly RegisteredGateways gateways;
    private readonly PlanCatalogue plans;
    private readonly EngineClock clock;
    private readonly IFreeze freeze;
    private readonly IOptions<RenewalsOptions> options;

    internal ImportDesk(
        ISubscriptionLedger ledger, IAgreementVault vault, IMoves moves, RegisteredGateways gateways, PlanCatalogue plans, EngineClock clock, IFreeze freeze,
        IOptions<RenewalsOptions> options) =>
        (this.ledger, this.vault, this.moves, this.gateways, this.plans, this.clock, this.freeze, this.options) =
        (ledger, vault, moves, gateways, plans, clock, freeze, options);

    /// <summary>Begins an import.</summary>
    /// <exception cref="CannotImportException">The account, its rail, the cut-over or the ledger do not allow it.</exception>
    public async Task<ImportRun> BeginAsync(ImportSettings settings, CancellationToken cancellation = default)
    {
        var now = clock.Now;
        if (gateways.Find(settings.Account) is not { } gateway)
            throw new CannotImportException($"No gateway serves {settings.Account}.");
        if (!gateway.Traits.CanAskForAgreements)
        {
            throw new CannotImportException(
                $"{settings.Account} cannot be asked whether an agreement is in force, so that none of another system can be confirmed: let these members sign anew.");
        }

        if (settings.CutOver < now - Around || settings.CutOver > now + Around)
            throw new CannotImportException($"The cut-over {settings.CutOver} is not within {OldOrders.DaysBefore} days of now, {now}.");
        if (await freeze.LookAsync(cancellation) is { } frozen)
            throw new CannotImportException($"The ledger is frozen since {frozen.At}: {frozen.Why}. Adopt it first.");
        if (vault is not IVaultInBulk bulk)
            throw new CannotImportException("The vault of this host takes no agreements in bulk.");
        var days = OldOrders.DaysOf(gateway.Traits, settings.CutOver, now);
        if (!settings.ChecksOnly)
            await moves.BeginAsync(settings.Account, days.First, days.Last, cancellation);
        var statementsAt = new StatementDays(gateway.Traits).ReadyAt(days.Last);
        return new(settings, new(settings, plans, options.Value), new(ledger, vault, bulk, moves), EngineClock.Context(now, gateway, options.Value.Engine), statementsAt);
    }
}

/// <summary>Where an import is written.</summary>
internal sealed record ImportStores(ISubscriptionLedger Ledger, IAgreementVault Vault, IVaultInBulk Bulk, IMoves Moves);

/// <summary>An import under way. For one caller at a time.</summary>
public sealed class ImportRun
{
    // After the statements are ready they must be read, and not everybody asks in one moment.
    private static readonly Duration UntilRead = Duration.FromHours(1);
    private const int SpreadSeconds = 3_600;

    private readonly ImportSettings settings;
    private readonly ImportChecks checks;
    private readonly ImportStores stores;
    private readonly DecisionContext context;
    private readonly Instant statementsAt;
    private long written;

    internal ImportRun(ImportSettings settings, ImportChecks checks, ImportStores stores, DecisionContext context, Instant statementsAt) =>
        (this.settings, this.checks, this.stores, this.context, this.statementsAt) = (settings, checks, stores, context, statementsAt);

    /// <summary>Takes over a batch of lines, about 500: those that can be are written in one transaction.</summary>
    /// <returns>What became of each, in order.</returns>
    /// <exception cref="CannotImportException">Somebody else writes the same, or the database did not confirm: run the import again.</exception>
    public async Task<IReadOnlyList<ImportVerdict>> TakeAsync(IReadOnlyList<ImportLine> lines, CancellationToken cancellation = default)
    {
        var verdicts = new ImportVerdict?[lines.Count];
        List<(int Index, Candidate Candidate)> candidates = [];
        checks.BeginBatch();
        for (var i = 0; i < lines.Count; i++)
        {
            var (candidate, why) = checks.Check(lines[i]);
            if (candidate is null)
                verdicts[i] = new ImportVerdict.Refused(why!);
            else
                candidates.Add((i, candidate));
        }

        try
        {
            await TakeAsync(candidates, verdicts, cancellation);
        }
        catch (Exception e) when (e is LedgerConflictException or CommitUnknownException or AgreementTakenException)
        {
            throw new CannotImportException("Another process writes these memberships, or the database did not confirm. Run the import again: what is there is left alone.", e);
        }

        return verdicts!;
    }

    private async Task TakeAsync(List<(int Index, Candidate Candidate)> candidates, ImportVerdict?[] verdicts, CancellationToken cancellation)
    {
        if (candidates.Count == 0)
            return;
        var faults = await ImportLookup.FaultsAsync(stores, settings.Account, [.. candidates.Select(one => one.Candidate)], cancellation);
        await using var batch = await stores.Ledger.OpenAsync([.. candidates.Select(one => one.Candidate.Id)], cancellation);
        var there = batch.Rows.ToDictionary(row => row.Id);
        List<Candidate> fresh = [];
        foreach (var (index, candidate) in candidates)
        {
            verdicts[index] = there.TryGetValue(candidate.Id, out var row) ? Compare(row, candidate)
                : faults.TryGetValue(candidate.Id, out var fault) ? new ImportVerdict.Refused(fault)
                : new ImportVerdict.Imported();
            if (verdicts[index] is ImportVerdict.Imported)
                fresh.Add(candidate);
        }

        if (fresh.Count > 0 && !settings.ChecksOnly)
            await WriteAsync(batch, fresh, cancellation);
    }

    private static ImportVerdict Compare(LockedRow row, Candidate candidate) => row.State switch
    {
        null => new ImportVerdict.Refused("the membership was imported before and cannot be read; look at it with replay"),
        { MovedIn.Line: var line } when line == candidate.Fingerprint => new ImportVerdict.There(),
        _ => new ImportVerdict.Refused("this membership was imported before with another plan, anchor, paid until or price; events are not changed by a later line"),
    };

    // The rail's keys go to the vault before the event that relies on them.
    private async Task WriteAsync(ILedgerBatch batch, List<Candidate> fresh, CancellationToken cancellation)
    {
        await stores.Bulk.PutManyAsync(
            [.. fresh.Where(one => one.Line.InVault is null).Select(one => (one.Agreement, new RailKeys(one.Line.RailAgreementId, one.Line.Payer)))], settings.Account, cancellation);
        await stores.Moves.AddKeysAsync(settings.Account, [.. fresh.SelectMany(KeysOf)], cancellation);
        foreach (var candidate in fresh)
        {
            var askAt = context.Now + Duration.FromMilliseconds(written++ * 1_000 / settings.AsksPerSecond);
            var events = Decide.On(null, candidate.Command(settings, askAt, StatementsAt(candidate.Id)), context);
            batch.Write(0, events, Evolve.All(null, events)!, null);
            batch.WriteAgreement(candidate.Agreement, 0, [new TakenOver(candidate.Agreement, candidate.Id, settings.Account, candidate.Template, context.Now)]);
        }

        await batch.CommitAsync(cancellation);
    }

    private IEnumerable<MoveKey> KeysOf(Candidate candidate)
    {
        if (candidate.Line.Payer is { } payer)
            yield return new(candidate.Id, MoveKeyKind.Payer, payer, settings.CutOver);
        if (candidate.Line.OldOrder is { } order)
            yield return new(candidate.Id, MoveKeyKind.Order, order, settings.CutOver);
    }

    private Instant StatementsAt(SubscriptionId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        return statementsAt + UntilRead + Duration.FromSeconds(BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]) % SpreadSeconds);
    }
}
