using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Unit;

namespace Renewals.Tests.Properties;

/// <remarks>What members and merchants ask for, granted or not.</remarks>
internal sealed partial class Walk
{
    private readonly List<Charged> _payments = [];
    private readonly List<string> _disputes = [];
    private int _names;

    private SubscriptionCommand.Enrol Enrolment(Terms terms, bool pays)
    {
        terms = terms with
        {
            TrialDays = !pays && Pick(6) == 0 ? 1 + Pick(20) : 0, PriceSilence = (PriceSilence)Pick(3), OnDispute = (DisputeRule)Pick(3),
            Offers = Pick(5) == 0 ? new([new(3, Money.Cny(1500))]) : null,
        };
        return new(Scenario.Id, "m", Scenario.Account, Scenario.Signature, "t", terms, pays)
        {
            Ceiling = Pick(2) == 0 ? terms.HighestPrice with { MinorUnits = terms.HighestPrice.MinorUnits + (1000 * Pick(4)) } : null,
            StartsOn = !pays && Pick(10) == 0 ? new LocalDate(2026, 3, 10).PlusDays(Pick(60)) : null,
            FreeUntilStart = Pick(2) == 0,
        };
    }

    private void Wish()
    {
        if (_frozen)
            return;
        var name = $"w-{_names++}";
        SubscriptionCommand? wish = Pick(21) switch
        {
            0 or 1 or 2 => ChangeOf(name),
            3 => new SubscriptionCommand.WithdrawChange(_state.Change?.Name ?? "none", "m", "no"),
            4 when _state.Periods is { } periods && _state.NextCharge.Ordinal > periods.Before =>
                new SubscriptionCommand.MoveBillingDay(periods.FirstDay(_state.NextCharge.Ordinal).PlusDays(Pick(40) - 5), "m", "payday"),
            5 or 6 => new SubscriptionCommand.PauseRenewal(
                Pick(3) switch { 0 => null, 1 => _now, _ => _now + Duration.FromDays(Pick(40)) },
                Pick(2) == 0 ? null : _now.InUtc().Date.PlusDays(Pick(90)), Pick(2) == 0, "m", "away"),
            7 => new SubscriptionCommand.Resume("m", "back"),
            8 => new SubscriptionCommand.OfferPrice(OfferOf(name)),
            9 when Pick(8) == 0 => new SubscriptionCommand.WithdrawOffer(_state.Offer?.Name ?? "none", "ann"),
            9 or 10 => new SubscriptionCommand.AnswerPrice(_state.Offer?.Name ?? "none", Pick(2) == 0, "m"),
            11 when _payments.Count > 0 => GrantOf(name),
            12 when _state.Refunds.Count > 0 => new SubscriptionCommand.RecordPaidOutside(_state.Refunds[Pick(_state.Refunds.Count)].Number, "transfer", "ann"),
            13 when _payments.Count > 0 && Pick(3) == 0 => new SubscriptionCommand.OpenDispute(name, Payment().Order, Money.Cny(1 + Pick(2500)), "not mine"),
            14 when _disputes.Count > 0 => new SubscriptionCommand.SettleDispute(_disputes[Pick(_disputes.Count)], Pick(2) == 0),
            15 when Pick(2) == 0 => new SubscriptionCommand.Cancel(CancelledBy.Member, "asked", Pick(4) == 0)
            {
                KeepsAgreement = Pick(4) != 0, GivesBack = Pick(3) == 0 && _payments.Count > 0 ? GrantOf(name) : null,
            },
            16 or 17 or 18 => BackupOf(),
            19 when _state.Backups.Count > 0 => new SubscriptionCommand.SwitchAgreement(AnyBackup(), "ann", "wanted"),
            20 when _state.Backups.Count > 0 && Pick(4) == 0 => new SubscriptionCommand.RetireBackup(AnyBackup(), "ann", "not wanted"),
            _ => null,
        };
        if (wish is null)
            return;
        var refused = Decide.WhyNot(_state, wish, Context);
        var events = Do(wish);
        _rules.Hold(refused is null || events.Count == 0, "what is refused changes nothing");
        _rules.Hold(events.Count == 0 || Decide.WhyNot(_state, wish, Context) is null, "what is granted has no reason against it");
        if (_state.TerminateAt is not null && Pick(3) == 0)
            Do(new SubscriptionCommand.UndoCancel("m", "stays"));
        _disputes.AddRange(events.OfType<Disputed>().Select(e => e.Dispute));
    }

    private SubscriptionCommand.AddBackup BackupOf()
    {
        var number = _state.Backups.Count + 2;
        return new(new(new Guid($"0198c0de-0000-7000-8000-00000000{number:x4}")), Pick(3) == 0 ? Scenario.Account : new("other", $"{Pick(2)}"), $"t-{number}", _state.Terms.Dunning)
        {
            Ceiling = Pick(3) == 0 ? _state.Terms.HighestPrice with { MinorUnits = _state.Terms.HighestPrice.MinorUnits + (500 * Pick(3)) } : null,
            Interval = Pick(4) == 0 ? _state.Terms.Interval : null, TakesOverAfterAnyEnd = Pick(2) == 0,
        };
    }

    private AgreementId AnyBackup() => _state.Backups[Pick(_state.Backups.Count)].Agreement.Id;

    // What the rail of an agreement says that is not in use.
    private void BackupSays(AgreementInUse backup, bool isAsked)
    {
        var status = (backup.Status, Pick(10)) switch
        {
            (AgreementStatus.Signing, < 6) => AgreementStatus.Active,
            (AgreementStatus.Signing, < 8) => AgreementStatus.Abandoned,
            (AgreementStatus.Active, 0) => AgreementStatus.Terminated,
            (AgreementStatus.Active, 1) => AgreementStatus.Suspended,
            (AgreementStatus.Suspended, < 4) => AgreementStatus.Active,
            (AgreementStatus.Terminating, < 7) => AgreementStatus.Terminated,
            var (as_is, _) => as_is,
        };
        var hint = !isAsked && status == backup.Status;
        Do(new SubscriptionCommand.RecordAgreement(
            status, status == AgreementStatus.Terminated ? (TerminationMode)Pick(6) : null, status == AgreementStatus.Active || hint ? _now : null, "said", null,
            hint ? Evidence.Hint : Evidence.Conclusive) { Agreement = backup.Id });
    }

    private SubscriptionCommand.ChangeTerms ChangeOf(string name)
    {
        var price = Money.Cny(500 + (700 * Pick(6)));
        var terms = _state.Terms with
        {
            PlanId = $"plan-{Pick(3)}", Price = price, FirstPeriodPrice = price, Offers = null,
            Interval = Pick(4) switch { 0 => BillingInterval.Yearly, 1 => new(3, BillingUnit.Week), 2 => BillingInterval.Monthly, _ => _state.Terms.Interval },
            AddOns = Pick(4) == 0 ? new([new("seat", "Seat", Money.Cny(100), 1 + Pick(3))]) : null,
            Coupon = Pick(5) == 0 ? new(new($"C{Pick(2)}", 2, 20, null), 0) : null,
        };
        terms = terms with { Law = LawPacks.Get(_state.Terms.Law.Name).For(terms.Interval, 1) };
        var when = (ChangeTiming)Pick(2);
        var pays = when == ChangeTiming.Now && Pick(3) == 0 && _state is { Status: SubscriptionStatus.Active, Periods: not null };
        return new(name, terms, when, "m", "wanted") { Paid = pays ? new(Decide.Difference(_state, terms, _now), "till") : null };
    }

    private PriceOffer OfferOf(string name)
    {
        var price = Money.Cny(2000 + (400 * Pick(6)));
        var from = _now + Duration.FromDays(5 + Pick(60));
        return new(name, _state.Terms with { PlanVersion = 2, Price = price, FirstPeriodPrice = price, Offers = null }, from, from - Duration.FromDays(Pick(5)));
    }

    private SubscriptionCommand.GrantRefund GrantOf(string name) => Payment() is var payment
        ? new(name, payment, payment.Amount with { MinorUnits = 1 + Pick((int)payment.Amount.MinorUnits) }, "ann", "goodwill")
        : throw new InvalidOperationException("Nothing was paid.");

    private Charged Payment() => _payments[Pick(_payments.Count)];
}
