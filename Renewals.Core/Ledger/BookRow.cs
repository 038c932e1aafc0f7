using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>One membership's row in the book: derived from its events, written in their transaction.</summary>
/// <param name="Id">Which membership.</param>
/// <param name="Account">Where it is charged.</param>
/// <param name="Alarm">Its earliest duty, in 100-nanosecond ticks since 1970 (UTC), rounded up; null: none.</param>
/// <param name="Version">The stream's version.</param>
/// <param name="Member">The merchant's name of the member.</param>
/// <param name="Agreement">Its agreement.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Parked">Why a person must look; null when nobody must.</param>
/// <param name="SigningKey">Names a signing in progress: one for a member, account and template; null otherwise.</param>
/// <param name="State">The folded membership as JSON.</param>
internal sealed record BookRow(
    SubscriptionId Id, MerchantAccount Account, long? Alarm, long Version, string Member, AgreementId Agreement, SubscriptionStatus Status,
    ParkReason? Parked, string? SigningKey, byte[] State)
{
    /// <summary>Whether some of its orders may be of another account than <see cref="Account"/>.</summary>
    public bool Switched { get; init; }

    public static BookRow Of(Subscription s) => Of(s, LedgerJson.WriteState(s));

    /// <summary>The row of a membership whose state is kept elsewhere.</summary>
    public static BookRow Of(Subscription s, byte[] state) => new(
        s.Id, s.Account, Duty.Alarm(s) is { } alarm ? Ticks(alarm) : null, s.Version, s.Member, s.Agreement.Id, s.Status, s.Parked,
        s.Status == SubscriptionStatus.Signing ? SigningKeyOf(s.Member, s.Account, s.Agreement.Template) : null, state)
    {
        Switched = s.Backups.Any(backup => backup.Account != s.Account),
    };

    /// <summary>Ticks of an instant, rounded up: an alarm never rings before its duty is due.</summary>
    public static long Ticks(Instant instant)
    {
        var ticks = instant.ToUnixTimeTicks();
        return Instant.FromUnixTimeTicks(ticks) < instant ? ticks + 1 : ticks;
    }

    public static string SigningKeyOf(string member, MerchantAccount account, string template) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{account}\n{template}\n{member}"))[..16]);

    /// <summary>What differs between the book and the fold, in words; null when nothing does.</summary>
    public string? DifferenceFrom(BookRow fold) =>
        this with { State = [] } != fold with { State = [] } ? $"{Id}: the book has {this with { State = [] }}, the fold {fold with { State = [] }}"
        : !State.AsSpan().SequenceEqual(fold.State) ? $"{Id}: the book's state differs from the fold at version {fold.Version}"
        : null;
}
