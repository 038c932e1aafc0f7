using Microsoft.Extensions.Logging;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Gateways.Resilience;

namespace Renewals.Gateways.WeChatPay;

/// <summary>WeChat Pay entrusted deduction, periodic (微信支付委托代扣, 周期扣款): one merchant account.</summary>
public sealed class WeChatPayGateway : IPaymentGateway, IExaminedGateway, IDisposable
{
    private readonly WeChatPayOptions options;
    private readonly WeChatPayClient client;
    private readonly WeChatPayMessages messages;
    private readonly WeChatPayVerdicts verdicts;
    private readonly WeChatPaySigning signing;
    private readonly WeChatPayCallbacks callbacks;
    private readonly WeChatPayExamination examination;

    /// <summary>Builds the adapter; usually <c>services.AddWeChatPay(…)</c> does.</summary>
    /// <param name="options">Valid options; they are not checked again here.</param>
    /// <param name="http">Gives a client for each call; its own time-out must be infinite, because the pipeline has two.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where the pipeline's telemetry goes; null for none.</param>
    public WeChatPayGateway(WeChatPayOptions options, Func<HttpClient> http, TimeProvider time, ILoggerFactory? logs = null)
    {
        this.options = options;
        Traits = options.Traits();
        Pipeline = new RailPipeline(options.Account.ToString(), options.Resilience, Traits.Resend, time, logs);
        PlatformKeys = WeChatPayPlatformKeys.Of(options);
        client = new(options, http, Pipeline, PlatformKeys, time);
        messages = new(options);
        verdicts = new(options.AppId, options.MchId);
        signing = new(options, client, messages, verdicts, time);
        callbacks = new(options, PlatformKeys);
        examination = new(options, client, PlatformKeys, time);
    }

    /// <inheritdoc/>
    public MerchantAccount Account => options.Account;

    /// <inheritdoc/>
    public RailTraits Traits { get; }

    /// <summary>The pipeline every call goes through; also the operator's switch.</summary>
    public RailPipeline Pipeline { get; }

    /// <summary>The keys the rail signs with.</summary>
    public WeChatPayPlatformKeys PlatformKeys { get; }

    /// <inheritdoc/>
    public int FreePermits(int wanted) => Pipeline.FreePermits(wanted);

    /// <summary>Downloads the platform certificates.</summary>
    /// <returns>Null when they were taken; else why nothing changed.</returns>
    public Task<string?> RefreshPlatformKeysAsync(CancellationToken cancellation) => client.RefreshKeysAsync(cancellation);

    /// <inheritdoc/>
    public Task<SigningAnswer> StartSigningAsync(SigningRequest request, CancellationToken cancellation) => signing.StartAsync(request, cancellation);

    /// <inheritdoc/>
    public async Task<AgreementAnswer> QueryAgreementAsync(AgreementOrder agreement, CancellationToken cancellation) =>
        verdicts.JudgeContractQuery(await client.PostAsync(messages.QueryContract(agreement), RailCall.Repeatable, cancellation), agreement);

    /// <inheritdoc/>
    public async Task<AgreementAnswer> TerminateAgreementAsync(AgreementOrder agreement, string remark, CancellationToken cancellation)
    {
        var answer = verdicts.JudgeTermination(
            await client.PostAsync(messages.DeleteContract(agreement, remark), RailCall.Repeatable, cancellation), agreement);
        if (answer is AgreementAnswer.Terminated)
            return answer;

        // What the rail answers to ending an ended contract is not certain; its state is.
        return await QueryAgreementAsync(agreement, cancellation) is AgreementAnswer.Terminated ended ? ended : answer;
    }

    /// <inheritdoc/>
    public Task<RailNoticeAnswer> MovePlanAsync(AgreementOrder agreement, LocalDate next, CancellationToken cancellation) =>
        Task.FromResult<RailNoticeAnswer>(new RailNoticeAnswer.Refused("NO_PLAN", "WeChat Pay keeps no charge dates"));

    /// <inheritdoc/>
    public async Task<RailNoticeAnswer> AnnounceAtRailAsync(RailNoticeOrder notice, CancellationToken cancellation)
    {
        if (Traits.Notice is null)
            return new RailNoticeAnswer.Refused("NOTICE_MODE", "in the 24-hour mode the rail tells the member by itself");
        if (string.IsNullOrEmpty(notice.Agreement.RailAgreementId))
            return new RailNoticeAnswer.Refused("CONTRACT_ID", "the agreement has no contract_id yet");

        // Once: a second notice in an open cycle may be refused, and would then hide that the lost first one stands.
        return WeChatPayVerdicts.JudgeNotice(await client.SendAsync(messages.PreNotice(notice), RailCall.Once, cancellation));
    }

    /// <inheritdoc/>
    public async Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation) =>
        string.IsNullOrEmpty(order.Agreement.RailAgreementId)
            ? new(new ChargeOutcome.Refused("CONTRACT_ID", "the agreement has no contract_id yet"))
            : verdicts.JudgeApply(await client.PostAsync(messages.Apply(order), RailCall.Money, cancellation), order);

    /// <inheritdoc/>
    public async Task<ChargeAnswer> QueryChargeAsync(ChargeOrder order, CancellationToken cancellation) =>
        verdicts.JudgeOrderQuery(await client.PostAsync(messages.OrderQuery(order), RailCall.Repeatable, cancellation), order);

    /// <inheritdoc/>
    public async Task<ChargeAnswer> StopChargeAsync(ChargeOrder order, CancellationToken cancellation)
    {
        if (order.PaidWhileSigning)
        {
            var number = order.Number.ToString();
            var answer = verdicts.JudgeClose(await client.PostAsync(messages.CloseOrder(number), RailCall.Repeatable, cancellation), number);
            if (answer.Outcome is ChargeOutcome.Declined)
                return answer;
        }

        // A deduction the rail has accepted cannot be called back: it is only followed to its end.
        return await QueryChargeAsync(order, cancellation);
    }

    /// <inheritdoc/>
    public async Task<RefundAnswer> RefundAsync(RefundOrder refund, CancellationToken cancellation) => options.RefundInterface switch
    {
        WeChatPayRefundInterface.V3 => verdicts.JudgeRefundV3(
            await client.SendAsync(messages.RefundV3(refund), RailCall.Money, cancellation), refund, isQuery: false),
        WeChatPayRefundInterface.V2WithCertificate => verdicts.JudgeRefund(
            await client.PostAsync(messages.Refund(refund), RailCall.Money, cancellation), refund),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <inheritdoc/>
    public async Task<RefundAnswer> QueryRefundAsync(RefundOrder refund, CancellationToken cancellation) => options.RefundInterface switch
    {
        WeChatPayRefundInterface.V3 => verdicts.JudgeRefundV3(
            await client.SendAsync(WeChatPayMessages.RefundQueryV3(refund), RailCall.Repeatable, cancellation), refund, isQuery: true),
        WeChatPayRefundInterface.V2WithCertificate => verdicts.JudgeRefundQuery(
            await client.PostAsync(messages.RefundQuery(refund), RailCall.Repeatable, cancellation), refund),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <inheritdoc/>
    public async Task<StatementAnswer> ReadStatementAsync(LocalDate day, CancellationToken cancellation) =>
        await client.DownloadAsync(messages.DownloadBill(day), cancellation) switch
        {
            RailReply<HttpAnswer>.Answered answered =>
                WeChatPayStatement.Read(answered.Value.Body, options.MchId, options.MaxStatementBytes, options.MaxStatementLine),
            RailReply<HttpAnswer>.Lost lost => new StatementAnswer.Failed(lost.Why),
            RailReply<HttpAnswer>.NotSent notSent => new StatementAnswer.Failed(notSent.Why),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    /// <inheritdoc/>
    public CallbackReading ReadCallback(Callback callback, Instant now) => callbacks.Read(callback, now);

    /// <inheritdoc/>
    public CallbackReply ReplyTo(Callback callback, bool received, string reason) => WeChatPayCallbacks.ReplyTo(callback, received, reason);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RailFinding>> ExamineAsync(CancellationToken cancellation) => examination.RunAsync(cancellation);

    /// <inheritdoc/>
    public void Dispose() => Pipeline.Dispose();
}
