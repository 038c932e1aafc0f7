using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Host.Simulation.Plants;

/// <summary>An adapter that does what the one behind it does, except where a defect is planted.</summary>
internal abstract class GatewayPlant(IPaymentGateway inner) : IPaymentGateway
{
    public MerchantAccount Account => inner.Account;

    public RailTraits Traits => inner.Traits;

    public int FreePermits(int wanted) => inner.FreePermits(wanted);

    public Task<SigningAnswer> StartSigningAsync(SigningRequest request, CancellationToken cancellation) => inner.StartSigningAsync(request, cancellation);

    public Task<AgreementAnswer> QueryAgreementAsync(AgreementOrder agreement, CancellationToken cancellation) => inner.QueryAgreementAsync(agreement, cancellation);

    public virtual Task<AgreementAnswer> TerminateAgreementAsync(AgreementOrder agreement, string remark, CancellationToken cancellation) =>
        inner.TerminateAgreementAsync(agreement, remark, cancellation);

    public Task<RailNoticeAnswer> MovePlanAsync(AgreementOrder agreement, LocalDate next, CancellationToken cancellation) => inner.MovePlanAsync(agreement, next, cancellation);

    public virtual Task<RailNoticeAnswer> AnnounceAtRailAsync(RailNoticeOrder notice, CancellationToken cancellation) => inner.AnnounceAtRailAsync(notice, cancellation);

    public virtual Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation) => inner.ChargeAsync(order, cancellation);

    public virtual Task<ChargeAnswer> QueryChargeAsync(ChargeOrder order, CancellationToken cancellation) => inner.QueryChargeAsync(order, cancellation);

    public Task<ChargeAnswer> StopChargeAsync(ChargeOrder order, CancellationToken cancellation) => inner.StopChargeAsync(order, cancellation);

    public virtual Task<RefundAnswer> RefundAsync(RefundOrder refund, CancellationToken cancellation) => inner.RefundAsync(refund, cancellation);

    public virtual Task<RefundAnswer> QueryRefundAsync(RefundOrder refund, CancellationToken cancellation) => inner.QueryRefundAsync(refund, cancellation);

    public Task<StatementAnswer> ReadStatementAsync(LocalDate day, CancellationToken cancellation) => inner.ReadStatementAsync(day, cancellation);

    public CallbackReading ReadCallback(Callback callback, Instant now) => inner.ReadCallback(callback, now);

    public CallbackReply ReplyTo(Callback callback, bool received, string reason) => inner.ReplyTo(callback, received, reason);
}
