using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Tests.Gateways.Conformance.BadAdapters;

/// <summary>A good adapter, for a bad one to make one mistake in.</summary>
internal abstract class GatewayDecorator(IPaymentGateway good) : IPaymentGateway, IDisposable
{
    protected IPaymentGateway Good => good;

    public MerchantAccount Account => good.Account;

    public virtual RailTraits Traits => good.Traits;

    public virtual int FreePermits(int wanted) => good.FreePermits(wanted);

    public virtual Task<SigningAnswer> StartSigningAsync(SigningRequest request, CancellationToken cancellation) => good.StartSigningAsync(request, cancellation);

    public virtual Task<AgreementAnswer> QueryAgreementAsync(AgreementOrder agreement, CancellationToken cancellation) =>
        good.QueryAgreementAsync(agreement, cancellation);

    public Task<AgreementAnswer> TerminateAgreementAsync(AgreementOrder agreement, string remark, CancellationToken cancellation) =>
        good.TerminateAgreementAsync(agreement, remark, cancellation);

    public Task<RailNoticeAnswer> MovePlanAsync(AgreementOrder agreement, LocalDate next, CancellationToken cancellation) =>
        good.MovePlanAsync(agreement, next, cancellation);

    public Task<RailNoticeAnswer> AnnounceAtRailAsync(RailNoticeOrder notice, CancellationToken cancellation) => good.AnnounceAtRailAsync(notice, cancellation);

    public virtual Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation) => good.ChargeAsync(order, cancellation);

    public virtual Task<ChargeAnswer> QueryChargeAsync(ChargeOrder order, CancellationToken cancellation) => good.QueryChargeAsync(order, cancellation);

    public Task<ChargeAnswer> StopChargeAsync(ChargeOrder order, CancellationToken cancellation) => good.StopChargeAsync(order, cancellation);

    public virtual Task<RefundAnswer> RefundAsync(RefundOrder refund, CancellationToken cancellation) => good.RefundAsync(refund, cancellation);

    public Task<RefundAnswer> QueryRefundAsync(RefundOrder refund, CancellationToken cancellation) => good.QueryRefundAsync(refund, cancellation);

    public virtual Task<StatementAnswer> ReadStatementAsync(LocalDate day, CancellationToken cancellation) => good.ReadStatementAsync(day, cancellation);

    public virtual CallbackReading ReadCallback(Callback callback, Instant now) => good.ReadCallback(callback, now);

    public CallbackReply ReplyTo(Callback callback, bool received, string reason) => good.ReplyTo(callback, received, reason);

    public void Dispose() => (good as IDisposable)?.Dispose();
}
