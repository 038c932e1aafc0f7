using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>Name-based ids of events. Under a unique index they make a second success of a charge impossible to store.</summary>
/// <remarks>
/// What must happen at most once is named after what it is about, so a duplicate has the same id whoever writes it. Everything else is
/// named after its place in the stream.
/// </remarks>
public static class EventIds
{
    /// <summary>The id of a subscription's event.</summary>
    /// <param name="stream">The subscription.</param>
    /// <param name="e">The event.</param>
    /// <param name="version">Its place in the stream, from 1.</param>
    public static Guid Of(SubscriptionId stream, SubscriptionEvent e, long version) => e switch
    {
        Charged x => Named(stream.Value, $"charged/{(int)DebtOf(x.Order.Charge.Kind)}/{x.Order.Charge.Ordinal}"),
        PaidElsewhere { Ordinal: > 0 } x => Named(stream.Value, $"charged/{(int)Subscription.KindOf(x.Ordinal)}/{x.Ordinal}"),
        Requested x => Named(stream.Value, $"requested/{x.Order}/{x.Send}"),
        Overpaid x => Named(stream.Value, $"overpaid/{x.Order}"),
        RefundRequested x => Named(stream.Value, $"refund-requested/{x.Refund}/{x.Send}"),
        RefundGranted x => Named(stream.Value, $"refund-granted/{x.Refund}"),
        Refunded x => Named(stream.Value, $"refunded/{x.RefundNumber}"),
        _ => Named(stream.Value, $"at/{version}"),
    };

    // A period that is paid late is the same debt as its renewal: it is paid once, by whatever order.
    private static ChargeKind DebtOf(ChargeKind kind) => kind == ChargeKind.CatchUp ? ChargeKind.Renewal : kind;

    /// <summary>The id of an agreement's event: its place in the stream.</summary>
    public static Guid Of(AgreementId stream, long version) => Named(stream.Value, $"at/{version}");

    /// <summary>A name-based UUID (RFC 9562, version 8: SHA-256 of stream and name).</summary>
    public static Guid Named(Guid stream, string name)
    {
        var text = Encoding.UTF8.GetByteCount(name);
        Span<byte> input = text <= 240 ? stackalloc byte[16 + text] : new byte[16 + text];
        stream.TryWriteBytes(input, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(name, input[16..]);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(input, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
