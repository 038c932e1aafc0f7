using System.Text;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>How a member's lines and messages are known among those of others: the rail's keys, our codes of the agreements, the numbers of orders and payments.</summary>
/// <remarks>
/// A value counts where it stands as a word of its own, as written or percent-encoded; so one that begins another is not mistaken for it. What is
/// encrypted or hidden otherwise is not seen: a rail's own reading tells of that.
/// </remarks>
internal sealed class MemberTraces
{
    // Shorter numbers of a rail could be anything.
    private const int LeastTransaction = 16;
    private const int LeastKey = 4;

    private readonly HashSet<SubscriptionId> memberships;
    private readonly HashSet<AgreementId> agreements;
    private readonly HashSet<string> keys;
    private readonly List<byte[]> words;

    // What every order number of a membership has in common: all of its id but the first character, which also carries the check.
    private readonly List<byte[]> orders;

    /// <summary>Gathers them.</summary>
    /// <param name="histories">The member's memberships with all that happened to them.</param>
    /// <param name="agreements">The member's agreements.</param>
    /// <param name="vault">What the vault holds of them.</param>
    public MemberTraces(
        IReadOnlyDictionary<SubscriptionId, IReadOnlyList<SubscriptionEvent>> histories, IReadOnlyCollection<AgreementId> agreements, IEnumerable<RailKeys> vault)
    {
        (memberships, this.agreements) = ([.. histories.Keys], [.. agreements]);
        keys = [.. vault.SelectMany(k => new[] { k.RailAgreementId, k.PayerId, k.PayerAccount }).OfType<string>().Where(key => key.Length >= LeastKey)];
        var numbers = histories.Values.SelectMany(events => events).Select(RailNumber).OfType<string>().Where(number => number.Length >= LeastTransaction);
        words = [.. keys.Concat(numbers).Concat(agreements.Select(a => a.SigningCode)).SelectMany(Writings).Distinct().Select(Encoding.UTF8.GetBytes)];
        orders = [.. memberships.Select(id => Encoding.UTF8.GetBytes(new Charge(id, ChargeKind.First, 1).Attempt(1).ToString()[1..26]))];
    }

    /// <summary>Whether a text has one of them.</summary>
    public bool AreIn(ReadOnlySpan<byte> text)
    {
        foreach (var order in orders)
        {
            if (text.IndexOf(order) >= 0)
                return true;
        }

        foreach (var word in words)
        {
            if (HasWord(text, word))
                return true;
        }

        return false;
    }

    /// <summary>Whether a callback, as its adapter reads it, is about the member.</summary>
    public bool AreIn(CallbackReading reading) => reading switch
    {
        CallbackReading.OfCharge x => IsOfMember(x.OrderNumber) || IsKey(x.RailAgreementId),
        CallbackReading.OfRefund x => IsOfMember(x.OrderNumber) || IsOfMember(x.RefundNumber),
        CallbackReading.OfAgreement x => (AgreementId.TryParse(x.SigningCode, out var id) && agreements.Contains(id))
            || (x.Answer is AgreementAnswer.Active active && (IsKey(active.RailAgreementId) || IsKey(active.PayerId))),
        CallbackReading.Rejected or CallbackReading.NothingForUs => false,
        _ => throw new InvalidOperationException($"No such reading: {reading.GetType().Name}."),
    };

    private bool IsOfMember(string order) => OrderNumber.TryParse(order, out var number) && memberships.Contains(number.Charge.Subscription);

    private bool IsKey(string? key) => key is not null && keys.Contains(key);

    private static string? RailNumber(SubscriptionEvent e) => e switch
    {
        Charged x => x.RailTransaction,
        Overpaid x => x.RailTransaction,
        Refunded x => x.RailRefund,
        PaidElsewhere x => x.RailTransaction,
        _ => null,
    };

    private static IEnumerable<string> Writings(string value) => [value, Uri.EscapeDataString(value), System.Text.Json.JsonEncodedText.Encode(value).ToString()];

    private static bool HasWord(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        for (var from = 0; text[from..].IndexOf(word) is >= 0 and var found; from += found + 1)
        {
            var (start, end) = (from + found, from + found + word.Length);
            if ((start == 0 || !IsPartOfWord(text[start - 1]) || EndsEscape(text[..start])) && (end == text.Length || !IsPartOfWord(text[end])))
                return true;
        }

        return false;
    }

    private static bool IsPartOfWord(byte letter) => char.IsAsciiLetterOrDigit((char)letter) || letter is (byte)'_' or (byte)'-';

    // In openid%3Dx the D belongs to the sign before, not to the word.
    private static bool EndsEscape(ReadOnlySpan<byte> before) =>
        before.Length >= 3 && before[^3] == '%' && char.IsAsciiHexDigit((char)before[^2]) && char.IsAsciiHexDigit((char)before[^1]);
}
