using Microsoft.Extensions.Logging;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Gateways.Resilience;

namespace Renewals.Gateways.UnionPay;

/// <summary>UnionPay collection (银联代收): one merchant account.</summary>
public sealed class UnionPayGateway : IPaymentGateway, IExaminedGateway, IDisposable
{
    private readonly UnionPayOptions options;
    private readonly TimeProvider time;
    private readonly UnionPaySealer sealer;
    private readonly UnionPayClient client;
    private readonly UnionPayMessages messages;
    private readonly UnionPaySigningMessages signing;
    private readonly UnionPayEncryption encryption;
    private readonly UnionPayCallbacks callbacks;
    private readonly UnionPayStatementDesk statements;
    private readonly UnionPayExamination examination;

    /// <summary>Builds the adapter; usually <c>services.AddUnionPay(…)</c> does.</summary>
    /// <param name="options">Valid options; they are not checked again here.</param>
    /// <param name="http">Gives a client for each call; its own time-out must be infinite, because the pipeline has two.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where the pipeline's telemetry goes; null for none.</param>
    public UnionPayGateway(UnionPayOptions options, Func<HttpClient> http, TimeProvider time, ILoggerFactory? logs = null)
    {
        (this.options, this.time) = (options, time);
        Traits = options.Traits();
        Pipeline = new RailPipeline(options.Account.ToString(), options.Resilience, Traits.Resend, time, logs);
        var verifier = new UnionPayVerifier(options);
        sealer = new(options);
        encryption = new(options);
        client = new(options, http, Pipeline, sealer, verifier, time);
        messages = new(options, encryption);
        signing = new(options, encryption);
        callbacks = new(options, verifier);
        statements = new(options, client, time);
        examination = new(options, client, messages, sealer, encryption, time);
    }

    /// <inheritdoc/>
    public MerchantAccount Account => options.Account;

    /// <inheritdoc/>
    public RailTraits Traits { get; }

    /// <summary>The pipeline every call goes through; also the operator's switch.</summary>
    public RailPipeline Pipeline { get; }

    /// <inheritdoc/>
    public int FreePermits(int wanted) => Pipeline.FreePermits(wanted);

    /// <summary>Asks for the rail's encryption certificate and takes it.</summary>
    /// <returns>Null when it was taken; else why nothing changed.</returns>
    public async Task<string?> RefreshEncryptionCertificateAsync(CancellationToken cancellation)
    {
        var message = messages.EncryptionCertificate(Now());
        return await client.CallAsync(message, RailCall.Once, cancellation) switch
        {
            UnionPayReply.Message answer when UnionPayVerdicts.WhyForeign(answer, message.Identity, message.Operation.Type) is { } fault => fault,
            UnionPayReply.Message { Code: "00" } answer => encryption.Take(answer.Text("encryptPubKeyCert"), Now()),
            var reply => UnionPayVerdicts.WhyOf(reply),
        };
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Without a one-time code no call is made: the answer is a signed form that the member's browser posts to the rail. With one the entrust
    /// is established at once; when that answer is lost or names a repeat, the rail is asked what became of it.
    /// </remarks>
    public async Task<SigningAnswer> StartSigningAsync(SigningRequest request, CancellationToken cancellation)
    {
        if (signing.WhyNot(request) is var (field, why))
            return new SigningAnswer.Refused(field, why);
        var message = signing.Establish(request);
        if (message.Door == UnionPayDoor.Front)
            return new SigningAnswer.Ready(new SigningPage.Form(sealer.AddressOf(message), sealer.Seal(message)));
        var answer = UnionPayVerdicts.JudgeEstablishing(await client.CallAsync(message, RailCall.Once, cancellation), message.Identity, options);
        var agreement = new AgreementOrder(request.Agreement, request.Template, null, request.StartedAt, request.Card!.Number);
        return answer switch
        {
            SigningAnswer.Unknown => await QueryAgreementAsync(agreement, cancellation) is AgreementAnswer.Active active
                ? new SigningAnswer.Signed(active)
                : answer,
            SigningAnswer.Refused { RailCode: UnionPayVerdicts.CardKind } => await RemoveUnservedAsync(agreement, cancellation) is AgreementAnswer.Terminated
                ? answer
                : new SigningAnswer.Unknown("the entrust of a card that is not served was not removed yet"),
            _ => answer,
        };
    }

    /// <inheritdoc/>
    /// <remarks>
    /// In generations B and C the rail tells what became of the signing and not whether it still stands. The entrust of a card that is not
    /// served is removed where it is found.
    /// </remarks>
    public async Task<AgreementAnswer> QueryAgreementAsync(AgreementOrder agreement, CancellationToken cancellation)
    {
        var message = options.Generation == UnionPayGeneration.A
            ? messages.AskBinding(agreement, Now())
            : UnionPayMessages.Query(agreement.Agreement.SigningCode, agreement.StartedAt);
        var reply = await client.CallAsync(message, options.Generation == UnionPayGeneration.A ? RailCall.Once : RailCall.Repeatable, cancellation);
        var answer = options.Generation == UnionPayGeneration.A
            ? UnionPayVerdicts.JudgeBindingQuery(reply, message.Identity, agreement, options)
            : UnionPayVerdicts.JudgeSigningQuery(reply, message.Identity, options);
        return answer is AgreementAnswer.Refused { RailCode: UnionPayVerdicts.CardKind } ? await RemoveUnservedAsync(agreement, cancellation) : answer;
    }

    /// <inheritdoc/>
    /// <remarks>The rail has no field for the remark.</remarks>
    public async Task<AgreementAnswer> TerminateAgreementAsync(AgreementOrder agreement, string remark, CancellationToken cancellation)
    {
        if (LacksCard(agreement))
            return new AgreementAnswer.Refused("ACC_NO", NoCard);
        var message = messages.Remove(agreement, Now());
        return UnionPayVerdicts.JudgeRemoval(await client.CallAsync(message, RailCall.Once, cancellation), message.Identity);
    }

    /// <inheritdoc/>
    public Task<RailNoticeAnswer> MovePlanAsync(AgreementOrder agreement, LocalDate next, CancellationToken cancellation) =>
        Task.FromResult<RailNoticeAnswer>(new RailNoticeAnswer.Refused("NO_PLAN", "UnionPay keeps no charge dates"));

    /// <inheritdoc/>
    public Task<RailNoticeAnswer> AnnounceAtRailAsync(RailNoticeOrder notice, CancellationToken cancellation) =>
        Task.FromResult<RailNoticeAnswer>(new RailNoticeAnswer.Refused("NO_NOTICE", "UnionPay requires no notice of its own"));

    /// <inheritdoc/>
    public async Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation)
    {
        if (order.Agreement.RailAgreementId is not { Length: > 0 })
            return new(new ChargeOutcome.Refused("ENTRUST", "the entrust is not known to be in force yet"));
        if (LacksCard(order.Agreement))
            return new(new ChargeOutcome.Refused("ACC_NO", NoCard));
        if (order.Amount is not { Currency: "CNY", MinorUnits: > 0 and <= MostFen })
            return new(new ChargeOutcome.Refused("TXN_AMT", "the rail takes more than zero yuan, and at most 12 digits of fen"));
        var message = messages.Collect(order);
        return UnionPayVerdicts.JudgeCollection(await client.CallAsync(message, RailCall.Money, cancellation), message.Identity);
    }

    /// <inheritdoc/>
    public async Task<ChargeAnswer> QueryChargeAsync(ChargeOrder order, CancellationToken cancellation)
    {
        var message = UnionPayMessages.Query(order.Number.ToString(), order.RequestedAt);
        return UnionPayVerdicts.JudgeQuery(await client.CallAsync(message, RailCall.Repeatable, cancellation), message.Identity);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The rail closes nothing. What it has accepted and not decided can be voided (撤销) until the end of that clearing day, where
    /// <see cref="UnionPayOptions.VoidSameDay"/> allows it; a paid order is never voided here, it is reported as paid.
    /// </remarks>
    public async Task<ChargeAnswer> StopChargeAsync(ChargeOrder order, CancellationToken cancellation)
    {
        var question = UnionPayMessages.Query(order.Number.ToString(), order.RequestedAt);
        var reply = await client.CallAsync(question, RailCall.Repeatable, cancellation);
        var known = UnionPayVerdicts.JudgeQuery(reply, question.Identity);
        var now = Now();
        if (!options.VoidSameDay || known.Outcome is not ChargeOutcome.Pending || messages.ClearingDay(order.RequestedAt) != messages.ClearingDay(now)
            || ((UnionPayReply.Message)reply).Text("queryId") is not { Length: > 0 } transaction)
            return known;
        var message = messages.Void(order, transaction, now);
        var voided = UnionPayVerdicts.JudgeRefund(await client.CallAsync(message, RailCall.Money, cancellation), message.Identity, isVoid: true);
        if (voided is RefundAnswer.Pending)
        {
            var proof = UnionPayMessages.Query(message.OrderId!, message.At);
            voided = UnionPayVerdicts.JudgeRefundQuery(await client.CallAsync(proof, RailCall.Repeatable, cancellation), proof.Identity, isVoid: true);
        }

        return voided is RefundAnswer.Refunded
            ? new(new ChargeOutcome.Declined(DeclineReason.OrderClosed, "VOIDED"))
            : UnionPayVerdicts.Ask($"the order was not voided: {voided.GetType().Name}");
    }

    /// <inheritdoc/>
    public async Task<RefundAnswer> RefundAsync(RefundOrder refund, CancellationToken cancellation)
    {
        if (refund.Amount is not { Currency: "CNY", MinorUnits: > 0 and <= MostFen })
            return new RefundAnswer.Refused("TXN_AMT", "the rail gives back more than zero yuan, and at most 12 digits of fen");
        var message = messages.GiveBack(refund);
        return UnionPayVerdicts.JudgeRefund(await client.CallAsync(message, RailCall.Money, cancellation), message.Identity, messages.IsVoid(refund));
    }

    /// <inheritdoc/>
    public async Task<RefundAnswer> QueryRefundAsync(RefundOrder refund, CancellationToken cancellation)
    {
        var message = UnionPayMessages.Query(refund.Number.ToString(), refund.RequestedAt);
        return UnionPayVerdicts.JudgeRefundQuery(
            await client.CallAsync(message, RailCall.Repeatable, cancellation), message.Identity, messages.IsVoid(refund));
    }

    /// <inheritdoc/>
    public Task<StatementAnswer> ReadStatementAsync(LocalDate day, CancellationToken cancellation) => statements.ReadAsync(day, cancellation);

    /// <inheritdoc/>
    public CallbackReading ReadCallback(Callback callback, Instant now) => callbacks.Read(callback, now);

    /// <inheritdoc/>
    public CallbackReply ReplyTo(Callback callback, bool received, string reason) => UnionPayCallbacks.ReplyTo(received, reason);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RailFinding>> ExamineAsync(CancellationToken cancellation) => examination.RunAsync(cancellation);

    /// <inheritdoc/>
    public void Dispose() => Pipeline.Dispose();

    private const long MostFen = 999_999_999_999;
    private const string NoCard = "the vault has no card number of this agreement";

    // Generation A names the card by its binding.
    private bool LacksCard(AgreementOrder agreement) => options.Generation != UnionPayGeneration.A && agreement.PayerAccount is not { Length: > 0 };

    private async Task<AgreementAnswer> RemoveUnservedAsync(AgreementOrder agreement, CancellationToken cancellation) =>
        await TerminateAgreementAsync(agreement, "", cancellation) switch
        {
            AgreementAnswer.Terminated ended => ended,
            _ => new AgreementAnswer.Unknown("the entrust of a card that is not served was not removed yet"),
        };

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());
}
