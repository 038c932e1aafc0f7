namespace Renewals.Gateways.UnionPay;

/// <summary>The three generations of the collection interface. They do not mix; which one is live depends on the merchant's registration.</summary>
public enum UnionPayGeneration
{
    /// <summary>About 2015 (实名认证, 绑定): a binding number the merchant chooses names the relation. The only one that can be asked for.</summary>
    A = 1,

    /// <summary>About 2017 (建立委托): the card number names the relation.</summary>
    B = 2,

    /// <summary>About 2019 (签约): the card number and the user number at the payee, with terms on file.</summary>
    C = 3,
}

/// <summary>One kind of transaction.</summary>
/// <param name="Type"><c>txnType</c>.</param>
/// <param name="SubType"><c>txnSubType</c>.</param>
/// <param name="BizType"><c>bizType</c>.</param>
internal readonly record struct UnionPayOperation(string Type, string SubType, string BizType)
{
    /// <summary>Establish the entrust (建立委托, 签约).</summary>
    public static UnionPayOperation Establish(UnionPayOptions options) => options.Generation switch
    {
        UnionPayGeneration.A => new("72", "01", "000501"),
        UnionPayGeneration.B => new("72", "11", options.EstablishBizType),
        UnionPayGeneration.C => new("72", "16", "000000"),
        _ => throw Unheard(options),
    };

    /// <summary>Remove it (解除委托).</summary>
    public static UnionPayOperation Remove(UnionPayOptions options) => options.Generation switch
    {
        UnionPayGeneration.A => new("74", "00", "000000"),
        UnionPayGeneration.B => new("74", "04", "000501"),
        UnionPayGeneration.C => new("74", "05", "000000"),
        _ => throw Unheard(options),
    };

    /// <summary>Collect (代收).</summary>
    public static UnionPayOperation Collect(UnionPayOptions options) => options.Generation switch
    {
        UnionPayGeneration.A => new("11", "00", "000501"),
        UnionPayGeneration.B => new("11", "02", "000501"),
        UnionPayGeneration.C => new("11", "03", "000000"),
        _ => throw Unheard(options),
    };

    /// <summary>Ask for a binding of generation A.</summary>
    public static UnionPayOperation AskBinding => new("75", "00", "000000");

    /// <summary>Ask for a transaction (交易状态查询); of all products.</summary>
    public static UnionPayOperation Query => new("00", "00", "000000");

    /// <summary>Give money back (退货).</summary>
    public static UnionPayOperation Refund(UnionPayOptions options) => new("04", "00", GivingBack(options));

    /// <summary>Undo a payment of the same clearing day (撤销).</summary>
    public static UnionPayOperation Void(UnionPayOptions options) => new("31", "00", GivingBack(options));

    /// <summary>Download the settlement file (对账文件).</summary>
    public static UnionPayOperation File => new("76", "01", "000000");

    /// <summary>Ask for the encryption certificate.</summary>
    public static UnionPayOperation EncryptionCertificate => new("95", "00", "000000");

    private static string GivingBack(UnionPayOptions options) =>
        options.RefundBizType.Length > 0 ? options.RefundBizType : Collect(options).BizType;

    private static ArgumentOutOfRangeException Unheard(UnionPayOptions options) =>
        new(nameof(options), options.Generation, "There are three generations.");
}
