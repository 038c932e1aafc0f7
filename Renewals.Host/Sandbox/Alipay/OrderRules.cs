using System.Globalization;
using NodaTime;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>What deductions and orders of pay-and-sign have in common: their fields, their limits, their end.</summary>
internal static class OrderRules
{
    private const long MostFen = 10_000_000_000;
    private const int DefaultDays = 15;

    /// <summary>The common fields.</summary>
    public static IReadOnlyList<Field> Fields { get; } =
    [
        new("out_trade_no", IsRequired: true), new("total_amount", FieldKind.Yuan, IsRequired: true), new("subject", Most: 256, IsRequired: true),
        new("product_code"), new("body", Most: 128), new("seller_id", Most: 28), new("timeout_express", Most: 6), new("time_expire", FieldKind.Time),
        new("passback_params", Most: 512),
    ];

    /// <summary>What is wrong with an order: the rail's code, and in words.</summary>
    public static (string? Code, string Why) WhyNot(GatewayCall call, AlipayState state) =>
        !call["out_trade_no"].All(one => char.IsAsciiLetterOrDigit(one) || one == '_') ? ("ACQ.INVALID_PARAMETER", "out_trade_no has letters, digits and _ only")
        : call["subject"].AsSpan().ContainsAny("/=&") ? ("ACQ.INVALID_PARAMETER", "subject holds /, = or &")
        : Amount(call) is <= 0 or > MostFen ? ("ACQ.TOTAL_FEE_EXCEED", "total_amount is outside 0.01 to 100000000")
        : call["product_code"] != state.ProductCode ? ("ACQ.ACCESS_FORBIDDEN", "product_code is not of the contract (没有权限使用接口)")
        : call["seller_id"] is { Length: > 0 } seller && seller != state.Credentials.SellerId ? ("ACQ.INVALID_RECEIVE_ACCOUNT", "seller_id")
        : ExpiresAt(call) is null ? ("ACQ.INVALID_PARAMETER", "timeout_express is 1m to 15d, or 1c")
        : (null, "");

    /// <summary>The amount, in fen.</summary>
    public static long Amount(GatewayCall call) => AlipayWire.TryYuan(call["total_amount"])!.Value.MinorUnits;

    /// <summary>When the order closes if it is not paid; null for a time-out that is none.</summary>
    public static Instant? ExpiresAt(GatewayCall call) =>
        call["time_expire"] is { Length: > 0 } text ? AlipayWire.TryTime(text)
        : call["timeout_express"] is { Length: > 0 } timeout ? call.Now + After(timeout, call.Now)
        : call.Now + Duration.FromDays(DefaultDays);

    /// <summary>An order as it is made.</summary>
    public static Trade Make(GatewayCall call, Instant expiresAt, Agreement? agreement = null, DeductionDecision? decision = null) => new()
    {
        Number = call["out_trade_no"],
        TradeNo = AlipayState.TradeNoOf(call["out_trade_no"], call.Now),
        Amount = Amount(call),
        Subject = call["subject"],
        Passback = call["passback_params"],
        Content = call.Text,
        NotifyUrl = call.NotifyUrl,
        CreatedAt = call.Now,
        ExpiresAt = expiresAt,
        Agreement = agreement,
        Member = agreement?.Member ?? "",
        Decision = decision ?? new DeductionDecision(),
    };

    private static Duration? After(string timeout, Instant now)
    {
        if (timeout == "1c")
            return now.BeijingDay().PlusDays(1).AtMidnight().BeijingToInstant() - now;
        if (!int.TryParse(timeout[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
            return null;
        Duration? after = timeout[^1] switch
        {
            'm' => Duration.FromMinutes(count),
            'h' => Duration.FromHours(count),
            'd' => Duration.FromDays(count),
            _ => null,
        };
        return after <= Duration.FromDays(DefaultDays) ? after : null;
    }
}
