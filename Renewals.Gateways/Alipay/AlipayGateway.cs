using Microsoft.Extensions.Logging;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Gateways.Resilience;

namespace Renewals.Gateways.Alipay;

/// <summary>Alipay recurring deduction (支付宝商家扣款, 周期扣款): one merchant account.</summary>
public sealed class AlipayGateway : IPaymentGateway, IDisposable
{
    // The rail cancels for 24 h after an order was made; the margin is for clocks.
    private static readonly Duration Cancellable = Duration.FromHours(23.5);

    private readonly AlipayOptions options;
    private readonly TimeProvider time;
    private readonly AlipayClient client;
    private readonly AlipayMessages messages;
    private readonly AlipaySigning signing;
    private readonly AlipayCallbacks callbacks;
    private readonly AlipayStatementDesk statements;

    /// <summary>Builds the adapter; usually <c>services.AddAlipay(…)</c> does.</summary>
    /// <param name="options">Valid options; they are not checked again here.</param>
    /// <param name="http">Gives a client for each call; its own time-out must be infinite, because the pipeline has two.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where the pipeline's telemetry goes; null for none.</param>
    public AlipayGateway(AlipayOptions options, Func<HttpClient> http, TimeProvider time, ILoggerFactory? logs = null)
    {
        (this.options, this.time) = (options, time);
        Traits = options.Traits();
        Pipeline = new RailPipeline(options.Account.ToString(), options.Resilience, Traits.Resend, time, logs);
        PlatformKeys = AlipayPlatformKeys.Of(options);
        var sealer = new AlipaySealer(options);
        client = new(options, http, Pipeline, sealer, PlatformKeys, time);
        messages = new(options);
        signing = new(options, sealer);
        callbacks = new(options, PlatformKeys);
        statements = new(options, client, time);
    }

    /// <inheritdoc/>
    public MerchantAccount Account => options.Account;

    /// <inheritdoc/>
    public RailTraits Traits { get; }

    /// <summary>The pipeline every call goes through; also the operator's switch.</summary>
    public RailPipeline Pipeline { get; }

    /// <summary>The keys the rail signs with.</summary>
    public AlipayPlatformKeys PlatformKeys { get; }

    /// <inheritdoc/>
    public int FreePermits(int wanted) => Pipeline.FreePermits(wanted);

    /// <summary>In certificate mode, downloads a certificate the rail signs with.</summary>
    /// <returns>Null when it was taken; else why nothing changed.</returns>
    public Task<string?> FetchCertificateAsync(string serial, CancellationToken cancellation) => client.FetchCertificateAsync(serial, cancellation);

    /// <inheritdoc/>
    /// <remarks>No call is made: the answer is a signed link or string that the member's device brings to the rail.</remarks>
    public Task<SigningAnswer> StartSigningAsync(SigningRequest request, CancellationToken cancellation) =>
        Task.FromResult(signing.Start(request));

    /// <inheritdoc/>
    public async Task<AgreementAnswer> QueryAgreementAsync(AgreementOrder agreement, CancellationToken cancellation) =>
        AlipayVerdicts.JudgeAgreementQuery(
            await client.CallAsync(AlipayMessages.QueryAgreement(agreement), RailCall.Repeatable, cancellation), agreement);

    /// <inheritdoc/>
    /// <remarks>The rail has no field for the remark.</remarks>
    public async Task<AgreementAnswer> TerminateAgreementAsync(AgreementOrder agreement, string remark, CancellationToken cancellation)
    {
        var answer = AlipayVerdicts.JudgeUnsign(
            await client.CallAsync(AlipayMessages.Unsign(agreement), RailCall.Repeatable, cancellation), agreement);
        if (answer is AgreementAnswer.Terminated { Mode: TerminationMode.Merchant })
            return answer;

        // What the rail answers to ending an ended agreement is not certain; its state is.
        return await QueryAgreementAsync(agreement, cancellation) is AgreementAnswer.Terminated ended ? ended
            : answer is AgreementAnswer.Terminated ? new AgreementAnswer.Unknown("the rail says it is ended, and its own query does not")
            : answer;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The rail takes only a later date than its own, so a repeat of a move that was done is refused: then its next date decides. Whether it
    /// limits how far or how often a date moves is disputed; its answer is taken.
    /// </remarks>
    public async Task<RailNoticeAnswer> MovePlanAsync(AgreementOrder agreement, LocalDate next, CancellationToken cancellation)
    {
        if (agreement.RailAgreementId is not { Length: > 0 } number)
            return new RailNoticeAnswer.Refused("AGREEMENT_NO", "the agreement has no agreement_no yet");
        if (next.Day > AlipaySigningMessages.LastDayOfMonth)
            return new RailNoticeAnswer.Refused("DEDUCT_TIME", AlipaySigningMessages.NoSuchDay);
        var answer = AlipayVerdicts.JudgeMove(
            await client.CallAsync(AlipayMessages.MovePlan(number, next), RailCall.Repeatable, cancellation), number, next);
        return answer is RailNoticeAnswer.Accepted
            || await QueryAgreementAsync(agreement, cancellation) is AgreementAnswer.Active { NextChargeOn: { } on } && on == next
                ? new RailNoticeAnswer.Accepted()
                : answer;
    }

    /// <inheritdoc/>
    public Task<RailNoticeAnswer> AnnounceAtRailAsync(RailNoticeOrder notice, CancellationToken cancellation) =>
        Task.FromResult<RailNoticeAnswer>(new RailNoticeAnswer.Refused("NO_NOTICE", "Alipay requires no notice of its own"));

    /// <inheritdoc/>
    public async Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation) => order switch
    {
        { Agreement.RailAgreementId: not [_, ..] } => new(new ChargeOutcome.Refused("AGREEMENT_NO", "the agreement has no agreement_no yet")),
        { Amount: not { Currency: "CNY", MinorUnits: > 0 } } => new(new ChargeOutcome.Refused("TOTAL_AMOUNT", "the rail takes more than zero yuan")),
        _ => AlipayVerdicts.JudgePay(await client.CallAsync(messages.Pay(order), RailCall.Money, cancellation), order),
    };

    /// <inheritdoc/>
    public async Task<ChargeAnswer> QueryChargeAsync(ChargeOrder order, CancellationToken cancellation) => AlipayVerdicts.JudgeQuery(
        await client.CallAsync(AlipayMessages.Query(order.Number.ToString()), RailCall.Repeatable, cancellation), order.Number);

    /// <inheritdoc/>
    /// <remarks>
    /// Closing is tried first, because it never touches a paid order. Only when it failed, and a query right after says that the order is
    /// open and unpaid, is it cancelled: cancelling a paid order gives the money back.
    /// </remarks>
    public async Task<ChargeAnswer> StopChargeAsync(ChargeOrder order, CancellationToken cancellation)
    {
        var number = order.Number.ToString();
        var closed = AlipayVerdicts.JudgeClose(await client.CallAsync(AlipayMessages.Close(number), RailCall.Repeatable, cancellation), order.Number);
        if (closed.Outcome is ChargeOutcome.Declined)
            return closed;
        var known = await QueryChargeAsync(order, cancellation);
        return known.Outcome is ChargeOutcome.Pending && Now() < order.RequestedAt + Cancellable
            ? AlipayVerdicts.JudgeCancel(await client.CallAsync(AlipayMessages.Cancel(number), RailCall.Repeatable, cancellation), order.Number)
            : known;
    }

    /// <inheritdoc/>
    public async Task<RefundAnswer> RefundAsync(RefundOrder refund, CancellationToken cancellation) =>
        refund.Amount is { Currency: "CNY", MinorUnits: > 0 }
            ? AlipayVerdicts.JudgeRefund(await client.CallAsync(AlipayMessages.Refund(refund), RailCall.Money, cancellation), refund)
            : new RefundAnswer.Refused("REFUND_AMOUNT", "the rail gives back more than zero yuan");

    /// <inheritdoc/>
    public async Task<RefundAnswer> QueryRefundAsync(RefundOrder refund, CancellationToken cancellation) =>
        AlipayVerdicts.JudgeRefundQuery(await client.CallAsync(AlipayMessages.RefundQuery(refund), RailCall.Repeatable, cancellation), refund);

    /// <inheritdoc/>
    public Task<StatementAnswer> ReadStatementAsync(LocalDate day, CancellationToken cancellation) => statements.ReadAsync(day, cancellation);

    /// <inheritdoc/>
    public CallbackReading ReadCallback(Callback callback, Instant now) => callbacks.Read(callback, now);

    /// <inheritdoc/>
    public CallbackReply ReplyTo(Callback callback, bool received, string reason) => AlipayCallbacks.ReplyTo(received, reason);

    /// <inheritdoc/>
    public void Dispose() => Pipeline.Dispose();

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());
}
