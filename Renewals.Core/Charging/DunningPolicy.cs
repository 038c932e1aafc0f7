using System.Security.Cryptography;
using System.Text;

namespace Renewals.Core.Charging;

/// <summary>What happens after a decline (补扣), by reason. Resolved into each subscription's terms.</summary>
/// <param name="Name">Name of the policy.</param>
/// <param name="Version">Version of it.</param>
/// <param name="Rules">One rule a reason, and one a reason and rail where a rail differs; a reason without a rule has no further try.</param>
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

    /// <summary>The policy at one rail: its own rules there take the place of the general ones. This is what terms hold.</summary>
    /// <param name="rail">The rail's short name; null: no rail in particular.</param>
    public DunningPolicy For(string? rail) => Rules.All(rule => rule.Rail is null) ? this : this with
    {
        Rules = [.. Rules.Where(rule => rule.Rail is not null && rule.Rail == rail).Concat(Rules.Where(rule => rule.Rail is null))
            .DistinctBy(rule => rule.Reason).OrderBy(rule => rule.Reason).Select(rule => rule with { Rail = null })],
    };

    /// <summary>Days to wait before the next try, or null when there is none. Rules for one rail count after <see cref="For"/> only.</summary>
    /// <param name="reason">Why the last attempt was declined.</param>
    /// <param name="declines">How many attempts of the charge were declined so far, this one included.</param>
    public int? DaysToNextTry(DeclineReason reason, int declines)
    {
        foreach (var rule in Rules)
        {
            if (rule.Reason == reason && rule.Rail is null)
                return declines <= rule.DaysBetweenTries.Count ? rule.DaysBetweenTries[declines - 1] : null;
        }

        return null;
    }

    /// <summary>Eight bytes of SHA-256 over the rules in words: two policies with one hash do the same.</summary>
    public string Hash()
    {
        var text = string.Join(';', Rules.Select(rule => $"{rule.Reason}{(rule.Rail is null ? "" : "@" + rule.Rail)}:{string.Join(',', rule.DaysBetweenTries)}"));
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
    /// <summary>The rail it is for, by its short name such as <c>stripe</c>; null: every rail without a rule of its own for the reason.</summary>
    public string? Rail { get; init; }

    /// <inheritdoc/>
    public bool Equals(DunningRule? other) => other is not null && Reason == other.Reason && Rail == other.Rail && DaysBetweenTries.SequenceEqual(other.DaysBetweenTries);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Reason, DaysBetweenTries.Count);
}
