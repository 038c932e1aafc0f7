using System.Security.Cryptography;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Groups of fields that several messages share.</summary>
internal static class Wire
{
    /// <summary>The bank every member of the sandbox pays with.</summary>
    public const string BankType = "CMB_DEBIT";

    /// <summary>What a notification says of who sent it.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Sender(WeChatPayState state) =>
    [
        new("appid", state.Credentials.AppId), new("mch_id", state.Credentials.MchId),
        new("nonce_str", RandomNumberGenerator.GetHexString(32, lowercase: true)),
    ];

    /// <summary>What a notification says of a payment, the sender included.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Paid(Order order, WeChatPayState state) =>
        [.. Sender(state), .. Payment(order, state)];

    /// <summary>The fields of a payment, also in queries.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Payment(Order order, WeChatPayState state) =>
    [
        new("openid", state.OpenIdOf(order.Member)), new("is_subscribe", "N"), new("trade_type", order.TradeType),
        new("bank_type", BankType),
        new("total_fee", order.Amount.ToString()), new("fee_type", "CNY"), new("cash_fee", order.Amount.ToString()),
        new("cash_fee_type", "CNY"), new("transaction_id", order.TransactionId), new("out_trade_no", order.Number),
        new("attach", order.Attach), new("time_end", BeijingTime.Compact(order.EndedAt)),
    ];
}
