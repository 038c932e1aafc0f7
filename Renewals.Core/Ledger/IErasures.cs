using Renewals.Core.Agreements;
using Renewals.Core.Audit;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>Erases what names a member, and keeps the record of it. Records are added, never changed.</summary>
internal interface IErasures
{
    /// <summary>Kept callbacks of these memberships.</summary>
    Task<IReadOnlyList<KeptDocument>> CallbacksOfAsync(IReadOnlyCollection<SubscriptionId> memberships, CancellationToken cancellation);

    /// <summary>Kept messages of every account at these rails that are of no one membership: statements, and callbacks of which nobody knew whose they are.</summary>
    Task<IReadOnlyList<KeptDocument>> SharedAsync(IReadOnlyCollection<string> rails, CancellationToken cancellation);

    /// <summary>Erases and records, all or nothing. From then on no callback of these memberships is kept.</summary>
    Task EraseAsync(ErasureWork work, CancellationToken cancellation);

    /// <summary>The records of a member, the first one first.</summary>
    Task<IReadOnlyList<ErasureReport>> FindAsync(string member, CancellationToken cancellation);
}

/// <summary>What is erased in one transaction.</summary>
/// <param name="Report">The record.</param>
/// <param name="Agreements">Whose keys leave the vault.</param>
/// <param name="Documents">Kept messages that go whole.</param>
/// <param name="Redacted">Kept messages that get other content.</param>
internal sealed record ErasureWork(
    ErasureReport Report, IReadOnlyCollection<AgreementId> Agreements, IReadOnlyCollection<Guid> Documents, IReadOnlyCollection<RedactedDocument> Redacted);

/// <summary>A kept message without somebody's lines.</summary>
/// <param name="Id">Which.</param>
/// <param name="Content">What is left.</param>
/// <param name="Note">In words, for people.</param>
internal sealed record RedactedDocument(Guid Id, byte[] Content, string Note);

/// <summary>Erasures for tests and simulations: nothing outlives the process.</summary>
internal sealed class InMemoryErasures(InMemoryVault vault, InMemoryKeptDocuments documents, InMemoryMoves moves) : IErasures
{
    private readonly Lock gate = new();
    private readonly List<ErasureReport> records = [];

    /// <summary>Holds the records another holds, and nothing else: a backup, and a restore.</summary>
    public void CopyFrom(InMemoryErasures other)
    {
        lock (gate)
        {
            records.Clear();
            records.AddRange(other.records);
        }
    }

    public Task<IReadOnlyList<KeptDocument>> CallbacksOfAsync(IReadOnlyCollection<SubscriptionId> memberships, CancellationToken cancellation) =>
        Task.FromResult(documents.Where(d => d.Membership is { } id && memberships.Contains(id)));

    public Task<IReadOnlyList<KeptDocument>> SharedAsync(IReadOnlyCollection<string> rails, CancellationToken cancellation) =>
        Task.FromResult(documents.Where(d => d.Membership is null && rails.Contains(d.Account.Rail)));

    public async Task EraseAsync(ErasureWork work, CancellationToken cancellation)
    {
        foreach (var agreement in work.Agreements)
            await vault.EraseAsync(agreement, cancellation);
        documents.Erase(work);
        moves.Forget(work.Report.Memberships);
        lock (gate)
            records.Add(work.Report);
    }

    public Task<IReadOnlyList<ErasureReport>> FindAsync(string member, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult<IReadOnlyList<ErasureReport>>([.. records.Where(record => record.Member == member)]);
    }
}
