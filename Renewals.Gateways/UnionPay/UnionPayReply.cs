using Renewals.Core.Charging;

namespace Renewals.Gateways.UnionPay;

/// <summary>A raw answer of the rail, as far as it proved genuine. What it means is judged in <see cref="UnionPayVerdicts"/>.</summary>
public abstract record UnionPayReply
{
    private UnionPayReply()
    {
    }

    /// <summary>An answer whose signature holds, for our merchant number.</summary>
    /// <param name="Fields">As they came; the card number may be among them.</param>
    public sealed record Message(IReadOnlyDictionary<string, string> Fields) : UnionPayReply
    {
        /// <summary>The rail's code of the call itself (<c>respCode</c>); its texts are never looked at.</summary>
        public string Code => Text("respCode");

        /// <summary>The code of the transaction that was asked for (<c>origRespCode</c>); empty in answers that are no query's.</summary>
        public string OriginalCode => Text("origRespCode");

        /// <summary>The code of the call, for people.</summary>
        public string Why => InWords(Code);

        /// <summary>The code of the transaction that was asked for, for people.</summary>
        public string OriginalWhy => InWords(OriginalCode);

        /// <summary>The value of a field; empty when it is absent.</summary>
        public string Text(string name) => Fields.Text(name);

        /// <summary>Without the fields: they name a card.</summary>
        public override string ToString() => $"{Code} {OriginalCode}".TrimEnd();

        // Nobody promises that the rail's words hold no number of a card, document or phone: the code says it.
        internal static string InWords(string code) => code.Length == 0 ? "no code" : RailWords.Code(code);
    }

    /// <summary>No answer, or none that can be believed: a time-out, another status than 200, an unreadable text, a wrong signature.</summary>
    /// <param name="Why">For people.</param>
    public sealed record Unclear(string Why) : UnionPayReply;

    /// <summary>Nothing left this machine.</summary>
    /// <param name="Why">For people.</param>
    public sealed record NotSent(string Why) : UnionPayReply;
}
