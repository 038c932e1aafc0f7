using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Host.Sandbox;

/// <summary>One rail of the sandbox: it speaks the rail's own protocol over HTTP, on a port and over a bank that all rails share.</summary>
/// <remarks>It has no clock of its own: settlements and callbacks happen in <see cref="RunDueAsync"/> only. Safe to use from many threads.</remarks>
public interface ISandboxRail : IAsyncDisposable
{
    /// <summary>The merchant it knows.</summary>
    MerchantAccount Account { get; }

    /// <summary>The bank behind it.</summary>
    SandboxBank Bank { get; }

    /// <summary>Where the merchant wants to hear of what it did not ask for itself; null tells nobody.</summary>
    Uri? MerchantNotifyUrl { get; set; }

    /// <summary>What becomes of its next callbacks.</summary>
    CallbackScript Callbacks { get; }

    /// <summary>When it next has something to do; null when nothing waits.</summary>
    Instant? NextDue { get; }

    /// <summary>Every agreement ever signed, by the merchant's code.</summary>
    IReadOnlyList<SandboxAgreement> Agreements { get; }

    /// <summary>Adds the rail's calls and its pages for members.</summary>
    /// <param name="routes">The server's routes.</param>
    /// <param name="address">The server's own address, known only after it listens.</param>
    void Map(IEndpointRouteBuilder routes, Func<Uri> address);

    /// <summary>Executes everything due at the clock's now and awaits the answer to every callback.</summary>
    /// <returns>How many items it did; 0 when nothing was due.</returns>
    Task<int> RunDueAsync(CancellationToken cancellation);

    /// <summary>A member confirms a signing that waits.</summary>
    /// <param name="signingCode">The merchant's code of the agreement.</param>
    /// <param name="member">The bank's member who confirms.</param>
    Task<SandboxSigning> ConfirmSigningAsync(string signingCode, string member);

    /// <summary>Ends an agreement from the rail's side.</summary>
    /// <param name="agreement">The merchant's code or the rail's id.</param>
    /// <param name="mode">Who ends it; <see cref="TerminationMode.Expired"/> is silent where the rail is.</param>
    /// <returns>False when there is none in force.</returns>
    Task<bool> TerminateAsync(string agreement, TerminationMode mode);

    /// <summary>Something goes wrong with the next call about one order or agreement.</summary>
    /// <param name="key">Order number, refund number, or the agreement's code or id.</param>
    /// <param name="fault">One of <see cref="FaultWords"/>.</param>
    /// <returns>False when the rail does not know the word.</returns>
    bool TryInjectFault(string key, string fault);

    /// <summary>The faults it can play, such as <c>lose-answer</c>.</summary>
    IReadOnlyList<string> FaultWords { get; }

    /// <summary>Declines a member's next charge.</summary>
    /// <param name="member">The bank's member.</param>
    /// <param name="code">The rail's own code, such as <c>NOTENOUGH</c>.</param>
    void DeclineNext(string member, string code);

    /// <summary>The settings of our adapter that reach this rail at an address: option names and values, ready to be pasted.</summary>
    IReadOnlyDictionary<string, string> MerchantSettings(Uri address);
}

/// <summary>An agreement as a rail keeps it.</summary>
/// <param name="SigningCode">The merchant's code.</param>
/// <param name="RailAgreementId">The rail's id.</param>
/// <param name="Member">Who signed.</param>
/// <param name="SignedAt">When.</param>
/// <param name="EndedAt">When it ended; null while it is in force.</param>
/// <param name="Mode">Who ended it; null while it is in force.</param>
public sealed record SandboxAgreement(
    string SigningCode, string RailAgreementId, string Member, Instant SignedAt, Instant? EndedAt, TerminationMode? Mode);

/// <summary>What came of a member's confirmation.</summary>
/// <param name="RailAgreementId">The new agreement; null when there is none.</param>
/// <param name="Refusal">The rail's code when it refused; null when it signed.</param>
public sealed record SandboxSigning(string? RailAgreementId, string? Refusal);
