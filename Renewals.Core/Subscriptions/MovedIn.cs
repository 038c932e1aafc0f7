using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <summary>What a membership remembers of the system it was taken over from.</summary>
/// <param name="CutOver">From then on the other system sends no more orders.</param>
/// <param name="Line">Fingerprint of the line it came from.</param>
/// <param name="AskAt">When the statements are asked for its payments; null: they were read, it renews as any other.</param>
/// <param name="Asks">How often they were asked.</param>
public sealed record MovedIn(Instant CutOver, string Line, Instant? AskAt, int Asks)
{
    /// <summary>How many payments are remembered by name; a fuse blows and a person comes long before there are so many.</summary>
    public const int Remembered = 20;

    /// <summary>What a period cost there: the other system, where it goes on charging, knows no other price.</summary>
    public required Money Price { get; init; }

    /// <summary>The rail's numbers of payments that were recorded, in order, the last <see cref="Remembered"/>.</summary>
    public IReadOnlyList<string> Seen { get; init; } = [];

    /// <summary>Payments after the cut-over that wait for the statements, to be placed behind what was taken before them; no more than <see cref="Remembered"/>.</summary>
    public IReadOnlyList<OldPayment> Waiting { get; init; } = [];
}

/// <summary>A payment under an agreement that was taken over, by an order that is not ours, as a rail's statement has it.</summary>
/// <param name="RailTransaction">The rail's number of it.</param>
/// <param name="Amount">What was taken and not given back whole.</param>
/// <param name="At">The rail's time of it.</param>
/// <param name="IsCertain">
/// False: the statement names only the payer, who has more than one membership here; it may be of another one.
/// </param>
public sealed record OldPayment(string RailTransaction, Money Amount, Instant At, bool IsCertain);
