using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>Reads the running memberships of an account in the form in which they can be imported elsewhere.</summary>
public sealed class ExportDesk
{
    private const int KeysAtOnce = 500;

    private readonly ISubscriptionLedger ledger;
    private readonly IAgreementVault vault;

    internal ExportDesk(ISubscriptionLedger ledger, IAgreementVault vault) => (this.ledger, this.vault) = (ledger, vault);

    /// <summary>Reads every membership of the account, in the order of their ids, a page at a time.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <remarks>Read while the engine goes on, each membership as of its page's moment: hold charging first (the command <c>hold</c>).</remarks>
    /// <exception cref="CannotImportException">Keys in the vault cannot be read.</exception>
    public async IAsyncEnumerable<ExportItem> ReadAsync(MerchantAccount account, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var page in ledger.ReadMembershipsAsync(account, cancellation).Chunk(KeysAtOnce).WithCancellation(cancellation))
        {
            var keys = await KeysAsync([.. page.Where(s => WhyNot(s) is null).Select(s => s.Agreement.Id)], cancellation);
            foreach (var membership in page)
                yield return Of(membership, keys.GetValueOrDefault(membership.Agreement.Id));
        }
    }

    private static ExportItem Of(Subscription s, RailKeys? keys)
    {
        var why = WhyNot(s) ?? (keys?.RailAgreementId is null ? "the vault has no rail's id of its agreement" : null);
        if (why is not null)
            return new(s.Id, null, why, IsRunning(s));
        var until = s.RunsUntil!.Value.InZone(RenewalZones.Get(s.Terms.ZoneId)).Date;
        return new(s.Id, new(s.Member, s.Terms.PlanId, s.Anchor!.Value, until, keys!.RailAgreementId, null, s.Terms.Price.MinorUnits, s.Terms.Price.Currency) { Payer = keys.PayerId }, null, true);
    }

    private static bool IsRunning(Subscription s) => s is { Status: SubscriptionStatus.Active, Terms.Renews: true }
        && s.Agreement.Status is AgreementStatus.Active or AgreementStatus.Suspended or AgreementStatus.Unverified;

    private static string? WhyNot(Subscription s) => s switch
    {
        { Status: SubscriptionStatus.Signing } => "being signed",
        { Status: SubscriptionStatus.Cancelled or SubscriptionStatus.Ended } => "renewal was stopped",
        { Terms.Renews: false } => "it does not renew",
        { Agreement.Status: not (AgreementStatus.Active or AgreementStatus.Suspended or AgreementStatus.Unverified) } => "its agreement is over",

        // What it takes is not known yet: exported now, it might be charged for the same period elsewhere.
        { InFlight: true } => "an order is in flight",
        { MovedIn.AskAt: not null, Agreement.Status: not AgreementStatus.Unverified } => "the statements of its own move were not read yet",

        // The file has one price a period and no more: what else was agreed or is owed would be lost on the way.
        { Terms.AddOns: not null } => "it has add-ons, for which the file has no column",
        { Change: { } change } => $"the change '{change.Name}' is planned; withdraw it, or wait for it",
        { Backups: var others } when others.Any(other => other.IsReady) => "it has a further agreement, for which the file has no column",
        { Pause: { } pause } when pause.Until is null || pause.Until > s.RunsUntil => "it is paused; resume it, or wait for the end",
        { Additions.Count: > 0 } => "an amount is still to be added to its next charge",
        _ when s.Terms.PriceOf(s.NextCharge.Ordinal) != s.Terms.Price => "its next period has another price than those after it",
        { RunsUntil: null } or { Anchor: null } => "nothing was paid yet",
        _ => null,
    };

    private async Task<IReadOnlyDictionary<AgreementId, RailKeys>> KeysAsync(IReadOnlyList<AgreementId> ids, CancellationToken cancellation)
    {
        try
        {
            return await vault.GetAsync(ids, cancellation);
        }
        catch (CryptographicException e)
        {
            throw new CannotImportException("Keys in the vault cannot be read: is one of its keys missing in the settings?", e);
        }
    }
}

/// <summary>A membership of an export.</summary>
/// <param name="Id">Which.</param>
/// <param name="Line">As it can be imported elsewhere; null: it cannot.</param>
/// <param name="LeftOut">Why not, in words; null: it can.</param>
/// <param name="IsRunning">Whether it would be charged again here: left out of an export it would be lost.</param>
public sealed record ExportItem(SubscriptionId Id, ImportLine? Line, string? LeftOut, bool IsRunning);
