using System.Text.Json;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Gateways.Alipay;

/// <summary>Builds what is shown to sign an agreement (签约): signed links and strings, no calls.</summary>
/// <remarks>Their timestamp is that of the request, so a repeat shows the same link, and its life is counted from there.</remarks>
internal sealed class AlipaySigningMessages(AlipayOptions options, AlipaySealer sealer)
{
    /// <summary>A month plan may have no later day (周期管控规则): months without it would have no date.</summary>
    public const int LastDayOfMonth = 28;

    /// <summary>Why a later day is refused.</summary>
    public const string NoSuchDay = "the rail plans no charge after the 28th of a month";

    /// <summary>The rail agrees to no period of fewer days (period_rule_params, <c>period</c>).</summary>
    internal const int LeastDays = 7;

    private const int MonthsOfYear = 12;
    private const int DaysOfWeek = 7;

    /// <summary>The signed query string of the signing page (独立签约).</summary>
    public string SignString(SigningRequest request, bool returns) => Signed(request, AlipayMessages.Build(
        "alipay.user.agreement.page.sign", notifies: true, returns: returns, write: json =>
        {
            json.WriteString("product_code", options.ProductCode);
            WriteAgreement(json, request);
            json.WriteNumber("effect_time", (long)options.SigningLifetime.TotalSeconds);
        }));

    /// <summary>The order string that pays the first period and signs in one step (支付并签约).</summary>
    public string OrderString(SigningRequest request, FirstPaymentOrder first) => Signed(request, AlipayMessages.Build(
        "alipay.trade.app.pay", notifies: true, write: json =>
        {
            json.WriteString("out_trade_no", first.Number.ToString());
            json.WriteString("total_amount", AlipayWire.Yuan(first.Amount));
            json.WriteString("subject", AlipayMessages.Subject(first.Subject));
            json.WriteString("product_code", options.ProductCode);
            json.WriteString("time_expire", AlipayWire.Time(first.ExpiresAt));
            json.WriteStartObject("agreement_sign_params");
            json.WriteString("product_code", options.ProductCode);
            WriteAgreement(json, request);
            json.WriteString("sign_notify_url", options.NotifyUrl!.OriginalString);
            json.WriteEndObject();
        }));

    /// <summary>The address of the signing page.</summary>
    public Uri Page(string signString) => new($"{options.Gateway}?{signString}");

    /// <summary>A link that opens the wallet on an address.</summary>
    public static Uri WalletPage(Uri page) =>
        new($"alipays://platformapi/startapp?appId=20000067&url={AlipayWire.Encode(page.OriginalString, AlipayWire.Utf8)}");

    /// <summary>A link that opens the wallet's own signing page from an app.</summary>
    public static Uri WalletSigning(string signString) => new(
        "alipays://platformapi/startapp?appId=60000157&appClearTop=false&startMultApp=YES"
        + $"&sign_params={AlipayWire.Encode(signString, AlipayWire.Utf8)}");

    /// <summary>What is agreed: the period in the rail's words, <c>MONTH</c> or <c>DAY</c> (of at least <see cref="LeastDays"/>) and how many.</summary>
    internal static (string Type, int Count) PeriodOf(BillingInterval interval) => interval.Unit switch
    {
        BillingUnit.Month => ("MONTH", interval.Count),
        BillingUnit.Year => ("MONTH", interval.Count * MonthsOfYear),
        BillingUnit.Week => ("DAY", interval.Count * DaysOfWeek),
        BillingUnit.Day => ("DAY", interval.Count),
        _ => throw new ArgumentOutOfRangeException(nameof(interval), interval.Unit, "There are four units."),
    };

    private void WriteAgreement(Utf8JsonWriter json, SigningRequest request)
    {
        json.WriteString("personal_product_code", AlipayMessages.PersonalProduct);
        json.WriteString("sign_scene", request.Template);
        json.WriteString("external_agreement_no", request.Agreement.SigningCode);
        if (request.DisplayAccount.Length > 0)
            json.WriteString("external_logon_id", request.DisplayAccount);
        json.WriteStartObject("access_params");
        json.WriteString("channel", IsQrCode(request) ? "QRCODE" : "ALIPAYAPP");
        json.WriteEndObject();
        json.WriteStartObject("period_rule_params");
        var (type, count) = PeriodOf(request.Plan.Interval);
        json.WriteString("period_type", type);
        json.WriteNumber("period", count);
        json.WriteString("execute_time", AlipayWire.Date(request.Plan.FirstChargeOn));
        json.WriteString("single_amount", AlipayWire.Yuan(request.Plan.Ceiling));
        json.WriteEndObject();
    }

    private bool IsQrCode(SigningRequest request) =>
        request is { Scene: SigningScene.MobileBrowser, FirstPayment: null } && options.BrowserPage == AlipayBrowserPage.QrCode;

    private string Signed(SigningRequest request, AlipayMessage message) =>
        AlipayWire.Form(sealer.Seal(message, request.StartedAt), AlipayWire.Utf8);
}
