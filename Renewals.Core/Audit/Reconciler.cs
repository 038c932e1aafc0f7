using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;

namespace Renewals.Core.Audit;

/// <summary>Compares a rail's statement of a day with our ledger, line by line, and records what is certain.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>the statement has</term><description>our events say</description></listheader>
/// <item><term>a payment</term><description>the same: matched · another amount: listed · not taken, declined or in flight: recorded as paid</description></item>
/// <item><term>a refund</term><description>the same: matched · another amount: listed · on its way: recorded · unknown: recorded as made elsewhere</description></item>
/// <item><term>an order that is not ours</term><description>listed, never acted upon</description></item>
/// <item><term>nothing</term><description>money moved: listed · in flight, and every day that could hold it is read: proved absent, where a rail has no
/// better proof</description></item>
/// </list>
/// Reading a day again replaces what was listed and records nothing twice. The statement is read in batches; what our events say of the day and its
/// neighbours is held in memory, about 150 bytes a payment.
/// </remarks>
public sealed class Reconciler
{
    private const int Tries = 3;

    private readonly ISubscriptionLedger ledger;
    private readonly RegisteredGateways gateways;
    private readonly IReconciliationStore store;
    private readonly IKeptDocuments documents;
    private readonly IOrphanAgreements orphans;
    private readonly OldOrders old;
    private readonly OutcomeDoor door;
    private readonly Healer healer;
    private readonly AbsenceProver prover;
    private readonly EngineClock clock;
    private readonly AuditOptions options;
    private readonly EngineMetrics metrics;
    private readonly EngineTraces traces;
    private readonly ILogger<Reconciler> logger;

    internal Reconciler(
        ISubscriptionLedger ledger, RegisteredGateways gateways, OutcomeDoor door, IReconciliationStore store, IKeptDocuments documents,
        IOrphanAgreements orphans, OldOrders old, EngineClock clock, IOptions<AuditOptions> options, EngineMetrics metrics, EngineTraces traces,
        ILogger<Reconciler> logger)
    {
        (this.ledger, this.gateways, this.store, this.documents, this.orphans, this.clock) = (ledger, gateways, store, documents, orphans, clock);
        (this.old, this.door) = (old, door);
        (healer, prover) = (new(ledger, door), new(ledger, door, store));
        (this.options, this.metrics, this.traces, this.logger) = (options.Value, metrics, traces, logger);
    }

    /// <summary>Reads one statement day and compares it.</summary>
    /// <param name="account">Whose statement.</param>
    /// <param name="day">Which statement day of the rail; a day of a rail that closes at 23:00 began at 23:00 of the day before.</param>
    /// <param name="progress">Told how many lines were compared, after each batch.</param>
    /// <param name="cancellation">Gives up; nothing of the run is kept, what was recorded in the ledger stays and is true.</param>
    /// <returns>What was found; it is stored as well, unless the day is not over.</returns>
    /// <exception cref="InvalidOperationException">No gateway serves the account.</exception>
    public async Task<ReconciliationReport> RunAsync(
        MerchantAccount account, LocalDate day, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        var gateway = gateways[account];

        // Nothing was tried, so there is nothing to store of it.
        if (clock.Now is var now && day >= new StatementDays(gateway.Traits).Of(now))
            return new() { Account = account, Day = day, Started = now, Finished = now, State = ReconciliationState.NotReady, Why = "the day is not over" };
        await using var hold = await store.TryHoldAsync("reconcile", account, cancellation);
        var report = new ReconciliationReport { Account = account, Day = day, Started = clock.Now };
        if (hold is null)
            return report with { State = ReconciliationState.NotReady, Why = "another process is reading a statement of this account", Finished = clock.Now };
        using var span = traces.Reconcile(account, day);
        report = await ReadAsync(gateway, report, progress, cancellation) with { Finished = clock.Now };
        await store.SaveAsync(report, cancellation);
        span.Answer(report);
        Say(report);
        return report;
    }

    private async Task<ReconciliationReport> ReadAsync(
        IPaymentGateway gateway, ReconciliationReport report, IProgress<long>? progress, CancellationToken cancellation)
    {
        switch (await gateway.ReadStatementAsync(report.Day, cancellation))
        {
            case StatementAnswer.NotReady:
                return report with { State = ReconciliationState.NotReady, Why = "the rail is still making it" };
            case StatementAnswer.Failed failed:
                return report with { State = ReconciliationState.Failed, Why = failed.Why };
            case StatementAnswer.Ready ready:
                return await CompareAsync(gateway, report, ready, progress, cancellation);
            default:
                throw new InvalidOperationException("No such answer.");
        }
    }

    private async Task<ReconciliationReport> CompareAsync(
        IPaymentGateway gateway, ReconciliationReport report, StatementAnswer.Ready ready, IProgress<long>? progress, CancellationToken cancellation)
    {
        var document = await KeepAsync(report, ready, cancellation);
        var findings = await OursAsync(gateway, report.Day, cancellation);
        try
        {
            await TakeAsync(report, ready.Lines, findings, progress, cancellation);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or DecoderFallbackException or OverflowException)
        {
            return report with { State = ReconciliationState.Failed, Why = e.Message, Lines = findings.Lines, Document = document };
        }

        await ListOursOnlyAsync(report, findings, cancellation);
        var absent = await prover.ProveAsync(gateway, report.Day, findings, options.LinesAtOnce, cancellation);
        return report with
        {
            State = ReconciliationState.Complete, Document = document, Lines = findings.Lines, Matched = findings.Matched, Absent = absent,
            Counts = findings.Counts, Differences = findings.Differences, KnownOrphans = await orphans.CountAsync(report.Account, cancellation),
        };
    }

    private async Task<Guid?> KeepAsync(ReconciliationReport report, StatementAnswer.Ready ready, CancellationToken cancellation)
    {
        if (ready.Raw.IsEmpty)
            return null;
        var draft = DocumentDraft.Statement(report.Account, ready.Raw, report.Started);
        await documents.KeepAsync(draft, cancellation);
        return draft.Id;
    }

    // A day around it too: near midnight the rail and we may name two days for one payment.
    private async Task<Findings> OursAsync(IPaymentGateway gateway, LocalDate day, CancellationToken cancellation)
    {
        var days = new StatementDays(gateway.Traits);
        var findings = new Findings(days.Start(day), days.End(day), options.MaxListed);
        var (from, until) = (days.Start(day.PlusDays(-1)), days.End(day.PlusDays(1)));
        await foreach (var movement in ledger.ReadMovementsAsync(gateway.Account, from, until, cancellation))
            findings.AddOurs(movement);
        return findings;
    }

    private async Task TakeAsync(
        ReconciliationReport report, IEnumerable<StatementLine> lines, Findings findings, IProgress<long>? progress, CancellationToken cancellation)
    {
        var account = report.Account;
        var moved = await old.BeginAsync(account, report.Day, cancellation);

        // A refund is looked at when all payments are known: the statement may have them in any order.
        List<OurLine> refunds = [];
        foreach (var batch in lines.Chunk(options.LinesAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            var unknown = batch.Select(findings.Take).OfType<OurLine>().ToLookup(line => line.Refund is null);
            refunds.AddRange(unknown[false]);
            if (moved is not null && await moved.TakeAsync(batch, cancellation) is { Count: > 0 } late)
                await RecordLateAsync(account, late, cancellation);
            await healer.HealAsync(account, [.. unknown[true]], findings, cancellation);
            progress?.Report(findings.Lines);
        }

        foreach (var batch in refunds.Chunk(options.LinesAtOnce))
            await healer.HealAsync(account, batch, findings, cancellation);
        if (moved is not null)
            await moved.EndAsync(cancellation);
    }

    // A commit whose reply was lost may not be stored, and nobody reads this day again: it is recorded once more, which is no news when it was.
    private async Task RecordLateAsync(MerchantAccount account, IReadOnlyList<Outcome> late, CancellationToken cancellation)
    {
        for (var tries = 1; !await door.RecordAsync(account, late, null, cancellation) && tries < Tries;)
            tries++;
    }

    private async Task ListOursOnlyAsync(ReconciliationReport report, Findings findings, CancellationToken cancellation)
    {
        foreach (var batch in findings.Unseen().Chunk(options.LinesAtOnce))
        {
            var elsewhere = await store.SeenOnOtherDaysAsync(report.Account, report.Day, [.. batch.Select(m => m.Order.ToString())], cancellation);
            foreach (var movement in batch)
            {
                var order = movement.Order.ToString();
                if (!elsewhere.Contains((order, movement.RefundNumber)))
                    findings.Add(new(DifferenceKind.OursOnly, order, movement.RefundNumber, null, movement.Amount, null, movement.At, false, "the statement does not have it"));
            }
        }
    }

    private void Say(ReconciliationReport report)
    {
        var (account, day) = (report.Account.ToString(), report.Day.ToString("uuuu-MM-dd", null));
        foreach (var (kind, count) in report.Counts)
            metrics.Differences(report.Account, kind.ToString(), count);
        metrics.Statement(report.Account, report.State.ToString());
        if (report.State != ReconciliationState.Complete)
            EngineLog.NoStatement(logger, account, day, report.Why ?? "");
        else if (report.Total > 0)
            EngineLog.Differences(logger, account, day, report.Total, report.Lines);
        else
            EngineLog.Reconciled(logger, account, day, report.Lines);
    }
}
