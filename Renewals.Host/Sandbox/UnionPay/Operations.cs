namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>What a request asks for.</summary>
internal enum OperationKind
{
    Establish,
    Remove,
    AskBinding,
    Collect,
    Void,
    Refund,
    Query,
    EncryptionCertificate,
    SettlementFile,
    SubmitBatch,
    QueryBatch,
}

/// <summary>Where requests are posted.</summary>
internal static class GatewayPaths
{
    public const string Front = "/gateway/api/frontTransReq.do";
    public const string Back = "/gateway/api/backTransReq.do";
    public const string Query = "/gateway/api/queryTrans.do";
    public const string Batch = "/gateway/api/batchTrans.do";
    public const string Files = "/filedownload/";

    /// <summary>A page to come back to, for merchants that have none yet; no address of the rail.</summary>
    public const string Returned = "/gateway/front/returned";
}

/// <summary>One operation of the interface.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Path">Where it is posted.</param>
/// <param name="TxnType">With <paramref name="TxnSubType"/>, its name on the wire.</param>
/// <param name="TxnSubType">See <paramref name="TxnType"/>.</param>
/// <param name="BizTypes">The products it belongs to, by blanks; a void or refund must also name its original's.</param>
/// <param name="Mandatory">Fields that must be there besides the common ones, by blanks.</param>
internal sealed record Operation(
    OperationKind Kind, string Path, string TxnType, string TxnSubType, string BizTypes, string Mandatory)
{
    /// <summary>What every request has.</summary>
    public const string Common = "version encoding signMethod signature txnType txnSubType bizType accessType merId txnTime";

    /// <summary>A transaction of its own, with an order number that may be used once a day.</summary>
    public bool IsNumbered => Kind is not (OperationKind.Query or OperationKind.SettlementFile or OperationKind.SubmitBatch or OperationKind.QueryBatch);

    /// <summary>Its <c>txnTime</c> is the moment of sending; a query's is the original's.</summary>
    public bool IsTimed => Kind is not (OperationKind.Query or OperationKind.QueryBatch);

    public bool IsOfProduct(string bizType) => BizTypes.Split(' ').Contains(bizType);
}

/// <summary>The operations of each generation of the interface (UnionPay collection, sections 7 to 12).</summary>
internal static class Operations
{
    private const string Number = "channelType orderId";
    private const string Card = Number + " accType accNo";
    private const string Money = Number + " txnAmt currencyCode";

    private static readonly Operation[] Shared =
    [
        new(OperationKind.Void, GatewayPaths.Back, "31", "00", "000000 000501", Money + " origQryId backUrl"),
        new(OperationKind.Refund, GatewayPaths.Back, "04", "00", "000000 000501", Money + " origQryId backUrl"),
        new(OperationKind.Query, GatewayPaths.Query, "00", "00", "000000 000501", "orderId"),
        new(OperationKind.EncryptionCertificate, GatewayPaths.Back, "95", "00", "000000", Number + " certType"),
        new(OperationKind.SettlementFile, GatewayPaths.Files, "76", "01", "000000", "settleDate fileType"),
        new(OperationKind.SubmitBatch, GatewayPaths.Batch, "21", "02", "000501", "channelType batchNo totalQty totalAmt fileContent"),
        new(OperationKind.QueryBatch, GatewayPaths.Batch, "22", "02", "000501", "channelType batchNo"),
    ];

    public static IReadOnlyList<Operation> Of(EntrustGeneration generation) => generation switch
    {
        EntrustGeneration.A =>
        [
            new(OperationKind.Establish, GatewayPaths.Front, "72", "01", "000501", Card + " customerInfo bindId frontUrl backUrl"),
            new(OperationKind.Establish, GatewayPaths.Back, "72", "01", "000501", Card + " customerInfo bindId"),
            new(OperationKind.Remove, GatewayPaths.Back, "74", "00", "000000", Number + " bindId"),
            new(OperationKind.AskBinding, GatewayPaths.Back, "75", "00", "000000", Number),
            new(OperationKind.Collect, GatewayPaths.Back, "11", "00", "000501", Money + " accType"),
            .. Shared,
        ],
        EntrustGeneration.B =>
        [
            new(OperationKind.Establish, GatewayPaths.Front, "72", "11", "000501 000000", Card + " customerInfo frontUrl backUrl"),
            new(OperationKind.Establish, GatewayPaths.Back, "72", "11", "000501 000000", Card + " customerInfo"),
            new(OperationKind.Remove, GatewayPaths.Back, "74", "04", "000501", Number + " accNo"),
            new(OperationKind.Collect, GatewayPaths.Back, "11", "02", "000501", Number + " txnAmt accType accNo"),
            .. Shared,
        ],
        EntrustGeneration.C =>
        [
            new(OperationKind.Establish, GatewayPaths.Front, "72", "16", "000000", Card + " customerInfo billType billNo reserved frontUrl backUrl"),
            new(OperationKind.Establish, GatewayPaths.Back, "72", "16", "000000", Card + " customerInfo billType billNo reserved"),
            new(OperationKind.Remove, GatewayPaths.Back, "74", "05", "000000", Number + " billNo accNo"),
            new(OperationKind.Collect, GatewayPaths.Back, "11", "03", "000000", Money + " accType accNo billType billNo backUrl"),
            .. Shared,
        ],
        _ => throw new InvalidOperationException($"Generation {generation} is unknown."),
    };
}
