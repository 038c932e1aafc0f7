using NodaTime;
using Renewals.Core.Plans;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>Deductions under an agreement (商家扣款, <c>alipay.trade.pay</c>): one order number takes money at most once.</summary>
internal sealed class PayDesk(AlipayState state, TradeNews news)
{
    private readonly Dictionary<string, Drawn> draws = new(StringComparer.Ordinal);

    /// <summary>The fields of the call.</summary>
    public static FieldTable Fields { get; } = new([.. OrderRules.Fields, new("agreement_params", FieldKind.Object)]);

    public GatewayAnswer Pay(GatewayCall call)
    {
        if (WhyNotAsked(call) is var (code, why))
            return Refuse(call, code, why);
        var earlier = state.FindTrade("", call["out_trade_no"]);
        if (earlier is not null && Repeat(earlier, call) is { } repeat)
            return repeat;
        var end = OrderRules.ExpiresAt(call)!.Value;
        if (end <= call.Now)
            return Refuse(call, "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "订单已过期");
        if (state.Agreements.GetValueOrDefault(AgreementNo(call)) is not { } agreement)
            return Refuse(call, "ACQ.AGREEMENT_NOT_EXIST", "用户协议不存在");
        if (WhyNotNow(agreement, OrderRules.Amount(call), call.Now) is { } refusal)
            return Refuse(call, refusal, "扣款被拒绝");
        if (agreement.UnderWay is not null)
            return Refuse(call, "ACQ.OVER_MAX_UNDER_WAY_DEDUCT_COUNT", "有处理中的扣款");
        return earlier is null ? First(call, agreement, end) : Execute(earlier, call);
    }

    private (string Code, string Why)? WhyNotAsked(GatewayCall call)
    {
        if (AgreementNo(call).Length == 0)
            return ("ACQ.AUTH_TOKEN_IS_NOT_EXIST", "agreement_params.agreement_no is missing");
        if (call["scene"].Length + call["auth_code"].Length > 0)
            return ("ACQ.INVALID_PARAMETER", "scene and auth_code belong to another product");
        return OrderRules.WhyNot(call, state) is ({ } code, var why) ? (code, why) : null;
    }

    private static string AgreementNo(GatewayCall call) => call.Content.Part("agreement_params")?.Text("agreement_no") ?? "";

    // What a number has once stood for it stands for; only an open order may be tried again, and only by the same content.
    private static GatewayAnswer? Repeat(Trade earlier, GatewayCall call) =>
        earlier.Agreement is { } agreement && agreement.Number != AgreementNo(call) ? Refuse(call, "ACQ.TRADE_BUYER_NOT_MATCH", "交易买家不匹配")
        : earlier.Content != call.Text ? Refuse(call, "ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
        : earlier.Stage switch
        {
            TradeStage.Paid when earlier.IsRefundedInFull => Refuse(call, "ACQ.TRADE_HAS_CLOSE", "交易已经关闭"),
            TradeStage.Paid => Refuse(call, "ACQ.TRADE_HAS_SUCCESS", "交易已被支付"),
            TradeStage.Closed => Refuse(call, "ACQ.TRADE_HAS_CLOSE", "交易已经关闭"),
            TradeStage.UnderWay => UnderWay(earlier),
            TradeStage.Open => null,
            _ => throw new InvalidOperationException($"Stage {earlier.Stage} is unknown."),
        };

    private string? WhyNotNow(Agreement agreement, long amount, Instant now) =>
        agreement.EndedAt is not null ? "ACQ.AGREEMENT_NOT_EXIST"
        : now >= agreement.InvalidAt ? "ACQ.AGREEMENT_INVALID"
        : agreement.Suspended ? "ACQ.AGREEMENT_STATUS_NOT_NORMAL"
        : !state.Bank.IsOpen(agreement.Member) ? "ACQ.BUYER_NOT_EXIST"
        : agreement.Plan?.WhyNot(now.BeijingDay(), amount, state.Options.WindowDays);

    private GatewayAnswer First(GatewayCall call, Agreement agreement, Instant end)
    {
        var drawn = Draw(call, agreement);
        var first = drawn.TakeFirstAnswer();
        if (first == PayAnswer.LostBeforeExecution)
            return GatewayAnswer.Broken();
        if (first == PayAnswer.UnknownBeforeExecution)
            return GatewayAnswer.Unknown();
        var answer = Execute(OrderRules.Make(call, end, agreement, drawn.Decision), call);
        return first switch
        {
            PayAnswer.LostAfterExecution => GatewayAnswer.Broken(),
            PayAnswer.UnknownAfterExecution => GatewayAnswer.Unknown(),
            PayAnswer.Given => answer,
            _ => throw new InvalidOperationException($"Answer {first} is unknown."),
        };
    }

    private Drawn Draw(GatewayCall call, Agreement agreement)
    {
        var number = call["out_trade_no"];
        if (!draws.TryGetValue(number, out var drawn))
            draws[number] = drawn = new Drawn(state.Options.Deductions(
                new DeductionDraw(number, agreement.Code, agreement.Member, Money.Cny(OrderRules.Amount(call)), call.Now)));
        return drawn;
    }

    private GatewayAnswer Execute(Trade trade, GatewayCall call)
    {
        if (trade.Decision.ExecutedAfter is { } delay)
        {
            Keep(trade);
            (trade.Stage, trade.Agreement!.UnderWay) = (TradeStage.UnderWay, trade);
            state.Queue.Add(new DueChange(call.Now + delay, trade.Number, at => Settle(trade, at)));
            return UnderWay(trade);
        }

        var refusal = Take(trade, call.Now);
        if (refusal is null || state.Options.RefusedLeavesOrder)
            Keep(trade);
        return refusal is null ? Paid(trade) : Refuse(call, refusal, "扣款失败");
    }

    private void Settle(Trade trade, Instant at)
    {
        lock (state.Gate)
        {
            trade.Agreement!.UnderWay = null;
            trade.Stage = TradeStage.Open;

            // The date is judged when the rail executes, and agreement and order may have ended meanwhile.
            if (at >= trade.ExpiresAt)
                trade.Close(trade.ExpiresAt);
            else if (WhyNotNow(trade.Agreement, trade.Amount, at) is { } refusal)
                state.Bank.NoteFailure(new FailedAttempt(trade.Number, at, refusal));
            else
                Take(trade, at);
        }
    }

    /// <summary>Takes the money; the rail's code when it cannot.</summary>
    private string? Take(Trade trade, Instant at)
    {
        var under = trade.Agreement!.Plan is null ? ExecutedUnder.Entrust : ExecutedUnder.RailDate;
        var refusal = state.Declines.Take(trade.Member) ?? trade.Decision.FailWith ?? state.Pay(trade, under, at);
        if (refusal is not null)
        {
            state.Bank.NoteFailure(new FailedAttempt(trade.Number, at, refusal));
            return refusal;
        }

        trade.Agreement.Plan?.Succeeded(at.BeijingDay(), trade.Amount);
        news.TellPaid(trade);
        return null;
    }

    private void Keep(Trade trade)
    {
        if (state.Trades.ContainsKey(trade.Number))
            return;
        draws.Remove(trade.Number);
        state.Add(trade);
        news.WatchExpiry(trade);
    }

    private GatewayAnswer Paid(Trade trade) => GatewayAnswer.Ok().With(news.Payment(trade)).With("gmt_payment", AlipayWire.Time(trade.PaidAt));

    private static GatewayAnswer UnderWay(Trade trade) => GatewayAnswer.UnderWay().With(TradeNews.NoMoney).With("out_trade_no", trade.Number)
        .With("trade_no", trade.TradeNo).With("total_amount", TradeNews.Yuan(trade.Amount));

    private static GatewayAnswer Refuse(GatewayCall call, string code, string why) =>
        GatewayAnswer.Fail(code, why).With(TradeNews.NoMoney).With("out_trade_no", call["out_trade_no"]);

    /// <summary>A decision, asked once per order, and whether the fate of the first answer is used up.</summary>
    private sealed class Drawn(DeductionDecision decision)
    {
        private bool answered;

        public DeductionDecision Decision => decision;

        public PayAnswer TakeFirstAnswer()
        {
            var answer = answered ? PayAnswer.Given : decision.FirstAnswer;
            answered = true;
            return answer;
        }
    }
}
