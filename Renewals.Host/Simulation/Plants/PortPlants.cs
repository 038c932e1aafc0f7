using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;

namespace Renewals.Host.Simulation.Plants;

/// <summary>Defects of the bank itself.</summary>
internal static class BankPlants
{
    public static Plant DoubleBooking(SimWorld world)
    {
        world.Bank.PlantDoubleBooking(IsRenewal);
        return new();
    }

    public static Plant ForgottenPayment(SimWorld world)
    {
        world.Bank.PlantForgottenPayment(IsRenewal);
        return new();
    }

    private static bool IsRenewal(string number) => OrderNumber.TryParse(number, out var order) && order.Charge.Kind == ChargeKind.Renewal;
}

/// <summary>Says that a notice was handed over and tells nobody.</summary>
internal sealed class NoticeSkipped : Plant
{
    public override INotifier Notifier(INotifier notifier) => new Liar();

    private sealed class Liar : INotifier
    {
        public Task<NoticeResult> TellAsync(ChargeNotice notice, CancellationToken cancellation) =>
            Task.FromResult<NoticeResult>(new NoticeResult.HandedOver("none", notice.MoneyFrom - Duration.FromDays(6)));
    }
}

/// <summary>Takes "accepted" for "declined", and tries again at once.</summary>
internal sealed class SecondAttemptOnUnknown : Plant
{
    public override IPaymentGateway Gateway(IPaymentGateway gateway) => new Hasty(gateway);

    public override Written Write(Subscription? before, Written written) => before is not null && written.Events.Any(e => e is Failed)
        ? Instead(before, written, written.Events.Where(e => e is not Cancelled).Select(e => e is Failed x ? x with { RetryAt = x.At + Duration.FromSeconds(20) } : e))
        : written;

    private sealed class Hasty(IPaymentGateway inner) : GatewayPlant(inner)
    {
        public override async Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation) => await base.ChargeAsync(order, cancellation) switch
        {
            { Outcome: ChargeOutcome.Pending or ChargeOutcome.Unknown } => new(new ChargeOutcome.Declined(DeclineReason.BankFault, "?")),
            var answer => answer,
        };
    }
}

/// <summary>A sender that never looks at the clock.</summary>
internal sealed class LateSender : Plant
{
    public override TimeProvider Clock(TimeProvider clock) => new Frozen(clock);

    private sealed class Frozen(TimeProvider clock) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

        public override long GetTimestamp() => 0;
    }
}

/// <summary>Says that refunds are on their way and sends none.</summary>
internal sealed class RefundForgotten : Plant
{
    public override IPaymentGateway Gateway(IPaymentGateway gateway) => new Forgetful(gateway);

    private sealed class Forgetful(IPaymentGateway inner) : GatewayPlant(inner)
    {
        public override Task<RefundAnswer> RefundAsync(RefundOrder refund, CancellationToken cancellation) =>
            Task.FromResult<RefundAnswer>(new RefundAnswer.Pending("on its way"));

        public override Task<RefundAnswer> QueryRefundAsync(RefundOrder refund, CancellationToken cancellation) =>
            Task.FromResult<RefundAnswer>(new RefundAnswer.Pending("on its way"));
    }
}

/// <summary>An adapter that throws, which none may.</summary>
internal sealed class CallThrows : Plant
{
    public override IPaymentGateway Gateway(IPaymentGateway gateway) => new Throws(gateway);

    private sealed class Throws(IPaymentGateway inner) : GatewayPlant(inner)
    {
        public override Task<ChargeAnswer> QueryChargeAsync(ChargeOrder order, CancellationToken cancellation) =>
            throw new InvalidOperationException("planted");
    }
}

/// <summary>Reads statements and does not say what they have of nobody here.</summary>
internal sealed class LostMoneyUnnamed : Plant
{
    public override ReconciliationReport Saved(ReconciliationReport report) =>
        report with { Differences = [.. report.Differences.Where(d => d.Kind != DifferenceKind.TheirsOnly)] };
}

/// <summary>Claims without looking at what a person holds.</summary>
internal sealed class HoldUnread : Plant
{
    public override AccountGuard Guard(AccountGuard guard) => guard with { Stops = [.. guard.Stops.Where(stop => stop.Rule is not null)] };
}

/// <summary>Notices that its ledger is not the one it was, and goes on.</summary>
internal sealed class FreezeIgnored : Plant
{
    public override IFreeze Freeze(IFreeze freeze) => new Ignored(freeze);

    private sealed class Ignored(IFreeze inner) : IFreeze
    {
        public NodaTime.Instant? LastSeenAt => inner.LastSeenAt;

        public ChargeStop? Known => null;

        public Task StartAsync(CancellationToken cancellation) => inner.StartAsync(cancellation);

        public async ValueTask<ChargeStop?> LookAsync(CancellationToken cancellation)
        {
            await inner.LookAsync(cancellation);
            return null;
        }

        public Task StopAsync(CancellationToken cancellation) => inner.StopAsync(cancellation);
    }
}

/// <summary>Sells every membership as if its member never slept.</summary>
internal sealed class NightForgotten : Plant
{
    public override Written Write(Subscription? before, Written written) => before is null
        ? written with
        {
            Events = [.. written.Events.Select(e => e is Enrolled x ? x with { Terms = x.Terms with { QuietHours = Core.Calendar.QuietHours.None } } : e)],
            After = written.After with { Terms = written.After.Terms with { QuietHours = Core.Calendar.QuietHours.None } },
        }
        : written;
}
