using System.Security.Cryptography;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>What vault and book have against lines of an import, asked for a batch at once.</summary>
internal static class ImportLookup
{
    /// <summary>Why a membership cannot be taken over; one without a fault is missing from the answer.</summary>
    public static async Task<IReadOnlyDictionary<SubscriptionId, string>> FaultsAsync(
        ImportStores stores, MerchantAccount account, IReadOnlyList<Candidate> candidates, CancellationToken cancellation)
    {
        Dictionary<SubscriptionId, string> faults = [];
        var holders = await stores.Bulk.FindHoldersAsync(account, [.. candidates.Select(one => one.Line.RailAgreementId).OfType<string>()], cancellation);
        var referenced = await ReferencedAsync(stores.Vault, [.. candidates.Select(one => one.Line.InVault).OfType<AgreementId>()], cancellation);
        var running = (await stores.Ledger.FindRunningAsync([.. candidates.Select(one => one.Line.Member)], account, cancellation)).ToLookup(one => one.Member, StringComparer.Ordinal);
        foreach (var one in candidates)
        {
            if (one.Line.RailAgreementId is { } key && holders.TryGetValue(key, out var holder) && holder != one.Agreement)
                faults[one.Id] = $"the agreement is in the vault already, as {holder}: it belongs to another membership here";
            else if (one.Line.InVault is { } reference && !referenced.Contains(reference))
                faults[one.Id] = $"the vault has no rail's id under {reference}; put it there first, or give the rail's id itself";
            else if (one.Line.InVault is { } used && await stores.Ledger.FindAgreementAsync(used, cancellation) is not null)
                faults[one.Id] = $"agreement {used} serves a membership here already";
            else if (running[one.Line.Member].FirstOrDefault(other => other.Template == one.Template && other.Id != one.Id) is { Member: not null } other)
                faults[one.Id] = $"the member has a running membership here already, {other.Id}; both would be charged";
        }

        return faults;
    }

    private static async Task<IReadOnlySet<AgreementId>> ReferencedAsync(IAgreementVault vault, IReadOnlyList<AgreementId> ids, CancellationToken cancellation)
    {
        HashSet<AgreementId> found = [];
        if (ids.Count == 0)
            return found;
        try
        {
            foreach (var (id, keys) in await vault.GetAsync(ids, cancellation))
            {
                if (keys.RailAgreementId is { Length: > 0 })
                    found.Add(id);
            }

            return found;
        }
        catch (CryptographicException e)
        {
            throw new CannotImportException("Keys in the vault cannot be read: is one of its keys missing in the settings?", e);
        }
    }
}
