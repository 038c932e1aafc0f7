namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Groups of fields that several messages share.</summary>
internal static class MessageFields
{
    private static readonly string[] OfNotification =
        ["version", "encoding", "signMethod", "txnType", "txnSubType", "bizType", "accessType", "merId", "orderId", "txnTime", "reqReserved"];

    /// <summary>A background notification (后台通知), also what a page brings back.</summary>
    public static Dictionary<string, string> Notification(Transaction about, UnionPayState state, PlatformKeys keys)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in OfNotification.Append("billType").Append("billNo").Append("bindId"))
            Add(fields, name, about.Call[name]);
        fields["respCode"] = about.Result!;
        fields["respMsg"] = ResponseTexts.Of(about.Result!, about.Detail);
        foreach (var (name, value) in Data(about, state, keys))
            Add(fields, name, value);
        if (about.Succeeded && about.Amount > 0)
            fields["exchangeRate"] = "0";
        return fields;
    }

    /// <summary>What is known of a transaction that has a result; amounts only where money is meant.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Data(Transaction about, UnionPayState state, PlatformKeys keys)
    {
        yield return new("queryId", about.QueryId);
        yield return new("accNo", CardNumber(about, state.Options.ReturnedCard, keys));
        yield return new("payCardType", about.Card is not { } card || state.Options.ReturnedCard == ReturnedCard.Nothing ? "" : CardType(card));
        if (about.Amount == 0)
            yield break;
        yield return new("traceNo", about.TraceNo);
        yield return new("traceTime", UnionPayTime.Trace(about.AcceptedAt));
        yield return new("settleDate", UnionPayTime.MonthDay(about.SettleDay));
        yield return new("settleAmt", about.Succeeded ? about.Amount.ToString() : "");
        yield return new("settleCurrencyCode", "156");
        yield return new("txnAmt", about.Amount.ToString());
        yield return new("currencyCode", "156");
        yield return new("origQryId", about.Call["origQryId"]);
    }

    public static string CardType(UnionPayCard card) => card.IsCredit ? "02" : "01";

    private static string CardNumber(Transaction about, ReturnedCard returned, PlatformKeys keys) => about.Card is not { } card ? "" : returned switch
    {
        ReturnedCard.Nothing => "",
        ReturnedCard.Masked => card.Masked,
        ReturnedCard.Encrypted => keys.ForMerchant(card.Number) ?? card.Masked,
        _ => throw new InvalidOperationException($"{returned} is unknown."),
    };

    private static void Add(Dictionary<string, string> fields, string name, string value)
    {
        if (value.Length > 0)
            fields[name] = value;
    }
}
