using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>One membership's calls: builds what a rail is asked from events, and outcomes from what it answers.</summary>
internal sealed record Call(IPaymentGateway Gateway, Subscription State, AgreementInUse Under, RailKeys? Keys, long Stamp)
{
    public AgreementOrder Agreement => Of(Under, Keys);

    public ChargeOrder Order(Requested x) => new(x.Order, Agreement, x.Amount, x.Subject, x.OrderedAt, ExpiresAt: x.ExpiresAt);

    public ChargeOrder Order(Attempt x) => new(x.Order, Agreement, x.Amount, State.Terms.Subject, x.OrderedAt, x.AtCashier, x.ExpiresAt);

    public RefundOrder Order(Refund x) => new(
        Number(x), x.Paid ?? x.Amount, x.Amount, State.Terms.Subject, x.RailTransaction, x.RequestedAt ?? throw new InvalidOperationException($"{x.Number} was not sent yet."));

    public RefundOrder Order(RefundRequested x) => Order(State.Refunds.First(refund => refund.Number == x.Refund.ToString())) with { Paid = x.Paid, Amount = x.Amount, Reason = x.Reason };

    /// <summary>An agreement as a rail is asked about it.</summary>
    public static AgreementOrder Of(AgreementInUse agreement, RailKeys? keys) =>
        new(agreement.Id, agreement.Template, keys?.RailAgreementId, agreement.StartedAt, keys?.PayerAccount) { IsTakenOver = agreement.IsTakenOver };

    public ChargeNotice NoticeToSend(Errand.Tell notice, DecisionLimits limits)
    {
        var (amount, from, until, starts) = notice.Kind switch
        {
            NoticeKind.Reminder => NextPeriod(),
            NoticeKind.PriceOffer => Offered(),
            _ => Coming(),
        };
        return new(notice.NoticeId, State.Id, State.Member, State.Account, State.Terms.Subject, amount, from, until, starts, State.Terms.ZoneId)
        {
            Kind = notice.Kind, Channel = Decide.ChannelOf(State, limits, notice.Kind), Offer = notice.Kind == NoticeKind.PriceOffer ? State.Offer?.Name : null,
        };
    }

    public Outcome Charge(OrderNumber order, ChargeAnswer answer, HeardBy by = HeardBy.Answer) => Of(new SubscriptionCommand.RecordCharge(order, answer), by);

    public Outcome RailNotice(int number, RailNoticeAnswer answer) => Of(new SubscriptionCommand.RecordRailNotice(number, answer), HeardBy.Answer);

    public Outcome Refund(OrderNumber number, RefundAnswer answer) => Of(new SubscriptionCommand.RecordRefund(number.OfAttempt, number.ToString(), answer), HeardBy.Answer);

    public Outcome Refund(Refund refund, RefundAnswer answer) => Of(new SubscriptionCommand.RecordRefund(refund.Order, refund.Number, answer), HeardBy.Query);

    public Outcome Notice(ChargeNotice told, NoticeResult result) => Of(new SubscriptionCommand.RecordNotice(told.NoticeId, result) { Channel = told.Channel }, HeardBy.Answer);

    public Outcome RailDate(LocalDate date, RailNoticeAnswer answer) => new Outcome.OfRailDate(State.Id, Under.Id, date, answer) { HeardBy = HeardBy.Answer };

    public Outcome Statements(SubscriptionCommand.RecordOldPayments said) => Of(said, HeardBy.Statement);

    public Outcome OfAgreement(AgreementAnswer answer, HeardBy by) => new Outcome.OfAgreement(State.Id, Under.Id, answer) { HeardBy = by };

    /// <summary>What is recorded when the call threw: nothing is known.</summary>
    public Outcome Unknown(Errand errand, string why) => errand switch
    {
        Errand.SendCharge x => Charge(x.Order.Order, new(new ChargeOutcome.Unknown(why))),
        Errand.AskCharge x => Charge(x.Attempt.Order, new(new ChargeOutcome.Unknown(why)), HeardBy.Query),
        Errand.StopCharge x => Charge(x.Attempt.Order, new(new ChargeOutcome.Unknown(why))),
        Errand.SendRailNotice x => RailNotice(x.Notice.Number, new RailNoticeAnswer.Unknown(why)),
        Errand.SendRefund x => Refund(x.Refund.Refund, new RefundAnswer.Unknown(why)),
        Errand.AskRefund x => Refund(x.Refund, new RefundAnswer.Unknown(why)),
        Errand.Tell x => Of(new SubscriptionCommand.RecordNotice(x.NoticeId, new NoticeResult.Failed(why)), HeardBy.Answer),
        Errand.MoveRailDate x => RailDate(x.Date, new RailNoticeAnswer.Unknown(why)),
        Errand.AskStatements => Statements(new([], IsAnswer: true, AllRead: false, why)),
        Errand.AskAgreement => OfAgreement(new AgreementAnswer.Unknown(why), HeardBy.Query),
        Errand.Terminate => OfAgreement(new AgreementAnswer.Unknown(why), HeardBy.Answer),
        _ => throw new InvalidOperationException($"No outcome for {errand.GetType().Name}."),
    };

    /// <summary>What is recorded when nothing left this machine.</summary>
    public Outcome NotSent(Errand errand, string why) => errand switch
    {
        Errand.SendCharge x => Charge(x.Order.Order, new(new ChargeOutcome.NotSent(why))),
        Errand.SendRailNotice x => RailNotice(x.Notice.Number, new RailNoticeAnswer.Refused("not-sent", why)),
        _ => Unknown(errand, why),
    };

    private (Money Amount, Instant From, Instant Until, Instant Starts) Coming() => State.Cycle is { } cycle
        ? (cycle.Amount, cycle.MoneyFrom, cycle.MoneyUntil, cycle.Due)
        : throw new InvalidOperationException("There is no cycle to announce.");

    // A reminder is of what renews, not of one charge: the next period as it stands.
    private (Money Amount, Instant From, Instant Until, Instant Starts) NextPeriod()
    {
        var (periods, ordinal) = (State.Periods!.Value, State.NextCharge.Ordinal);
        return (State.NextAmount, periods.Start(ordinal), periods.End(ordinal), periods.Start(ordinal));
    }

    private (Money Amount, Instant From, Instant Until, Instant Starts) Offered() => State.Offer is { } offer
        ? (offer.Terms.Price, offer.EffectiveFrom, offer.AnswerBy, offer.EffectiveFrom)
        : throw new InvalidOperationException("There is no offer to tell of.");

    private Outcome Of(SubscriptionCommand command, HeardBy by) => new Outcome.OfSubscription(State.Id, command) { HeardBy = by };

    private static OrderNumber Number(Refund refund) => OrderNumber.TryParse(refund.Number, out var number)
        ? number
        : throw new InvalidOperationException($"{refund.Number} is not a refund of ours.");
}
