using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Applies for charges (申请扣款, WeChat Pay papay, <c>/pay/pappayapply</c>): accepts or refuses, then settles when due.</summary>
internal sealed class ChargeDesk(WeChatPayState state, ChargeNews news)
{
    private static readonly Duration Day = Duration.FromHours(24);

    private readonly Dictionary<string, Drawn> draws = new(StringComparer.Ordinal);

    public V2Answer Apply(V2Call call)
    {
        if (state.Orders.GetValueOrDefault(call["out_trade_no"]) is { } earlier)
            return Repeat(earlier, call);
        if (state.Contracts.GetValueOrDefault(call["contract_id"]) is not { } contract)
            return V2Answer.Fail("CONTRACT_NOT_EXIST", "no such contract");
        if (RefusalOf(contract, call) is { } refusal)
            return refusal;
        var (under, broken) = NoticeRules.RuleFor(contract, call.Fen("total_fee"), call.Now);
        if (broken is not null)
            return V2Answer.Fail("INVALID_REQUEST", broken);
        var drawn = Draw(contract, call);
        var first = drawn.TakeFirstAnswer();
        if (first == ApplyAnswer.LostBeforeAcceptance)
            return V2Answer.Broken();
        if (first == ApplyAnswer.SystemError)
            return V2Answer.Fail("SYSTEMERROR", "system busy");
        Accept(contract, call, under, drawn.Decision);
        return first == ApplyAnswer.LostAfterAcceptance ? V2Answer.Broken() : V2Answer.Ok();
    }

    // An identical repeat never charges twice; a number with a final result, or with other parameters, is used up.
    private static V2Answer Repeat(Order earlier, V2Call call)
    {
        if (earlier.Contract is null || earlier.Stage is OrderStage.Failed or OrderStage.Closed)
            return V2Answer.Fail("OUT_TRADE_NO_USED", "the order number was used (商户订单号重复)");
        if (earlier.Fingerprint != call.Fingerprint())
        {
            return earlier.Stage == OrderStage.Open
                ? V2Answer.Fail("INVALID_REQUEST", "parameters differ from the first request of this order number")
                : V2Answer.Fail("OUT_TRADE_NO_USED", "the order number was used with other parameters (商户订单号重复)");
        }

        return earlier.Stage == OrderStage.Paid ? V2Answer.Fail("ORDERPAID", "the order is paid") : V2Answer.Ok();
    }

    private V2Answer? RefusalOf(Contract contract, V2Call call) =>
        contract.TerminatedAt is not null ? V2Answer.Fail("CONTRACT_NOT_EXIST", "the contract is terminated")
        : !state.Bank.IsOpen(contract.Member) ? V2Answer.Fail("USER_ACCOUNT_ABNORMAL", "the user's account is closed")
        : call.Fen("total_fee") > contract.Template.MaxPerCharge ? V2Answer.Fail("RULELIMIT", "above the template's limit per charge")
        : contract.OpenOrder is not null ? V2Answer.Fail("FREQUENCY_LIMITED", "an earlier apply of this contract is open")
        : contract.LastPaidDay == call.Now.BeijingDay() ? V2Answer.Fail("RULELIMIT", "one successful charge per day and contract")
        : null;

    private Drawn Draw(Contract contract, V2Call call)
    {
        var number = call["out_trade_no"];
        if (draws.TryGetValue(number, out var drawn))
            return drawn;
        var draw = new ChargeDraw(
            number, contract.Code, contract.Member, Money.Cny(call.Fen("total_fee")), contract.Applied + 1, call.Now);
        var decision = state.Options.Charges(draw);
        return draws[number] = new Drawn(state.Declines.Take(contract.Member) is { } code ? decision with { FailWith = code } : decision);
    }

    private void Accept(Contract contract, V2Call call, ExecutedUnder under, ChargeDecision decision)
    {
        var order = new Order(call, under)
        {
            TradeType = "PAP",
            Contract = contract,
            ExecuteAt = under == ExecutedUnder.TwentyFourHour ? call.Now + Day : call.Now,
            Decision = decision,
            Member = contract.Member,
        };
        draws.Remove(order.Number);
        state.Orders.Add(order.Number, order);
        contract.OpenOrder = order;
        contract.Applied++;
        state.Queue.Add(new DueChange(order.ExecuteAt + decision.SettleDelay, order.Number, at => Settle(order, at)));
    }

    private void Settle(Order order, Instant at)
    {
        lock (state.Gate)
        {
            var transaction = StableId.Digits(28, "transaction", order.Number);
            order.EndedAt = at;
            order.Contract!.OpenOrder = null;
            if (ReasonToFail(order) is { } planned)
                Fail(order, planned);
            else if (state.Bank.Pay(EntryOf(order, transaction, at)) is var result && result != PaymentResult.Paid)
                Fail(order, result == PaymentResult.NotEnough ? "NOTENOUGH" : "USER_ACCOUNT_ABNORMAL");
            else
                Succeed(order, transaction);
            news.Tell(order);
        }
    }

    // An order that waits out its 24 hours dies with its contract; one being executed is followed to its end.
    private static string? ReasonToFail(Order order) =>
        order.Under == ExecutedUnder.TwentyFourHour && order.Contract!.TerminatedAt is { } ended && ended < order.ExecuteAt
            ? "CONTRACT_NOT_EXIST"
            : order.Decision.FailWith;

    private BankEntry EntryOf(Order order, string transaction, Instant at) => new(
        order.Number, null, order.Member, state.Account, Money.Cny(order.Amount), BankEntryKind.Payment, at, transaction, order.Under);

    private void Succeed(Order order, string transaction)
    {
        (order.Stage, order.TransactionId) = (OrderStage.Paid, transaction);
        state.OrdersByTransaction.Add(transaction, order);
        order.Contract!.LastPaidDay = order.EndedAt.BeijingDay();

        // One success ends the cycle at once, even if days remain.
        order.Contract.Cycle = null;
    }

    private void Fail(Order order, string code)
    {
        (order.Stage, order.FailCode) = (OrderStage.Failed, code);
        state.Bank.NoteFailure(new FailedAttempt(order.Number, order.EndedAt, code));
    }

    /// <summary>A decision, asked once per order, and whether the fate of the first answer is used up.</summary>
    private sealed class Drawn(ChargeDecision decision)
    {
        private bool answered;

        public ChargeDecision Decision => decision;

        public ApplyAnswer TakeFirstAnswer()
        {
            var answer = answered ? ApplyAnswer.Given : decision.FirstAnswer;
            answered = true;
            return answer;
        }
    }
}
