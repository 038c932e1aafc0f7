using System.Globalization;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>All the rail knows, and the one lock around it.</summary>
internal sealed class AlipayState(AlipaySandboxOptions options, AlipaySandboxCredentials credentials, SandboxBank bank, TimeProvider time)
{
    /// <summary>Held by whoever reads or changes anything below.</summary>
    public Lock Gate { get; } = new();

    public AlipaySandboxOptions Options => options;

    public AlipaySandboxCredentials Credentials => credentials;

    public MerchantAccount Account { get; } = new(AlipayOptions.Rail, credentials.SellerId);

    public SandboxBank Bank => bank;

    public DueQueue Queue { get; } = new();

    public ScriptedDeclines Declines { get; } = new();

    /// <summary>By the merchant's code (<c>external_agreement_no</c>).</summary>
    public Dictionary<string, Signing> Signings { get; } = new(StringComparer.Ordinal);

    /// <summary>By the rail's number (<c>agreement_no</c>).</summary>
    public Dictionary<string, Agreement> Agreements { get; } = new(StringComparer.Ordinal);

    /// <summary>By the merchant's code: one code makes one agreement, whatever becomes of it.</summary>
    public Dictionary<string, Agreement> AgreementsByCode { get; } = new(StringComparer.Ordinal);

    /// <summary>By the merchant's order number.</summary>
    public Dictionary<string, Trade> Trades { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, Trade> TradesByNumber { get; } = new(StringComparer.Ordinal);

    /// <summary>The app's gateway address (应用网关): told of members who end an agreement in the wallet. Null: nobody is.</summary>
    public Uri? MerchantNotifyUrl { get; set; }

    public Instant Now => Instant.FromDateTimeOffset(time.GetUtcNow());

    /// <summary>The wire's word for the merchant's contract.</summary>
    public string ProductCode => options.Product switch
    {
        AlipayProduct.MerchantDeduction => "GENERAL_WITHHOLDING",
        AlipayProduct.PeriodicDeduction => "CYCLE_PAY_AUTH",
        _ => throw new InvalidOperationException($"Product {options.Product} is unknown."),
    };

    /// <summary>The number of a member, always the same for a name.</summary>
    public static string UserIdOf(string member) => "2088" + StableId.Digits(12, "alipay user", member);

    /// <summary>The id of a member under the merchant's app.</summary>
    public string OpenIdOf(string member) => StableId.Base64Url(32, "open id", credentials.AppId, member);

    /// <summary>The member as the rail names it: by open id or number, under the field's own name.</summary>
    /// <param name="prefix">Such as <c>buyer</c>.</param>
    /// <param name="userField">The field of the number, such as <c>buyer_user_id</c>.</param>
    /// <param name="member">Who.</param>
    public KeyValuePair<string, string> Named(string prefix, string userField, string member) =>
        options.UsesOpenIds ? new($"{prefix}_open_id", OpenIdOf(member)) : new(userField, UserIdOf(member));

    /// <summary>A masked login, as the rail shows it.</summary>
    public static string LogonIdOf(string member) => $"{StableId.Digits(3, "logon", member)}****{StableId.Digits(4, "logon end", member)}";

    /// <summary>Finds an order; the rail's number wins. One whose time is over is closed by now.</summary>
    public Trade? FindTrade(string tradeNo, string orderNumber)
    {
        var trade = tradeNo.Length > 0 ? TradesByNumber.GetValueOrDefault(tradeNo) : Trades.GetValueOrDefault(orderNumber);
        if (trade is { Stage: TradeStage.Open } && Now >= trade.ExpiresAt)
            trade.Close(trade.ExpiresAt);
        return trade;
    }

    /// <summary>Adds a new order.</summary>
    public void Add(Trade trade)
    {
        Trades.Add(trade.Number, trade);
        TradesByNumber.Add(trade.TradeNo, trade);
    }

    /// <summary>Takes an order's money from its member; the rail's code when the bank refuses.</summary>
    public string? Pay(Trade trade, ExecutedUnder under, Instant at)
    {
        var entry = new BankEntry(
            trade.Number, null, trade.Member, Account, Money.Cny(trade.Amount), BankEntryKind.Payment, at, trade.TradeNo, under);
        switch (bank.Pay(entry))
        {
            case PaymentResult.NotEnough:
                return "ACQ.BUYER_BALANCE_NOT_ENOUGH";
            case PaymentResult.AccountClosed:
                return "ACQ.BUYER_NOT_EXIST";
            case PaymentResult.Paid:
                (trade.Stage, trade.PaidAt, trade.Under) = (TradeStage.Paid, at, under);
                return null;
            default:
                throw new InvalidOperationException("No such result.");
        }
    }

    /// <summary>The rail's number of an order: it begins with the day.</summary>
    public static string TradeNoOf(string orderNumber, Instant at) =>
        DayOf(at) + "22001" + StableId.Digits(15, "trade", orderNumber);

    /// <summary>The day in Beijing, as numbers begin with it.</summary>
    public static string DayOf(Instant at) => at.BeijingDay().ToString("uuuuMMdd", CultureInfo.InvariantCulture);
}
