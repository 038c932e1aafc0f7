using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;

namespace Renewals.Core.Audit;

/// <summary>What an adoption did, or would do.</summary>
public sealed record AdoptionReport
{
    /// <summary>The freeze; null: the ledger is not frozen, and there was nothing to do.</summary>
    public ChargeStop? Freeze { get; init; }

    /// <summary>True: the freeze is ended, charging goes on.</summary>
    public bool Adopted { get; init; }

    /// <summary>True: nothing was asked and nothing was written.</summary>
    public bool DryRun { get; init; }

    /// <summary>When the last event before the freeze was decided: the moment the ledger was restored to. Null: it has no event.</summary>
    public Instant? RestoredTo { get; init; }

    /// <summary>The accounts, each with what was asked and read.</summary>
    public IReadOnlyList<AdoptedAccount> Accounts { get; init; } = [];

    /// <summary>Why the ledger stays frozen, as sentences; empty when nothing is in the way.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>What a person should know besides.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The identity before; null: there was none.</summary>
    public LedgerIdentity? Before { get; init; }

    /// <summary>The identity after; null: it was not adopted.</summary>
    public LedgerIdentity? After { get; init; }
}

/// <summary>One account of an adoption.</summary>
/// <param name="Account">Which.</param>
public sealed record AdoptedAccount(MerchantAccount Account)
{
    /// <summary>Memberships that may have orders the ledger does not know of.</summary>
    public long Memberships { get; init; }

    /// <summary>Orders the rail was asked for.</summary>
    public long Asked { get; init; }

    /// <summary>Orders the rail had and the ledger did not know.</summary>
    public long Found { get; init; }

    /// <summary>Memberships whose unknown orders only the statements tell, as this rail cannot be asked by number alone.</summary>
    public long ByStatement { get; init; }

    /// <summary>Agreements the rail was asked for.</summary>
    public long Agreements { get; init; }

    /// <summary>Agreements the rail has ended and the ledger had in force.</summary>
    public long EndedAgreements { get; init; }

    /// <summary>The statement days.</summary>
    public IReadOnlyList<AdoptedDay> Days { get; init; } = [];
}

/// <summary>A statement day of an adoption.</summary>
/// <param name="Day">Which.</param>
/// <param name="ReadyAt">From when it can be had.</param>
/// <param name="State">What became of reading it; null: it was not read.</param>
/// <param name="Lines">Its lines.</param>
/// <param name="Differences">Differences, those that were recorded included.</param>
public sealed record AdoptedDay(LocalDate Day, Instant ReadyAt, ReconciliationState? State, long Lines, long Differences);
