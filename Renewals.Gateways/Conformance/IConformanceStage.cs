using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Gateways.Conformance;

/// <summary>The stage a <see cref="ConformanceCheck"/> plays on: a rail, or a sandbox of one, with its bank, its members and its clock.</summary>
/// <remarks>
/// The author of an adapter writes one. It judges nothing: it does what it is asked and shows what happened. Every check gets a stage of its
/// own, starting at midday of one of the first ten days of a month (rails keep hours and month ends). Where the adapter speaks HTTP,
/// <see cref="ConformanceWire"/> does the members that break the line and count calls.
/// </remarks>
public interface IConformanceStage : IAsyncDisposable
{
    /// <summary>The one clock of rail and adapter.</summary>
    Instant Now { get; }

    /// <summary>What an order costs on this stage: an amount the rail takes, in its currency; at least ten minor units, to be refunded in parts.</summary>
    Money Price { get; }

    /// <summary>The rail's codes of a declined charge, each with the reason its documents give. At least one says that funds are short.</summary>
    IReadOnlyDictionary<string, DeclineReason> Declines { get; }

    /// <summary>Everything the rail has called back, byte for byte, oldest first.</summary>
    IReadOnlyList<StageCallback> Callbacks { get; }

    /// <summary>What a callback is answered from now on; null (the default) answers by the adapter's own <see cref="IPaymentGateway.ReplyTo"/> that it was received.</summary>
    Func<Callback, CallbackReply>? Reply { get; set; }

    /// <summary>How often a <see cref="Break"/> has taken effect since the stage was opened: the proof that a fault was played.</summary>
    int FaultsPlayed { get; }

    /// <summary>Opens an adapter of the stage's one merchant account that remembers nothing of earlier ones, ready to be called.</summary>
    /// <remarks>The stage disposes of it. A process that was restarted is played by this.</remarks>
    Task<IPaymentGateway> OpenAdapterAsync(CancellationToken cancellation);

    /// <summary>Lets time pass: the rail settles and calls back whatever becomes due meanwhile, at its own time.</summary>
    Task AdvanceAsync(Duration by, CancellationToken cancellation);

    /// <summary>Opens a member's account at the bank, or sets its balance.</summary>
    Task SetBalanceAsync(string member, Money balance, CancellationToken cancellation);

    /// <summary>What the adapter is asked in order to sign a member: template, scene and whatever else the rail wants.</summary>
    SigningRequest NewSigning(AgreementId agreement, string member, SigningPlan plan);

    /// <summary>The member does what the answer asks for, and signs.</summary>
    /// <returns>
    /// The agreement as the engine would hand it to the adapter: with the rail's own id, and the card where the rail wants it. Null when the
    /// rail lets nobody sign by this answer.
    /// </returns>
    Task<AgreementOrder?> ConfirmSigningAsync(SigningRequest request, SigningAnswer answer, string member, CancellationToken cancellation);

    /// <summary>The member ends the agreement at the rail, without us.</summary>
    Task EndAgreementAsync(AgreementOrder agreement, CancellationToken cancellation);

    /// <summary>The rail declines the member's next charge.</summary>
    /// <param name="member">Who.</param>
    /// <param name="code">One of <see cref="Declines"/>.</param>
    /// <param name="cancellation">Gives up.</param>
    Task DeclineNextAsync(string member, string code, CancellationToken cancellation);

    /// <summary>The rail refuses the next request under this number as a fault of the request or of the merchant's set-up; it executes nothing.</summary>
    Task RefuseNextAsync(OrderNumber number, CancellationToken cancellation);

    /// <summary>Breaks the line until <see cref="Mend"/>.</summary>
    /// <param name="fault">How.</param>
    /// <param name="about">An order or refund number: only calls that name it. Empty: all calls.</param>
    void Break(WireFault fault, string about);

    /// <summary>The line is whole again.</summary>
    void Mend();

    /// <summary>The requests for money under this number that have left the adapter, oldest first, lost ones included. A question is no request for money.</summary>
    /// <returns>
    /// Each as a text of all that the rail takes for the order: two that are equal are the same order to it. Where it wants the time and the
    /// signature of each sending around the order, without these.
    /// </returns>
    IReadOnlyList<string> MoneyCalls(OrderNumber number);

    /// <summary>A genuine callback as somebody without the rail's key would send it: the same, but its signature is left out.</summary>
    Callback WithoutSignature(Callback genuine);

    /// <summary>All money that has moved, as the bank has it: the truth everything else is compared with.</summary>
    /// <remarks>Read beside the adapter, never through it.</remarks>
    Task<IReadOnlyList<StatementLine>> ReadBankLedgerAsync(CancellationToken cancellation);
}

/// <summary>How the line between adapter and rail breaks.</summary>
public enum WireFault
{
    /// <summary>The request never arrives; the connection ends without an answer.</summary>
    RequestLost = 0,

    /// <summary>The request is executed; the connection ends without an answer.</summary>
    AnswerLost = 1,

    /// <summary>The request is executed; the answer never comes and the connection stays open.</summary>
    AnswerSlow = 2,

    /// <summary>The request is executed; in place of the answer comes HTTP 200 with a page of somebody else's.</summary>
    AnswerBroken = 3,
}

/// <summary>A callback as it came.</summary>
/// <param name="Callback">Headers and raw body.</param>
/// <param name="At">When it came, on the stage's clock.</param>
/// <param name="CarriesTime">Whether the rail's signature covers a time of sending, so that an old one can be told from a new one.</param>
public sealed record StageCallback(Callback Callback, Instant At, bool CarriesTime);
