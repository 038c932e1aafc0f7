using NodaTime;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>What every request goes through, in the rail's order, before a desk sees it.</summary>
internal sealed class RequestChecks(UnionPayState state, PlatformKeys keys)
{
    private readonly IReadOnlyList<Operation> operations = Operations.Of(state.Options.Generation);

    /// <summary>Checks form and signature: fields present (13), format (10), signature (11). Reads no state.</summary>
    /// <returns>The operation, null for one the merchant is not registered for; and the code of a refusal, null for none.</returns>
    public (Operation? Operation, string? Refusal) OfForm(string path, GatewayRequest request)
    {
        var fields = request.Fields;
        var operation = operations.FirstOrDefault(known =>
            known.Path == path && known.TxnType == fields.GetValueOrDefault("txnType")
            && known.TxnSubType == fields.GetValueOrDefault("txnSubType"));
        var mandatory = $"{Operation.Common} {Certificates(fields)} {operation?.Mandatory}".Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (mandatory.Any(name => !fields.ContainsKey(name)))
            return (operation, "13");
        if (!request.IsReadable || fields.Any(field => !FieldFormats.Fits(field.Key, field.Value)))
            return (operation, "10");
        return (operation, keys.IsSignedByMerchant(fields) ? null : "11");
    }

    /// <summary>Checks what depends on the rail's clock and books: time (10), duplicates (12), merchant (31, 32). Under the lock.</summary>
    public (string? Refusal, string? Detail) OfState(Operation? operation, GatewayCall call)
    {
        if (operation is not { IsTimed: false } && IsStale(call))
            return ("10", "9100002");
        if (operation is not { IsNumbered: false } && call["orderId"].Length > 0 && state.IsUsed(call))
            return ("12", null);
        if (call["merId"] != state.Credentials.MerId)
            return ("31", null);
        return (operation is not null && operation.IsOfProduct(call["bizType"]) && call["accessType"] == "0" ? null : "32", null);
    }

    // A stale time is refused; with which code is not published.
    private bool IsStale(GatewayCall call)
    {
        var distance = UnionPayTime.ParseCompact(call["txnTime"])!.Value - call.Now;
        return (distance < Duration.Zero ? -distance : distance) > state.Options.TimeTolerance;
    }

    private string Certificates(IReadOnlyDictionary<string, string> fields)
    {
        var signing = state.Options.SignMethod == "01" ? "certId" : "";
        var ciphers = state.Options.EncryptedFields && (fields.ContainsKey("accNo") || fields.ContainsKey("customerInfo")) ? "encryptCertId" : "";
        return $"{signing} {ciphers}";
    }
}
