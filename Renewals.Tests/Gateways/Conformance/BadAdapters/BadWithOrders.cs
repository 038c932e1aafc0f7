using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Tests.Gateways.Conformance.BadAdapters;

/// <summary>"It timed out, so try again": under a new number, which the rail takes for a new order.</summary>
internal sealed class NewNumberAfterTimeout(IPaymentGateway good) : GatewayDecorator(good)
{
    public override async Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation) =>
        await Good.ChargeAsync(order, cancellation) is { Outcome: not ChargeOutcome.Unknown } answer
            ? answer
            : await Good.ChargeAsync(order with { Number = order.Number.Charge.Attempt(order.Number.Attempt + 1) }, cancellation);
}

/// <summary>"No answer, so it failed."</summary>
internal sealed class TimeoutIsADecline(IPaymentGateway good) : GatewayDecorator(good)
{
    public override async Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation)
    {
        var answer = await Good.ChargeAsync(order, cancellation);
        return answer.Outcome is ChargeOutcome.Unknown { Why: var why } && (why.Contains("no answer within") || why.Contains("transport fault"))
            ? new(new ChargeOutcome.Declined(DeclineReason.BankFault, "TIMEOUT"))
            : answer;
    }
}

/// <summary>"It was paid, so it was paid what we asked for."</summary>
internal sealed class AmountUnchecked(IPaymentGateway good) : GatewayDecorator(good)
{
    public override async Task<ChargeAnswer> QueryChargeAsync(ChargeOrder order, CancellationToken cancellation) =>
        await Good.QueryChargeAsync(order, cancellation) is { Outcome: ChargeOutcome.Succeeded paid } answer
            ? answer with { Outcome = paid with { Amount = order.Amount } }
            : await Good.QueryChargeAsync(order, cancellation);
}

/// <summary>"The rail does not know it, so it can be charged anew", a second after it was sent.</summary>
internal sealed class MissingIsBelieved(IPaymentGateway good) : GatewayDecorator(good)
{
    public override async Task<ChargeAnswer> QueryChargeAsync(ChargeOrder order, CancellationToken cancellation)
    {
        var answer = await Good.QueryChargeAsync(order, cancellation);
        return answer.Outcome is ChargeOutcome.Missing ? new(new ChargeOutcome.Declined(DeclineReason.OrderClosed, "ORDERNOTEXIST")) : answer;
    }
}

/// <summary>"The rail answered SUCCESS", which says that it took the order, not the money.</summary>
internal sealed class PendingIsSuccess(IPaymentGateway good) : GatewayDecorator(good)
{
    public override async Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation)
    {
        var answer = await Good.ChargeAsync(order, cancellation);
        return answer.Outcome is ChargeOutcome.Pending ? new(new ChargeOutcome.Succeeded(order.Amount, "", order.RequestedAt)) : answer;
    }
}

/// <summary>"result_code is FAIL, so the member was declined", though the fault is ours.</summary>
internal sealed class RefusedIsADecline(IPaymentGateway good) : GatewayDecorator(good)
{
    public override async Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation)
    {
        var answer = await Good.ChargeAsync(order, cancellation);
        return answer.Outcome is ChargeOutcome.Refused { RailCode: "PARAM_ERROR" } ? new(new ChargeOutcome.Declined(DeclineReason.Other, "PARAM_ERROR")) : answer;
    }
}

/// <summary>Its rail takes no repeats, and its HTTP client was given a retry policy "for all calls".</summary>
internal sealed class RetriesWhereNoneIsAllowed(IPaymentGateway good) : GatewayDecorator(good)
{
    public override RailTraits Traits => Good.Traits with { Resend = Resend.Never };

    public override async Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation) =>
        await Good.ChargeAsync(order, cancellation) is { Outcome: not ChargeOutcome.Unknown } answer ? answer : await Good.ChargeAsync(order, cancellation);
}

/// <summary>It writes the time of sending into the subject: to the rail, another order under a used number.</summary>
internal sealed class WritesItAnew(IPaymentGateway good) : GatewayDecorator(good)
{
    private static int sent;

    public override Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation) =>
        Good.ChargeAsync(order with { Subject = $"{order.Subject}, sent as {Interlocked.Increment(ref sent)}" }, cancellation);
}

/// <summary>It says that the rail remembers orders for a year; the rail forgets them after a month.</summary>
internal sealed class RemembersTooLong(IPaymentGateway good) : GatewayDecorator(good)
{
    public override RailTraits Traits => Good.Traits with { RemembersOrders = Duration.FromDays(365) };
}

/// <summary>It never steps back: a rail that is down is called for ever.</summary>
internal sealed class NeverStepsBack(IPaymentGateway good) : GatewayDecorator(good)
{
    public override int FreePermits(int wanted) => wanted;
}

/// <summary>Money calls are guarded; the question for an agreement was forgotten.</summary>
internal sealed class ThrowsOnNetworkFaults(IPaymentGateway good) : GatewayDecorator(good)
{
    public override async Task<AgreementAnswer> QueryAgreementAsync(AgreementOrder agreement, CancellationToken cancellation) =>
        await Good.QueryAgreementAsync(agreement, cancellation) is AgreementAnswer.Unknown { Why: var why } && why.Contains("transport fault")
            ? throw new HttpRequestException(why)
            : await Good.QueryAgreementAsync(agreement, cancellation);
}
