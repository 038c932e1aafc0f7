using System.Diagnostics;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Gateways.Resilience;

namespace Renewals.Gateways.WeChatPay;

/// <summary>Prepares a signing, alone or with the first payment, and closes what must not stay payable.</summary>
internal sealed class WeChatPaySigning(
    WeChatPayOptions options, WeChatPayClient client, WeChatPayMessages orders, WeChatPayVerdicts verdicts, TimeProvider time)
{
    // Closing is repeated here beyond the pipeline's own repeats: a payable order without an agreement takes money for nothing.
    private const int CloseTries = 3;

    private readonly WeChatPaySigningMessages messages = new(options);

    /// <summary>Prepares what the member sees.</summary>
    public async Task<SigningAnswer> StartAsync(SigningRequest request, CancellationToken cancellation) => (request.FirstPayment, request.Scene) switch
    {
        _ when request.DisplayAccount.Any(char.IsSurrogate) =>
            new SigningAnswer.Refused("DISPLAY_ACCOUNT", "the rail shows no emoji and no rare characters of four bytes"),
        (_, SigningScene.MobileBrowser) when string.IsNullOrEmpty(request.ClientAddress) =>
            new SigningAnswer.Refused("CLIENT_ADDRESS", "a mobile browser signs only with the member's IP address"),
        ({ }, SigningScene.OfficialAccount or SigningScene.MiniProgram) when string.IsNullOrEmpty(request.PayerId) =>
            new SigningAnswer.Refused("OPENID", "paying inside the wallet needs the member's openid"),
        ({ } first, _) => await PayAndSignAsync(request, first, cancellation),
        (null, SigningScene.OfficialAccount) => new SigningAnswer.Ready(new SigningPage.Redirect(messages.EntrustWeb(request))),
        (null, SigningScene.MiniProgram) => new SigningAnswer.Ready(messages.MiniProgram(request)),
        (null, SigningScene.App) => Judge(
            await client.PostAsync(messages.PreEntrustWeb(request), RailCall.Repeatable, cancellation), "pre_entrustweb_id", checkIdentity: true,
            session => WeChatPaySigningMessages.AppSigning(session)),
        (null, SigningScene.MobileBrowser) => Judge(
            await client.GetUnsignedAsync(messages.H5EntrustWeb(request), cancellation), "redirect_url", checkIdentity: false, Redirect),
        _ => throw new ArgumentOutOfRangeException(nameof(request), request.Scene, "There are four scenes."),
    };

    private async Task<SigningAnswer> PayAndSignAsync(SigningRequest request, FirstPaymentOrder first, CancellationToken cancellation)
    {
        var reply = await client.PostAsync(messages.ContractOrder(request, first), RailCall.Money, cancellation);
        if (reply is not WeChatPayReply.Message { Fields: { } fields } || fields.Text("result_code") != "SUCCESS")
            return Judge(reply, "prepay_id", checkIdentity: true, _ => null);

        // The order can be payable although the contract was refused: paid, it would take money and sign nothing.
        if (fields.Text("contract_result_code") != "SUCCESS")
            return await CloseAsync(fields, first, cancellation);
        if (verdicts.WhyForeign(fields, first.Number.ToString()) is { } fault)
            return new SigningAnswer.Unknown(fault);
        return Judge(reply, request.Scene == SigningScene.MobileBrowser ? "mweb_url" : "prepay_id", checkIdentity: true, value => request.Scene switch
        {
            SigningScene.OfficialAccount or SigningScene.MiniProgram => messages.PagePayment(request, first, value),
            SigningScene.App => messages.AppPayment(request, first, value),
            SigningScene.MobileBrowser => Redirect(value),
            _ => throw new UnreachableException(),
        });
    }

    private async Task<SigningAnswer> CloseAsync(IReadOnlyDictionary<string, string> fields, FirstPaymentOrder first, CancellationToken cancellation)
    {
        var code = fields.Text("contract_err_code");
        var why = "";
        for (var i = 0; i < CloseTries; i++)
        {
            var reply = await client.PostAsync(orders.CloseOrder(first.Number.ToString()), RailCall.Repeatable, cancellation);
            var outcome = verdicts.JudgeClose(reply, first.Number.ToString()).Outcome;
            if (outcome is ChargeOutcome.Declined)
                return WeChatPayCodes.IsAlreadySigned(code) ? new SigningAnswer.AlreadySigned() : new SigningAnswer.Refused(code, WeChatPayCodes.Refused);
            why = outcome.ToString();
            await Task.Delay(options.Resilience.RetryDelay, time, cancellation);
        }

        return new SigningAnswer.Unknown($"the contract was refused ({RailWords.Code(code)}) and the order could not be closed: {why}");
    }

    private SigningAnswer Judge(WeChatPayReply reply, string field, bool checkIdentity, Func<string, SigningPage?> page) => reply switch
    {
        WeChatPayReply.NotSent notSent => new SigningAnswer.Unknown(notSent.Why),
        WeChatPayReply.Unclear unclear => new SigningAnswer.Unknown(unclear.Why),
        WeChatPayReply.Message { Fields: { } fields } when checkIdentity && verdicts.WhyForeign(fields, null) is { } fault => new SigningAnswer.Unknown(fault),
        WeChatPayReply.Message { Fields: { } fields } => fields.Text("result_code") switch
        {
            "SUCCESS" when page(fields.Text(field)) is { } shown && fields.Text(field).Length > 0 => new SigningAnswer.Ready(shown),
            "SUCCESS" => new SigningAnswer.Unknown($"the answer has no usable {field}"),
            "FAIL" => OfCode(fields),
            var code => new SigningAnswer.Unknown($"result_code {RailWords.Code(code)}"),
        },
        WeChatPayReply.Json => throw new ArgumentException("Signing is asked for by API v2.", nameof(reply)),
        _ => throw new UnreachableException(),
    };

    private static SigningAnswer OfCode(IReadOnlyDictionary<string, string> fields)
    {
        // The page of mobile browsers has result_msg in the place of err_code.
        var code = fields.Text("err_code") is { Length: > 0 } stated ? stated : fields.Text("result_msg");
        if (WeChatPayCodes.IsAlreadySigned(code))
            return new SigningAnswer.AlreadySigned();
        return WeChatPayCodes.ClassOf(code) is WeChatPayCodeClass.OurFault or WeChatPayCodeClass.Member
            ? new SigningAnswer.Refused(code, WeChatPayCodes.Refused)
            : new SigningAnswer.Unknown(RailWords.Code(code));
    }

    private static SigningPage.Redirect? Redirect(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is ("https" or "http" or "weixin") ? new(uri) : null;
}
