using Microsoft.Extensions.Logging;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Gateways.Resilience;

namespace Renewals.Gateways.Stripe;

/// <summary>Stripe: cards that members saved, charged without them (off-session payment intents). One account.</summary>
/// <remarks>
/// An agreement is a customer of its own with one payment method. Signing is a page at Stripe (Checkout); ending is detaching. Amounts go out
/// as <see cref="Core.Plans.Money.MinorUnits"/>: where Stripe's smallest unit of a currency differs from ISO 4217's (docs.stripe.com/currencies:
/// such as ISK or UGX), plans must be priced in Stripe's.
/// </remarks>
public sealed class StripeGateway : IPaymentGateway, IExaminedGateway, IDisposable
{
    private readonly StripeOptions options;
    private readonly StripeSigning signing;
    private readonly StripeOrders orders;
    private readonly StripeRefunds refunds;
    private readonly StripeStatement statement;
    private readonly StripeCallbacks callbacks;
    private readonly StripeExamination examination;

    /// <summary>Builds the adapter; usually <c>services.AddStripe(…)</c> does.</summary>
    /// <param name="options">Valid options; they are not checked again here.</param>
    /// <param name="http">Gives a client for each call; its own time-out must be infinite, because the pipeline has two.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where the pipeline's telemetry goes; null for none.</param>
    public StripeGateway(StripeOptions options, Func<HttpClient> http, TimeProvider time, ILoggerFactory? logs = null)
    {
        this.options = options;
        Traits = options.Traits();
        Pipeline = new RailPipeline(options.Account.ToString(), options.Resilience, Traits.Resend, time, logs);
        var client = new StripeClient(options, http, Pipeline);
        var customers = new StripeCustomers(options, client, time);
        var verdicts = new StripeVerdicts(options.LiveMode);
        signing = new(client, new StripeMessages(options), customers, verdicts);
        orders = new(options, client, customers, verdicts, time);
        refunds = new(options, client, time);
        statement = new(options, client, time);
        callbacks = new(options, verdicts);
        examination = new(options, client, time);
    }

    /// <inheritdoc/>
    public MerchantAccount Account => options.Account;

    /// <inheritdoc/>
    public RailTraits Traits { get; }

    /// <summary>The pipeline every call goes through; also the operator's switch.</summary>
    public RailPipeline Pipeline { get; }

    /// <inheritdoc/>
    public int FreePermits(int wanted) => Pipeline.FreePermits(wanted);

    /// <inheritdoc/>
    public Task<SigningAnswer> StartSigningAsync(SigningRequest request, CancellationToken cancellation) => signing.StartAsync(request, cancellation);

    /// <inheritdoc/>
    public Task<AgreementAnswer> QueryAgreementAsync(AgreementOrder agreement, CancellationToken cancellation) => signing.QueryAsync(agreement, cancellation);

    /// <inheritdoc/>
    public Task<AgreementAnswer> TerminateAgreementAsync(AgreementOrder agreement, string remark, CancellationToken cancellation) =>
        signing.EndAsync(agreement, cancellation);

    /// <inheritdoc/>
    public Task<RailNoticeAnswer> MovePlanAsync(AgreementOrder agreement, LocalDate next, CancellationToken cancellation) =>
        Task.FromResult<RailNoticeAnswer>(new RailNoticeAnswer.Refused("NO_PLAN", "Stripe keeps no charge dates of saved cards"));

    /// <inheritdoc/>
    public Task<RailNoticeAnswer> AnnounceAtRailAsync(RailNoticeOrder notice, CancellationToken cancellation) =>
        Task.FromResult<RailNoticeAnswer>(new RailNoticeAnswer.Refused("NO_NOTICE", "Stripe takes no notices"));

    /// <summary>Takes the money of one order; a payment that fails is cancelled before it is called declined.</summary>
    /// <inheritdoc cref="IPaymentGateway.ChargeAsync"/>
    public Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation) => orders.ChargeAsync(order, cancellation);

    /// <summary>Asks what became of an order; a payment that failed and is still open is cancelled by it.</summary>
    /// <inheritdoc cref="IPaymentGateway.QueryChargeAsync"/>
    public Task<ChargeAnswer> QueryChargeAsync(ChargeOrder order, CancellationToken cancellation) => orders.QueryAsync(order, cancellation);

    /// <inheritdoc/>
    public Task<ChargeAnswer> StopChargeAsync(ChargeOrder order, CancellationToken cancellation) => orders.StopAsync(order, cancellation);

    /// <inheritdoc/>
    public Task<RefundAnswer> RefundAsync(RefundOrder refund, CancellationToken cancellation) => refunds.RefundAsync(refund, cancellation);

    /// <inheritdoc/>
    public Task<RefundAnswer> QueryRefundAsync(RefundOrder refund, CancellationToken cancellation) => refunds.QueryAsync(refund, cancellation);

    /// <inheritdoc/>
    public Task<StatementAnswer> ReadStatementAsync(LocalDate day, CancellationToken cancellation) => statement.ReadAsync(day, cancellation);

    /// <inheritdoc/>
    public CallbackReading ReadCallback(Callback callback, Instant now) => callbacks.Read(callback, now);

    /// <inheritdoc/>
    public CallbackReply ReplyTo(Callback callback, bool received, string reason) => StripeCallbacks.ReplyTo(received, reason);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RailFinding>> ExamineAsync(CancellationToken cancellation) => examination.RunAsync(cancellation);

    /// <inheritdoc/>
    public void Dispose() => Pipeline.Dispose();
}
