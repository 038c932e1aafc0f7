using System.Text.Json;
using Renewals.Core.Charging;

namespace Renewals.Gateways.Alipay;

/// <summary>A raw answer of the rail, as far as it proved genuine. What it means is judged in <see cref="AlipayVerdicts"/>.</summary>
public abstract record AlipayReply
{
    private AlipayReply()
    {
    }

    /// <summary>An answer whose signature holds.</summary>
    /// <param name="Node">The verified text itself, parsed.</param>
    /// <param name="Repeated">True when it answers a repeat: the first try was lost and may have been taken.</param>
    public sealed record Message(JsonElement Node, bool Repeated = false) : AlipayReply
    {
        /// <summary>The rail's code; its texts are never looked at.</summary>
        public string Code => Node.Text("code");

        /// <summary>The rail's code of the business; empty when all is well.</summary>
        public string SubCode => Node.Text("sub_code");

        /// <summary>Without the node: it may name the member.</summary>
        public override string ToString() => $"{Code} {SubCode}".TrimEnd();

        /// <summary>The codes, for people; never the rail's text, which may quote what was sent.</summary>
        public string Why => $"{RailWords.Code(Code)} {RailWords.Code(SubCode)}".TrimEnd();
    }

    /// <summary>An error without a signature, as the gateway answers what it could not attribute. It proves nothing of any order.</summary>
    /// <param name="Code">The rail's code.</param>
    /// <param name="SubCode">The rail's finer code.</param>
    /// <param name="Why">For people.</param>
    /// <param name="Repeated">True when it answers a repeat.</param>
    public sealed record UnsignedError(string Code, string SubCode, string Why, bool Repeated = false) : AlipayReply;

    /// <summary>No answer, or none that can be believed: a time-out, broken JSON, a wrong signature, a success without one.</summary>
    /// <param name="Why">For people.</param>
    public sealed record Unclear(string Why) : AlipayReply;

    /// <summary>Nothing left this machine.</summary>
    /// <param name="Why">For people.</param>
    public sealed record NotSent(string Why) : AlipayReply;
}
