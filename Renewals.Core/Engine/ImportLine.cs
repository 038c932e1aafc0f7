using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;

namespace Renewals.Core.Engine;

/// <summary>A running membership of another system, as one line of its export says.</summary>
/// <param name="Member">The merchant's own, opaque name of the member; never a phone number, name or openid.</param>
/// <param name="PlanId">The plan here that it goes on with.</param>
/// <param name="Anchor">First day of a period, in the plan's zone: all later periods are counted from it.</param>
/// <param name="PaidUntil">The first day that is not paid, in the plan's zone; equal to the anchor, or whole periods after it.</param>
/// <param name="RailAgreementId">The rail's id of the agreement; null when <paramref name="InVault"/> names it.</param>
/// <param name="InVault">The agreement whose keys are in the vault already; null elsewhere.</param>
/// <param name="Price">Price of a period, in minor units.</param>
/// <param name="Currency">Its currency; null: the plan's.</param>
public sealed record ImportLine(
    string Member, string PlanId, LocalDate Anchor, LocalDate PaidUntil, string? RailAgreementId, AgreementId? InVault, long Price, string? Currency = null)
{
    /// <summary>The rail's id of the member (openid, customer), where the other system has it; null: the rail says it when it confirms the agreement.</summary>
    public string? Payer { get; init; }

    /// <summary>The other system's number of its newest order under the agreement, where statements name no payer; null: not known.</summary>
    public string? OldOrder { get; init; }

    /// <summary>Without the rail's keys.</summary>
    public override string ToString() => $"{Member}, {PlanId}, {Anchor} to {PaidUntil}";
}

/// <summary>What is the same for all lines of an import.</summary>
/// <param name="Account">Where the agreements were signed.</param>
/// <param name="CutOver">From then on the other system sends no more orders. At most 31 days before or after now.</param>
public sealed record ImportSettings(MerchantAccount Account, Instant CutOver)
{
    /// <summary>How many agreements a second the rail is asked for after the import; their first looks are laid apart accordingly. Default 20, 1 to 1,000.</summary>
    public int AsksPerSecond { get; init; } = 20;

    /// <summary>True: all is checked and nothing is written. Default false.</summary>
    public bool ChecksOnly { get; init; }
}

/// <summary>What became of a line.</summary>
public abstract record ImportVerdict
{
    private ImportVerdict()
    {
    }

    /// <summary>It was taken over; with <see cref="ImportSettings.ChecksOnly"/>, it would be.</summary>
    public sealed record Imported : ImportVerdict;

    /// <summary>An earlier run had taken it over, word for word.</summary>
    public sealed record There : ImportVerdict;

    /// <summary>It was not taken over.</summary>
    /// <param name="Why">What to change, in a sentence; without the rail's keys.</param>
    public sealed record Refused(string Why) : ImportVerdict;
}

/// <summary>An import or export cannot be done at all; the message says what to change. Nothing was written by the call that threw it.</summary>
public sealed class CannotImportException(string message, Exception? inner = null) : Exception(message, inner);
