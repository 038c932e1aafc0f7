using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Host.Sandbox;

namespace Renewals.Host.Simulation.Rails;

/// <summary>One rail of a world: orders, agreements and refunds over the sandbox's bank, by its own rules, without HTTP.</summary>
/// <remarks>
/// Answers are built in the rail's own words and judged by the adapter's real verdicts where there are any, so that what the engine hears is what
/// it would hear over the wire. A rail does not crash with an engine: a call that arrived is carried out whoever waits for it.
/// </remarks>
internal abstract partial class SimRail(SimWorld world, MerchantAccount account, RailTraits traits)
{
    protected static readonly DateTimeZone Beijing = RenewalZones.Get(RenewalZones.Shanghai);

    private static readonly Duration SessionLives = Duration.FromHours(2);

    private readonly Dictionary<string, RailOrder> orders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RailAgreement> agreements = new(StringComparer.Ordinal);
    private readonly Dictionary<OrderNumber, int> inTransit = [];
    private readonly StatementDays days = new(traits);

    public SimWorld World => world;

    public MerchantAccount Account => account;

    public RailTraits Traits => traits;

    public string Template => $"{account.Rail}-template";

    /// <summary>Until then the adapter's breaker is open: nothing is claimed.</summary>
    public Instant BreakerOpenUntil { get; set; }

    /// <summary>Until then no call arrives.</summary>
    public Instant DownUntil { get; set; }

    public IReadOnlyDictionary<string, RailOrder> Orders => orders;

    protected Instant Now => world.Now;

    protected LocalDate Today => Now.InZone(Beijing).Date;

    public abstract ChargeAnswer Charge(ChargeOrder order, bool repeated);

    public abstract ChargeAnswer Query(ChargeOrder order);

    /// <summary>What the adapter makes of a charge without an answer.</summary>
    public abstract ChargeAnswer ChargeUnclear(ChargeOrder order, string why);

    /// <summary>What the adapter makes of a question without an answer.</summary>
    public abstract ChargeAnswer QueryUnclear(ChargeOrder order, string why);

    /// <summary>Closes an order at the cashier that is not paid.</summary>
    public abstract ChargeAnswer Stop(ChargeOrder order);

    public abstract RefundAnswer Refund(RefundOrder refund);

    public abstract RefundAnswer QueryRefund(RefundOrder refund);

    public abstract AgreementAnswer QueryAgreement(AgreementOrder agreement);

    public abstract AgreementAnswer Terminate(AgreementOrder agreement);

    public virtual RailNoticeAnswer Announce(RailNoticeOrder notice) => new RailNoticeAnswer.Refused("NO_NOTICE", "the rail requires no notice of its own");

    public virtual RailNoticeAnswer Move(AgreementOrder agreement, LocalDate next) => new RailNoticeAnswer.Refused("NO_PLAN", "the rail keeps no dates");

    /// <summary>Prepares a signing; a repeat finds it again.</summary>
    public SigningAnswer StartSigning(SigningRequest request)
    {
        if (agreements.Values.Any(held => held.InForce && held.Template == request.Template && held.Member == request.PayerId))
            return new SigningAnswer.AlreadySigned();
        if (!agreements.ContainsKey(request.Agreement.SigningCode))
            agreements.Add(request.Agreement.SigningCode, new(request, Now) { NextDate = request.Plan.FirstChargeOn });
        return new SigningAnswer.Ready(new SigningPage.QrCode(request.Agreement.SigningCode));
    }

    /// <summary>The member finishes a signing, and pays the first period where that was asked for.</summary>
    /// <param name="code">Our signing code.</param>
    /// <param name="member">The bank's member.</param>
    /// <param name="renews">False: pays, and switches renewal off.</param>
    public void Confirm(string code, string member, bool renews)
    {
        var agreement = agreements[code];
        if (agreement.SignedAt is not null || Now >= agreement.OpenedAt + SessionLives)
            return;
        agreement.Member = member;
        if (agreement.FirstPayment is { } payment && !PayAtCashier(agreement, payment, member))
            return;
        if (!renews || agreements.Values.Any(held => held.InForce && held.Template == agreement.Template && held.Member == member))
            return;
        agreement.SignedAt = Now;
        TellSigned(agreement);
    }

    /// <summary>The member, or a closed account, ends an agreement without us.</summary>
    public void End(string code, TerminationMode mode)
    {
        if (AgreementOf(code) is not { InForce: true } agreement)
            return;
        (agreement.EndedAt, agreement.Mode) = (Now, mode);
        TellEnded(agreement);
    }

    /// <summary>The member's account is gone, and every agreement with it.</summary>
    public void CloseAccount(string member)
    {
        foreach (var agreement in agreements.Values.Where(held => held.InForce && held.Member == member).ToList())
            End(agreement.Code, TerminationMode.AccountClosed);
    }

    public void OrderSent(OrderNumber number) => inTransit[number] = inTransit.GetValueOrDefault(number) + 1;

    public void OrderArrived(OrderNumber number) => inTransit[number]--;

    /// <summary>Whether an order may still take money by the rail's word, or is on its way to it.</summary>
    public bool CanStillBeTaken(OrderNumber number) =>
        inTransit.GetValueOrDefault(number) > 0 || (orders.TryGetValue(number.ToString(), out var order) && IsOpen(order) && !order.WordBroken);

    public RailAgreement? AgreementOf(string code) => agreements.GetValueOrDefault(code) ?? takenOver.GetValueOrDefault(code);

    /// <summary>The rail's list of a day.</summary>
    public StatementAnswer ReadStatement(LocalDate day)
    {
        if (days.ReadyAt(day) > Now)
            return new StatementAnswer.NotReady();
        var lines = world.Bank.EntriesBetween(days.Start(day), days.End(day)).Where(entry => entry.Account == account)
            .Select(entry => new StatementLine(entry.OrderNumber, entry.RefundNumber, entry.Amount, entry.TransactionId, entry.At) { Payer = PayerIn(entry) }).ToList();
        return new StatementAnswer.Ready(FileOf(lines), lines);
    }

    protected RailOrder? Find(string number) => orders.GetValueOrDefault(number);

    protected RailAgreement? ByRailId(string? id) => id is { Length: > 1 } ? agreements.GetValueOrDefault(id[1..]) : null;

    protected bool IsOpen(RailOrder order) => order.Stage == OrderStage.Open && !(order.ExpiresAt <= Now);

    protected abstract void TellSigned(RailAgreement agreement);

    protected abstract void TellEnded(RailAgreement agreement);

    /// <summary>An order came to its end: paid or failed.</summary>
    protected abstract void TellOrder(RailOrder order);

    /// <summary>A message that says an order failed, although it was paid; null where such a message would prove nothing.</summary>
    protected abstract CallbackReading? ContradictionOf(RailOrder order);

    protected virtual void OnPaid(RailOrder order)
    {
    }

    /// <summary>Takes an order in; from here it may take money.</summary>
    /// <param name="order">The order.</param>
    /// <param name="fate">What becomes of it.</param>
    /// <param name="delay">How long the rail waits before it begins.</param>
    protected RailOrder Accept(RailOrder order, Fate fate, Duration delay)
    {
        orders.Add(order.Text, order);
        world.Checks.Accepted(this, order);
        world.Members.OnAccepted(this, order);
        world.Schedule(delay + fate.Settles, () => Settle(order, fate));
        return order;
    }

    /// <summary>Puts an order of the rail's own into its list.</summary>
    protected RailOrder Keep(RailOrder order)
    {
        orders.Add(order.Text, order);
        return order;
    }

    protected virtual string? WhyNotNow(RailOrder order) => null;

    protected abstract string CodeOf(DeclineReason reason);

    private protected void Settle(RailOrder order, Fate fate)
    {
        if (order.Stage != OrderStage.Open)
            return;
        if (order.ExpiresAt <= Now)
            Conclude(order, CodeOf(DeclineReason.OrderClosed));
        else if (WhyNotNow(order) is { } code)
            Conclude(order, code);
        else if (fate.Decline is { } reason)
            Conclude(order, CodeOf(reason));
        else
            TakeMoney(order, AmountTaken(order));
    }

    protected void Conclude(RailOrder order, string code)
    {
        (order.Stage, order.FailCode, order.EndedAt) = (OrderStage.Failed, code, Now);
        world.Reach.Saw(Mark.Declined);
        TellOrder(order);
        MayTakeItAfterAll(order);
    }

    /// <summary>Takes the money of an order, whole or not at all.</summary>
    private protected bool TakeMoney(RailOrder order, Money amount, bool concludes = true)
    {
        var transaction = $"T{order.Text}";
        var entry = new BankEntry(order.Text, null, order.Member, account, amount, BankEntryKind.Payment, Now, transaction, ExecutedUnder.PreNotice);
        if (world.Bank.Pay(entry) is var result && result != PaymentResult.Paid)
        {
            if (concludes)
                Conclude(order, CodeOf(result == PaymentResult.NotEnough ? DeclineReason.InsufficientFunds : DeclineReason.AccountAbnormal));
            return false;
        }

        (order.Stage, order.Transaction, order.Taken, order.EndedAt, order.FailCode) = (OrderStage.Paid, transaction, amount, Now, "");
        world.Checks.Taken(this, order);
        OnPaid(order);
        TellOrder(order);
        MayDenyIt(order);
        return true;
    }

    private bool PayAtCashier(RailAgreement agreement, FirstPaymentOrder payment, string member)
    {
        if (Find(payment.Number.ToString()) is { } made)
            return made.Stage == OrderStage.Paid;
        if (Now >= payment.ExpiresAt)
            return false;
        var order = Keep(new(payment.Number, agreement, member, payment.Amount, Now) { AtCashier = true });
        if (!TakeMoney(order, payment.Amount, concludes: false))
        {
            orders.Remove(order.Text);
            return false;
        }

        world.Reach.Saw(Mark.PaidAtCashier);
        return true;
    }
}
