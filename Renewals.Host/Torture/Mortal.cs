using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Plants;

namespace Renewals.Host.Torture;

/// <summary>An adapter whose process may die just before and just after its calls.</summary>
internal sealed class MortalGateway(IPaymentGateway inner, Death death) : GatewayPlant(inner)
{
    public override async Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation)
    {
        death.Pass(DeathPoints.BeforeCharge);
        return After(DeathPoints.AfterCharge, await base.ChargeAsync(order, cancellation));
    }

    public override async Task<ChargeAnswer> QueryChargeAsync(ChargeOrder order, CancellationToken cancellation) =>
        After(DeathPoints.AfterAsking, await base.QueryChargeAsync(order, cancellation));

    public override async Task<RailNoticeAnswer> AnnounceAtRailAsync(RailNoticeOrder notice, CancellationToken cancellation) =>
        After(DeathPoints.AfterRailNotice, await base.AnnounceAtRailAsync(notice, cancellation));

    public override async Task<AgreementAnswer> TerminateAgreementAsync(AgreementOrder agreement, string remark, CancellationToken cancellation) =>
        After(DeathPoints.AfterTermination, await base.TerminateAgreementAsync(agreement, remark, cancellation));

    private T After<T>(string point, T answer)
    {
        death.Pass(point);
        return answer;
    }
}

/// <summary>A notifier whose process may die just before and just after it tells somebody.</summary>
internal sealed class MortalNotifier(INotifier inner, Death death) : INotifier
{
    public async Task<NoticeResult> TellAsync(ChargeNotice notice, CancellationToken cancellation)
    {
        death.Pass(DeathPoints.BeforeNotice);
        var result = await inner.TellAsync(notice, cancellation);
        death.Pass(DeathPoints.AfterNotice);
        return result;
    }
}
