using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>Keeps raw callbacks, encrypted, before they are answered.</summary>
/// <remarks>
/// One statement each. A callback that was not believed goes to one of the day's places of its account, chosen by its body; the first one there stays.
/// So a stranger who sends millions of them costs <see cref="AuditOptions.RejectedCallbacksADay"/> rows of <see cref="RejectedBytes"/> a day, and,
/// because this process remembers which places are taken, hardly more statements.
/// </remarks>
internal sealed class CallbackKeeper(IKeptDocuments documents, IOptions<AuditOptions> options, EngineMetrics metrics, ILogger<CallbackKeeper> logger)
{
    /// <summary>The most that is kept of a callback that was not believed.</summary>
    public const int RejectedBytes = 16_384;

    private readonly ConcurrentDictionary<(MerchantAccount, int), LocalDate> taken = new();

    /// <summary>Keeps a verified callback.</summary>
    /// <returns>False: it could not be kept, and the rail must deliver it again.</returns>
    public async Task<bool> KeepAsync(
        MerchantAccount account, Callback callback, string result, SubscriptionId? membership, Instant now, CancellationToken cancellation)
    {
        try
        {
            await documents.KeepAsync(DocumentDraft.Verified(account, callback, result, now, membership), cancellation);
            return true;
        }
        catch (Exception e) when (IsFault(e, cancellation))
        {
            NotKept(e, account);
            return false;
        }
    }

    /// <summary>Keeps a callback that was not believed, where there is a place for it. It is refused in any case, so a failure is only said.</summary>
    public async Task KeepRejectedAsync(MerchantAccount account, Callback callback, string why, Instant now, CancellationToken cancellation)
    {
        var (places, today) = (options.Value.RejectedCallbacksADay, now.InUtc().Date);
        if (places == 0)
            return;
        var place = (int)(BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(callback.Body.Span)) % (uint)places);
        if (taken.TryGetValue((account, place), out var day) && day == today)
            return;
        try
        {
            await documents.KeepAsync(DocumentDraft.Rejected(account, callback, why, place, RejectedBytes, now), cancellation);
            taken[(account, place)] = today;
        }
        catch (Exception e) when (IsFault(e, cancellation))
        {
            NotKept(e, account);
        }
    }

    private void NotKept(Exception e, MerchantAccount account)
    {
        metrics.Callback(account, "not-kept");
        EngineLog.CallbackNotKept(logger, QuietFault.Of(e), account.ToString());
    }

    private static bool IsFault(Exception e, CancellationToken cancellation) =>
        e is not OutOfMemoryException && !(e is OperationCanceledException && cancellation.IsCancellationRequested);
}
