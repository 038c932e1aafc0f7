using Renewals.Core.Charging;
using Sdk = Stripe;

namespace Renewals.Gateways.Stripe;

/// <summary>What became of one call, as far as it can be read. What it means is judged in <see cref="StripeVerdicts"/>.</summary>
internal abstract record StripeReply<T>
{
    private StripeReply()
    {
    }

    /// <summary>Status 200 and an object.</summary>
    public sealed record Answer(T Value) : StripeReply<T>
    {
        /// <summary>Without the object: it may name the member.</summary>
        public override string ToString() => typeof(T).Name;
    }

    /// <summary>An error as the rail writes them.</summary>
    /// <param name="Status">HTTP status.</param>
    /// <param name="Details">Type, code, decline code, and the payment it is about where there is one.</param>
    /// <param name="Repeated">True when it answers a repeat: the first try was lost and may have been taken.</param>
    public sealed record Error(int Status, Sdk.StripeError Details, bool Repeated) : StripeReply<T>
    {
        /// <summary>The finest code the rail gives.</summary>
        public string Code => Details.DeclineCode ?? Details.Code ?? Details.Type ?? $"HTTP_{Status}";

        /// <summary>Status and codes, for people; never the rail's sentence, which may quote what was sent.</summary>
        public string Why => string.Join(' ', new[] { Details.Type, Details.Code, Details.DeclineCode, Details.Param }.OfType<string>().Select(RailWords.Code).Prepend($"HTTP {Status}"));

        /// <inheritdoc/>
        public override string ToString() => Why;
    }

    /// <summary>No answer, or none that can be read.</summary>
    public sealed record Unclear(string Why) : StripeReply<T>;

    /// <summary>Nothing left this machine.</summary>
    public sealed record NotSent(string Why) : StripeReply<T>;

    /// <summary>Why there is no object, for people.</summary>
    public string Fault => this switch
    {
        Answer => "",
        Error error => error.Why,
        Unclear unclear => unclear.Why,
        NotSent notSent => notSent.Why,
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
