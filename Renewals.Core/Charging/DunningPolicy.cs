using System.Security.Cryptography;
using System.Text;

namespace Renewals.Core.Charging;

/// <summary>What happens after a decline (补扣), by reason. Resolved into each subscription's terms.</summary>
/// <param name="Name">Name of the policy.</param>
/// <param name="Version">Version of it.</param>
/// <param name="Rules">One rule a reason; a reason without a rule has no further try.</param>
public sealed record DunningPolicy(string Name, int Version, IReadOnlyList<DunningRule> Rules)
{
    /// <summary>
    /// Tries that fit WeChat Pay's seven chargeable days: funds and limits come back with days, a closed account does not.
    /// </summary>
    public static DunningPolicy Standard { get; } = new(
        "standard", 1,
        [
            new(DeclineReason.InsufficientFunds, [1, 2, 2]),
            new(DeclineReason.LimitReached, [1, 1, 2]),
            new(DeclineReason.BankFault, [1, 1, 1]),
            new(DeclineReason.OrderClosed, [1, 1]),
            new(DeclineReason.Other, [2, 2]),
        ]);

    /// <summary>Days to wait before the next try, or null when there is none.</summary>
    /// <param name="reason">Why the last attempt was declined.</param>
    /// <param name="declines">How many attempts of the charge were declined so far, this one included.</param>
    public int? DaysToNextTry(DeclineReason reason, int declines)
    {
        foreach (var rule in Rules)
        {
            if (rule.Reason == reason)
                return declines <= rule.DaysBetweenTries.Count ? rule.DaysBetweenTries[declines - 1] : null;
        }

        return null;
    }

    /// <summary>Eight bytes of SHA-256 over the rules in words: two policies with one hash do the same.</summary>
    public string Hash()
    {
        var text = string.Join(';', Rules.Select(rule => $"{rule.Reason}:{string.Join(',', rule.DaysBetweenTries)}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))[..8]);
    }

    /// <inheritdoc/>
    public bool Equals(DunningPolicy? other) => other is not null && Name == other.Name && Version == other.Version && Rules.SequenceEqual(other.Rules);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Version, Rules.Count);
}

/// <summary>The tries after a decline for one reason.</summary>
/// <param name="Reason">The reason of the last decline.</param>
/// <param name="DaysBetweenTries">Days to wait before try 2, 3, …; empty for none.</param>
public sealed record DunningRule(DeclineReason Reason, IReadOnlyList<int> DaysBetweenTries)
{
    /// <inheritdoc/>
    public bool Equals(DunningRule? other) => other is not null && Reason == other.Reason && DaysBetweenTries.SequenceEqual(other.DaysBetweenTries);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Reason, DaysBetweenTries.Count);
}
