using Renewals.Core.Agreements;
using Renewals.Core.Ledger;

namespace Renewals.Host.Simulation.Ports;

/// <summary>Everything that lies in one database: what a backup holds and a restore puts back.</summary>
internal sealed class SimStores
{
    public SimStores() => Erasures = new(Vault, Documents, Moves);

    public InMemoryLedger Ledger { get; } = new() { CarriesStates = true };

    public InMemoryVault Vault { get; } = new();

    public InMemoryReconciliationStore Reconciliations { get; } = new();

    public InMemoryKeptDocuments Documents { get; } = new();

    public InMemoryOrphanAgreements Orphans { get; } = new();

    public InMemoryMoves Moves { get; } = new();

    public InMemoryErasures Erasures { get; }

    /// <summary>Holds what others hold, and nothing else.</summary>
    public void CopyFrom(SimStores other)
    {
        Ledger.CopyFrom(other.Ledger);
        Vault.CopyFrom(other.Vault);
        Reconciliations.CopyFrom(other.Reconciliations);
        Documents.CopyFrom(other.Documents);
        Orphans.CopyFrom(other.Orphans);
        Moves.CopyFrom(other.Moves);
        Erasures.CopyFrom(other.Erasures);
    }
}
