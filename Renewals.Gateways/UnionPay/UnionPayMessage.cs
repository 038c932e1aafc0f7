using System.Text;
using NodaTime;

namespace Renewals.Gateways.UnionPay;

/// <summary>Where a message is posted.</summary>
internal enum UnionPayDoor
{
    /// <summary>By the member's browser.</summary>
    Front = 0,

    /// <summary>Transactions from server to server.</summary>
    Back = 1,

    /// <summary>Status queries.</summary>
    Query = 2,

    /// <summary>The file host.</summary>
    File = 3,
}

/// <summary>What names a transaction at the rail, besides the merchant.</summary>
/// <param name="OrderId">The merchant's number of it.</param>
/// <param name="At">The field <c>txnTime</c>, whole seconds.</param>
public readonly record struct UnionPayIdentity(string OrderId, Instant At);

/// <summary>A message before it is signed.</summary>
/// <param name="Door">Where it goes.</param>
/// <param name="Operation">What it asks for.</param>
/// <param name="OrderId">With <paramref name="At"/> and the merchant number, the transaction's identity; null for a file.</param>
/// <param name="At">The field <c>txnTime</c>: the moment of sending, or the original's in a query.</param>
/// <param name="Fields">The operation's own fields; blank ones are left out.</param>
internal sealed record UnionPayMessage(
    UnionPayDoor Door, UnionPayOperation Operation, string? OrderId, Instant At, IReadOnlyList<(string Name, string? Value)> Fields)
{
    /// <summary>What names the transaction; for a query it is the original's.</summary>
    public UnionPayIdentity Identity => new(OrderId ?? "", At);

    /// <summary>Without the fields: they name a card and its holder.</summary>
    public override string ToString() => $"{Operation.Type}/{Operation.SubType} to {Door}";
}

/// <summary>Signs messages of one merchant: adds the common fields, and signs last.</summary>
internal sealed class UnionPaySealer
{
    private readonly UnionPayOptions options;
    private readonly Encoding encoding;

    /// <summary>Reads the key of valid options.</summary>
    /// <exception cref="ArgumentException">The key store cannot be opened.</exception>
    public UnionPaySealer(UnionPayOptions options)
    {
        (this.options, encoding) = (options, UnionPayWire.EncodingOf(options.Encoding));
        if (options.SignMethod == UnionPaySignMethod.Rsa)
        {
            Key = UnionPayMerchantKey.TryLoad(options.SigningKeyStore, options.SigningKeyPassword)
                ?? throw new ArgumentException($"{nameof(options.SigningKeyStore)} cannot be opened.", nameof(options));
        }
    }

    /// <summary>The merchant's key; null where a shared key signs.</summary>
    public UnionPayMerchantKey? Key { get; }

    /// <summary>The address a message goes to.</summary>
    public Uri AddressOf(UnionPayMessage message) => message.Door switch
    {
        UnionPayDoor.Front => new(options.GatewayAddress, "/gateway/api/frontTransReq.do"),
        UnionPayDoor.Back => new(options.GatewayAddress, "/gateway/api/backTransReq.do"),
        UnionPayDoor.Query => new(options.GatewayAddress, "/gateway/api/queryTrans.do"),
        UnionPayDoor.File => options.FileAddress,
        _ => throw new ArgumentOutOfRangeException(nameof(message), message.Door, "There are four doors."),
    };

    /// <summary>All fields of a message, signed.</summary>
    public IReadOnlyDictionary<string, string> Seal(UnionPayMessage message)
    {
        (string Name, string? Value)[] common =
        [
            ("version", options.Version), ("encoding", options.Encoding), ("signMethod", options.SignMethod.WireName()),
            ("txnType", message.Operation.Type), ("txnSubType", message.Operation.SubType), ("bizType", message.Operation.BizType),
            ("accessType", "0"), ("merId", options.MerId), ("orderId", message.OrderId), ("txnTime", UnionPayText.Time(message.At)),
            ("certId", Key?.CertId),
        ];
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in UnionPayWire.Clean(common.Concat(message.Fields).Select(field => KeyValuePair.Create(field.Name, field.Value))))
            fields.Add(name, value);
        fields[UnionPaySigner.SignatureField] = Key is null
            ? UnionPaySigner.SignSecure(fields, options.SignMethod, options.SecureKey, encoding)
            : Key.Use(rsa => UnionPaySigner.SignRsa(fields, rsa, options.Version, encoding));
        return fields;
    }

    /// <summary>The signed form, as bytes.</summary>
    public byte[] Form(UnionPayMessage message) => UnionPayWire.WriteForm(Seal(message), encoding);
}
