using System.Text.Json;
using Renewals.Core.Agreements;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Database;

/// <summary>What is stored is a contract with every database that exists: names, JSON and ids do not change by accident.</summary>
public sealed class EventFormatTests
{
    [Fact]
    public void Stored_names_are_exactly_these()
    {
        EventNames.OfSubscriptions.Select(pair => $"{pair.Key.Name}={pair.Value}").Should().Equal(
            "Enrolled=enrolled", "AgreementChanged=agreement-changed", "AgreementAsked=agreement-asked",
            "AgreementVerified=agreement-verified", "RailDateKnown=rail-date-known", "AnchorMoved=anchor-moved", "Signed=signed", "CyclePlanned=cycle-planned",
            "Announced=announced", "Reminded=reminded", "NoticeDelivered=notice-delivered", "NoticeBounced=notice-bounced",
            "NoticePostponed=notice-postponed", "NoticeFailed=notice-failed", "RailNoticeRequested=rail-notice-requested",
            "RailNoticeAnswered=rail-notice-answered", "Requested=requested", "OrderFound=order-found", "Hinted=hinted", "Asked=asked", "NotTaken=not-taken", "Charged=charged",
            "Failed=failed", "Overpaid=overpaid", "RefundRequested=refund-requested", "Refunded=refunded", "Cancelled=cancelled",
            "Postponed=postponed", "Parked=parked", "Unparked=unparked", "PeriodsSkipped=periods-skipped", "CatchUpDecided=catch-up-decided",
            "ChangePlanned=change-planned", "ChangeWithdrawn=change-withdrawn", "TermsChanged=terms-changed", "AmountAdded=amount-added", "Paused=paused", "Resumed=resumed",
            "PriceOffered=price-offered", "PriceOfferTold=price-offer-told", "PriceAnswered=price-answered", "RefundGranted=refund-granted", "PaidOutside=paid-outside",
            "Disputed=disputed", "DisputeSettled=dispute-settled", "BackupAdded=backup-added", "BackupRetired=backup-retired",
            "AgreementSwitched=agreement-switched", "CancelUndone=cancel-undone", "Ended=ended",
            "Imported=imported", "PaidElsewhere=paid-elsewhere", "StatementsAsked=statements-asked");
        EventNames.OfAgreements.Select(pair => $"{pair.Key.Name}={pair.Value}").Should().Equal(
            "SigningStarted=signing-started", "Agreed=agreed", "SignAbandoned=sign-abandoned", "RailPlanMoved=rail-plan-moved", "Verified=verified",
            "Suspended=suspended", "TerminateRequested=terminate-requested", "Terminated=terminated", "TakenOver=taken-over");
    }

    [Fact]
    public void Every_event_has_a_name_and_a_sample()
    {
        var types = typeof(SubscriptionEvent).Assembly.GetTypes();
        types.Where(type => type.IsSubclassOf(typeof(SubscriptionEvent))).Should().BeEquivalentTo(EventNames.OfSubscriptions.Keys);
        types.Where(type => type.IsSubclassOf(typeof(AgreementEvent))).Should().BeEquivalentTo(EventNames.OfAgreements.Keys);
        Samples.Life(Samples.Id).Concat(Samples.MovedLife(Samples.IdOf(2))).Select(e => e.GetType()).Distinct().Should().BeEquivalentTo(EventNames.OfSubscriptions.Keys);
        Samples.AgreementLife.Append(Samples.TakenOver).Select(e => e.GetType()).Should().BeEquivalentTo(EventNames.OfAgreements.Keys);
        EventNames.OfSubscriptions.Values.Concat(EventNames.OfAgreements.Values).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Every_event_survives_its_json()
    {
        foreach (var e in AllEvents())
        {
            var json = JsonSerializer.Serialize(e, e.GetType(), LedgerJson.Options);
            var read = JsonSerializer.Deserialize(json, e.GetType(), LedgerJson.Options);

            // Records compare by value: nothing was lost, and nothing was added.
            read.Should().Be(e, json);
        }
    }

    [Fact]
    public void A_state_survives_its_json_at_every_step_of_a_life()
    {
        Subscription? state = null;
        foreach (var e in Samples.Life(Samples.Id).Concat(Samples.MovedLife(Samples.IdOf(2))))
        {
            state = Evolve.Next(e is Imported ? null : state, e);
            var json = LedgerJson.WriteState(state);
            LedgerJson.WriteState(LedgerJson.ReadState(json)).Should().Equal(json);
            Duty.Of(LedgerJson.ReadState(json)).Should().Equal(Duty.Of(state));
        }
    }

    [Fact]
    public void Json_of_events_and_state_is_exactly_this()
    {
        var (life, moved) = (Samples.Life(Samples.Id), Samples.MovedLife(Samples.IdOf(2)));
        List<string> lines = [.. AllEvents().Select(e => $"{e.GetType().Name} {JsonSerializer.Serialize(e, e.GetType(), LedgerJson.Options)}")];
        lines.AddRange(new[] { 8, 16, life.Count }.Select(life.Take).Append(moved)
            .Select(events => $"Subscription {System.Text.Encoding.UTF8.GetString(LedgerJson.WriteState(Evolve.All(null, events)!))}"));
        var actual = Path.Combine(AppContext.BaseDirectory, "Database", "written-today.jsonl");
        File.WriteAllLines(actual, lines);
        File.ReadAllLines(GoldenHistoryTests.Newest).SequenceEqual(lines).Should().BeTrue(
            $"stored JSON must not change by accident; where it is meant, raise {nameof(LedgerJson)}.{nameof(LedgerJson.StateVersion)} and add {actual} to the histories under the next number");
    }

    private static IEnumerable<object> AllEvents() =>
        Samples.Life(Samples.Id).Concat<object>(Samples.AgreementLife).Concat(Samples.MovedLife(Samples.IdOf(2))).Append(Samples.TakenOver);

    [Fact]
    public void A_period_that_was_paid_elsewhere_cannot_be_stored_as_charged_too()
    {
        var elsewhere = Samples.MovedLife(Samples.Id).OfType<PaidElsewhere>().Single(e => e.Ordinal > 0);
        var charged = Samples.Life(Samples.Id).OfType<Charged>().Single() with { Order = Samples.Order(Samples.Id, elsewhere.Ordinal) };
        EventIds.Of(Samples.Id, elsewhere, 3).Should().Be(EventIds.Of(Samples.Id, charged, 9));
        EventIds.Of(Samples.Id, elsewhere with { Ordinal = 0 }, 3).Should().NotBe(EventIds.Of(Samples.Id, elsewhere with { Ordinal = 0 }, 4), "what paid for no period is stored however often");
    }

    [Fact]
    public void Ids_of_events_are_exactly_these()
    {
        var life = Samples.Life(Samples.Id);
        string IdOf<T>(long version)
            where T : SubscriptionEvent => EventIds.Of(Samples.Id, life.OfType<T>().First(), version).ToString();
        new[] { IdOf<Enrolled>(1), IdOf<Charged>(9), IdOf<Requested>(5), IdOf<Overpaid>(7), IdOf<RefundRequested>(8), IdOf<Refunded>(9) }.Should().Equal(
            "02667efd-b1db-8509-bde0-7b13ab01e2f1",
            "1c31c6ec-115b-8a36-b0fa-74ec696be2b8",
            "d62a265c-f5d4-8fc0-9704-08fdb0679b27",
            "0bafe90a-2a2e-8e7b-8632-ef5293960855",
            "38ea704c-7f9a-8dbf-a5e4-19c7ddadd6ee",
            "057ef93d-1e1c-821e-b548-bbb87a2060c2");
        EventIds.Of(Samples.Agreement, 1).ToString().Should().Be("1ecc3ab8-2857-84ef-b1f1-e8a06eea3828");
    }

    [Fact]
    public void What_happens_at_most_once_has_one_id_wherever_it_stands()
    {
        var life = Samples.Life(Samples.Id);
        foreach (var e in life)
        {
            var once = e is Charged or Requested or Overpaid or RefundGranted or RefundRequested or Refunded;
            (EventIds.Of(Samples.Id, e, 1) == EventIds.Of(Samples.Id, e, 2)).Should().Be(once, e.GetType().Name);
        }

        var charged = life.OfType<Charged>().Single();
        EventIds.Of(Samples.Id, charged with { Order = Samples.Order(Samples.Id, 1, 2) }, 5).Should().Be(EventIds.Of(Samples.Id, charged, 9));
        life.Select((e, i) => EventIds.Of(Samples.Id, e, i + 1)).Should().OnlyHaveUniqueItems();
    }
}
