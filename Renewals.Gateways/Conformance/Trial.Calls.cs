using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Gateways.Conformance;

internal sealed partial class Trial
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);

    /// <summary>So many moments of the real clock, some twenty seconds, a call is given before the stage's clock is moved for it.</summary>
    private const int Patience = 4_000;

    private static readonly Duration Step = Duration.FromSeconds(1);

    /// <summary>Makes a call. Nothing may be thrown by it, and it may not wait for ever.</summary>
    public async Task<T> CallAsync<T>(string what, Func<CancellationToken, Task<T>> call)
    {
        var (began, played) = (Stage.Now, Stage.FaultsPlayed);
        try
        {
            var task = call(Cancellation);
            for (var moments = 0; !await EndedAsync(task, Moment);)
            {
                // Until a fault is played the rail is at work, and once the call's time is over the adapter is: neither is hurried.
                if ((Stage.FaultsPlayed == played || Stage.Now - began > Traits.CallTimeout) && ++moments < Patience)
                    continue;
                Require(Stage.Now - began < (Traits.CallTimeout * 2) + Duration.FromMinutes(1), $"{what} did not answer; its CallTimeout is {Traits.CallTimeout}");
                await AdvanceAsync(Step);
            }

            return await task;
        }
        catch (Exception thrown) when (thrown is not BrokenPromiseException && !Cancellation.IsCancellationRequested)
        {
            throw new BrokenPromiseException($"{what} threw {thrown.GetType().Name}: {thrown.Message}");
        }
    }

    /// <summary>Whether a task ends within a time of the real clock.</summary>
    public async Task<bool> EndedAsync(Task task, TimeSpan within)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var first = await Task.WhenAny(task, Task.Delay(within, waiting.Token));
        await waiting.CancelAsync();
        Cancellation.ThrowIfCancellationRequested();
        return first == task;
    }

    public Task<ChargeAnswer> ChargeAsync(ChargeOrder order) => CallAsync("Charge", token => Adapter.ChargeAsync(order, token));

    public Task<ChargeAnswer> QueryAsync(ChargeOrder order) => CallAsync("QueryCharge", token => Adapter.QueryChargeAsync(order, token));

    public Task<RefundAnswer> RefundAsync(RefundOrder refund) => CallAsync("Refund", token => Adapter.RefundAsync(refund, token));

    public Task<RefundAnswer> QueryRefundAsync(RefundOrder refund) => CallAsync("QueryRefund", token => Adapter.QueryRefundAsync(refund, token));

    /// <summary>Sends an order while the line is broken, and proves that it was.</summary>
    public Task<ChargeAnswer> ChargeOverBrokenLineAsync(ChargeOrder order, WireFault fault) =>
        OverBrokenLineAsync(fault, order.Number.ToString(), () => ChargeAsync(order));

    /// <summary>Does something while the line is broken, and proves that it was.</summary>
    public async Task<T> OverBrokenLineAsync<T>(WireFault fault, string about, Func<Task<T>> act)
    {
        var before = Stage.FaultsPlayed;
        Stage.Break(fault, about);
        var answer = await act();
        Stage.Mend();
        Require(Stage.FaultsPlayed > before, $"nothing was tried: no call went over the line while it was broken ({fault})");
        return answer;
    }

    /// <summary>Waits until the rail says for certain what became of an order.</summary>
    public async Task<ChargeOutcome> SettledAsync(ChargeOrder order)
    {
        var deadline = Stage.Now + Traits.ChargeDelay + Traits.SettleDelay + (Traits.OrderLifetime ?? Duration.Zero) + Duration.FromHours(1);
        for (var asked = 0; ; asked++)
        {
            var answer = await QueryAsync(order);
            if (answer is { Evidence: Evidence.Conclusive, Outcome: ChargeOutcome.Succeeded or ChargeOutcome.Declined })
                return answer.Outcome;
            Require(Stage.Now < deadline, $"an hour after it was due, what became of the order is still not known: {answer}");

            // A first charge may be exempt from the rail's delay, so a short wait comes before the long one.
            await AdvanceAsync(asked switch
            {
                0 => Duration.FromSeconds(10),
                1 => Traits.ChargeDelay + Duration.FromMinutes(1),
                _ => Duration.FromMinutes(1),
            });
        }
    }

    /// <summary>An order that is paid, and the rail's word for it.</summary>
    public async Task<(ChargeOrder Order, ChargeOutcome.Succeeded Paid)> PaidAsync()
    {
        var order = await NewOrderAsync();
        await ChargeAsync(order);
        return (order, await PaidAsync(order));
    }

    /// <summary>Waits until an order that was sent is paid.</summary>
    public async Task<ChargeOutcome.Succeeded> PaidAsync(ChargeOrder order) => await SettledAsync(order) is ChargeOutcome.Succeeded paid
        ? paid
        : throw new BrokenPromiseException("an order with nothing in its way was not paid");

    public RefundOrder Refund(ChargeOrder order, ChargeOutcome.Succeeded paid, long minorUnits, int number = 1) => new(
        order.Number.Refund(number), order.Amount, order.Amount with { MinorUnits = minorUnits }, "conformance", paid.RailTransaction, Stage.Now);

    /// <summary>Waits until a refund that was sent is with the member.</summary>
    public async Task<RefundAnswer.Refunded> RefundedAsync(RefundOrder refund)
    {
        var deadline = Stage.Now + Duration.FromDays(1);
        for (var wait = Duration.FromSeconds(10); ; wait = Duration.Min(wait * 2, Duration.FromHours(1)))
        {
            var answer = await QueryRefundAsync(refund);
            if (answer is RefundAnswer.Refunded refunded)
                return refunded;
            Require(Stage.Now < deadline, $"the refund is still not done after a day: {answer}");
            await AdvanceAsync(wait);
        }
    }

    /// <summary>The bank gave back exactly these refunds, once each, and under no other number.</summary>
    public async Task RequireRefundedAsync(params RefundOrder[] refunds)
    {
        List<(string, Money)> given =
            [.. (await LedgerAsync()).Where(line => line.RefundNumber is not null).Select(line => (line.RefundNumber!, line.Amount)).Order()];
        List<(string, Money)> due = [.. refunds.Select(refund => (refund.Number.ToString(), refund.Amount)).Order()];
        Require(given.SequenceEqual(due), $"the bank should have given back {Words(due)}, and gave {Words(given)}");
    }
}
