using Renewals.Core.Charging;

namespace Renewals.Core.Gateways;

/// <summary>A rail's message to us, as it came.</summary>
/// <param name="Headers">By name, without regard to case.</param>
/// <param name="Body">The raw bytes: what is verified is what was sent.</param>
public sealed record Callback(IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body);

/// <summary>What a callback says, after it was verified.</summary>
public abstract record CallbackReading
{
    private CallbackReading()
    {
    }

    /// <summary>Not believed: it changes nothing and is counted.</summary>
    /// <param name="Why">Which check failed; for our log, never for the caller.</param>
    public sealed record Rejected(string Why) : CallbackReading
    {
        /// <inheritdoc cref="Rejected"/>
        public string Why { get; init; } = RailWords.Sentence(Why);
    }

    /// <summary>Genuine, and about nothing we act upon: it is acknowledged, counted, and changes nothing.</summary>
    /// <remarks>A message of a kind or state the adapter has no use for. One that may be about an order or agreement of ours is never this.</remarks>
    /// <param name="About">What it is about, for our log: the rail's word for the kind; no personal data.</param>
    public sealed record NothingForUs(string About) : CallbackReading
    {
        /// <inheritdoc cref="NothingForUs"/>
        public string About { get; init; } = RailWords.Sentence(About);
    }

    /// <summary>News of an order.</summary>
    /// <param name="OrderNumber">The order number as written.</param>
    /// <param name="Answer">What is known.</param>
    /// <param name="RailAgreementId">The rail's id of the agreement it names, where it names one: it must be the order's own.</param>
    public sealed record OfCharge(string OrderNumber, ChargeAnswer Answer, string? RailAgreementId = null) : CallbackReading;

    /// <summary>News of an agreement.</summary>
    /// <param name="SigningCode">Our code of it, as written.</param>
    /// <param name="Answer">What is known.</param>
    public sealed record OfAgreement(string SigningCode, AgreementAnswer Answer) : CallbackReading;

    /// <summary>News of a refund, ours or made elsewhere (on the rail's own pages, under a number that is not ours).</summary>
    /// <param name="OrderNumber">The number of the order it gives back, as written.</param>
    /// <param name="RefundNumber">The refund's number as written.</param>
    /// <param name="Answer">What is known.</param>
    public sealed record OfRefund(string OrderNumber, string RefundNumber, RefundAnswer Answer) : CallbackReading;
}

/// <summary>What goes back to the rail.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="ContentType">Media type of the body.</param>
/// <param name="Body">The body.</param>
public sealed record CallbackReply(int Status, string ContentType, string Body);
