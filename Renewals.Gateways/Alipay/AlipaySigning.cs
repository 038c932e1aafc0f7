using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Gateways.Alipay;

/// <summary>Prepares a signing, alone or with the first payment. The rail is not called: the member's device brings it the signed text.</summary>
/// <remarks>
/// Paying while signing has two results that come apart: the payment may succeed without the signing. Both are told by notification and
/// by query; the page itself proves neither.
/// </remarks>
internal sealed class AlipaySigning(AlipayOptions options, AlipaySealer sealer)
{
    private readonly AlipaySigningMessages messages = new(options, sealer);

    /// <summary>Prepares what the member sees.</summary>
    public SigningAnswer Start(SigningRequest request) => WhyNot(request) is { } fault ? fault : new SigningAnswer.Ready(Page(request));

    private static SigningAnswer.Refused? WhyNot(SigningRequest request) => request switch
    {
        { Template: not [_, ..] or "DEFAULT|DEFAULT" } =>
            new("SIGN_SCENE", "an agreement with a number of ours needs its sign_scene: the plan's template"),
        { DisplayAccount.Length: > 100 } => new("EXTERNAL_LOGON_ID", "the account shown has at most 100 characters"),
        { Plan.FirstChargeOn.Day: > AlipaySigningMessages.LastDayOfMonth } =>
            new("EXECUTE_TIME", AlipaySigningMessages.NoSuchDay),
        { Plan.Interval.Count: < 1 } => new("PERIOD", "the interval counts at least one unit"),
        { Plan.Interval: { Unit: BillingUnit.Day, Count: < AlipaySigningMessages.LeastDays } } => new("PERIOD", "the rail agrees to no period of fewer than seven days"),
        { Plan.Ceiling: not { Currency: "CNY", MinorUnits: > 0 } } => new("SINGLE_AMOUNT", "the most of one charge is more than zero yuan"),
        { FirstPayment.Amount: not { Currency: "CNY", MinorUnits: > 0 } } => new("TOTAL_AMOUNT", "the first payment is more than zero yuan"),
        { FirstPayment: not null, Scene: SigningScene.OfficialAccount or SigningScene.MobileBrowser } =>
            new("SCENE", "the rail pays and signs in one step from the merchant's app or a mini program only"),
        _ => null,
    };

    private SigningPage Page(SigningRequest request) => (request.FirstPayment, request.Scene) switch
    {
        ({ } first, SigningScene.App or SigningScene.MiniProgram) => Sdk("orderStr", messages.OrderString(request, first)),
        (null, SigningScene.App) => App(messages.SignString(request, returns: true)),

        // A mini program wants the string encoded once more, and fails with 6001 when it holds an address to return to.
        (null, SigningScene.MiniProgram) => Sdk("signStr", AlipayWire.Encode(messages.SignString(request, returns: false), AlipayWire.Utf8)),
        (null, SigningScene.OfficialAccount) => new SigningPage.Redirect(messages.Page(messages.SignString(request, returns: true))),
        (null, SigningScene.MobileBrowser) => Browser(messages.Page(messages.SignString(request, returns: true))),
        _ => throw new ArgumentOutOfRangeException(nameof(request), request.Scene, "There are four scenes."),
    };

    private SigningPage Browser(Uri page) => options.BrowserPage switch
    {
        AlipayBrowserPage.WalletLink => new SigningPage.Redirect(AlipaySigningMessages.WalletPage(page)),
        AlipayBrowserPage.WebPage => new SigningPage.Redirect(page),
        AlipayBrowserPage.QrCode => new SigningPage.QrCode(page.OriginalString),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static SigningPage.SdkParameters App(string signString) => new(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["signStr"] = signString, ["scheme"] = AlipaySigningMessages.WalletSigning(signString).OriginalString,
    });

    private static SigningPage.SdkParameters Sdk(string name, string value) =>
        new(new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value });
}
