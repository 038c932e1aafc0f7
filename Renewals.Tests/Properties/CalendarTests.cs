using CsCheck;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Tests.Unit;

namespace Renewals.Tests.Properties;

/// <summary>Every calendar keeps law, rail and plan; where there is none, the period's end is the reason.</summary>
public class CalendarTests
{
    private static readonly string[] PlanZones = [RenewalZones.Shanghai, "America/New_York", "Pacific/Auckland", "America/Sao_Paulo", "Europe/London"];
    private static readonly string[] RailZones = [RenewalZones.Shanghai, RenewalZones.Shanghai, "Europe/London"];

    private static readonly Gen<RailTraits> Rails = Gen.Select(
        Gen.OneOf(Scenario.PreNotice, Scenario.DayLater, Scenario.PreNotice with { Notice = new(1, 3) }, Scenario.PreNotice with { Notice = null }),
        Gen.OneOf(RailZones), (traits, zone) => traits with { ZoneId = zone });

    private static readonly Gen<Terms> AnyTerms = Gen.Select(
        Gen.OneOf([.. LawPacks.Names.Select(LawPacks.Get)]), Gen.OneOf(BillingInterval.Monthly, BillingInterval.Quarterly, BillingInterval.Yearly), Gen.Bool, Gen.OneOf(PlanZones),
        Gen.Int[0, 47], Gen.Int[0, 32], (law, interval, offer, zone, from, length) => Scenario.Monthly with
        {
            Law = law.For(interval, offer ? 1 : 0), Interval = interval, ZoneId = zone,
            QuietHours = new(LocalTime.Midnight.PlusMinutes(30 * from), LocalTime.Midnight.PlusMinutes(30 * (from + length))),
        });

    [Fact]
    public void Every_law_zone_rail_and_interval_keeps_the_notices_time_and_the_members_quiet_hours()
    {
        var (lawful, laws) = (0, new System.Collections.Concurrent.ConcurrentDictionary<string, int>());
        Gen.Select(Rails, AnyTerms, Gen.Int[0, 1500], Gen.Int[2, 8], Gen.Int[-20 * 24 * 60, 3 * 24 * 60]).Sample(
            (traits, terms, day, ordinal, minutes) =>
            {
                var periods = terms.PeriodsFrom(new LocalDate(2025, 1, 1).PlusDays(day));
                var now = periods.Start(ordinal) + Duration.FromMinutes(minutes);
                if (RenewalCalendar.Solve(terms, traits, periods, ordinal, 1, now) is not CycleSolution.Lawful { Plan: var plan })
                    return;
                CalendarRules.Lawful(plan, terms, traits, periods, now).Should().BeNull($"{terms.Law} {terms.QuietHours}");

                // Told when it is planned, or three waking hours later: the charge has its authority from the first to the last moment of its window.
                foreach (var told in (Instant[])[plan.AnnounceAt, terms.QuietHours.NextAwake(plan.AnnounceAt + Duration.FromHours(3), RenewalZones.Get(terms.ZoneId))])
                {
                    if (told > plan.AnnounceBy)
                        continue;
                    Authority(plan, terms.Law, told, plan.MoneyFrom).Should().NotBeNull();
                    Authority(plan, terms.Law, told, plan.MoneyUntil).Should().NotBeNull();
                }

                Authority(plan, terms.Law, plan.MoneyFrom - terms.Law.NoticeLead + Duration.FromHours(1), plan.MoneyFrom).Should().BeNull("an hour too late is too late");
                Interlocked.Increment(ref lawful);
                laws.AddOrUpdate(terms.Law.Name, 1, (_, n) => n + 1);
            },
            iter: 10_000);
        lawful.Should().BeGreaterThan(5_000);
        laws.Should().HaveCount(4).And.OnlyContain(law => law.Value > 500);
    }

    private static ChargeAuthority? Authority(CyclePlan plan, MarketRules law, Instant told, Instant money) =>
        ChargeAuthority.FromNotice(new("n", plan.Ordinal, plan.Amount, plan.MoneyFrom, plan.MoneyUntil, told, "r"), law, plan.Amount, money, money);

    [Fact]
    public void Every_solution_is_lawful_and_every_refusal_has_its_reason()
    {
        var (lawful, none) = (0, 0);
        Gen.Select(Rails, Gen.OneOf(PlanZones), Gen.Int[0, 1500], Gen.Int[2, 20], Gen.Int[-12 * 24 * 60, 31 * 24 * 60]).Sample(
            (traits, zone, day, ordinal, minutes) =>
            {
                var terms = Scenario.Monthly with { ZoneId = zone };
                var anchor = new LocalDate(2025, 1, 1).PlusDays(day);
                var periods = terms.PeriodsFrom(anchor);
                var now = periods.Start(ordinal) + Duration.FromMinutes(minutes);
                if (RenewalCalendar.Solve(terms, traits, periods, ordinal, 1, now) is CycleSolution.Lawful { Plan: var plan })
                {
                    Interlocked.Increment(ref lawful);
                    CalendarRules.Lawful(plan, terms, traits, periods, now).Should().BeNull();
                    plan.NextOpening(now).Should().Be(plan.ChargeFrom);
                    plan.NextOpening(plan.ChargeUntil + Duration.FromSeconds(1)).Should().BeNull();
                }
                else
                {
                    Interlocked.Increment(ref none);
                    (periods.End(ordinal) - now).Should().BeLessThan(Duration.FromDays(8), "with more time left there is a lawful day");
                }
            },
            iter: 10_000);
        lawful.Should().BeGreaterThan(1_000);
        none.Should().BeGreaterThan(100);
    }

    [Fact]
    public void A_renewal_planned_when_it_should_be_is_charged_on_the_first_day_of_its_period() =>
        Gen.Select(Gen.OneOf(Scenario.PreNotice, Scenario.DayLater), Gen.Int[0, 1500], Gen.Int[2, 20]).Sample((traits, day, ordinal) =>
        {
            var anchor = new LocalDate(2025, 1, 1).PlusDays(day);
            var due = Scenario.Monthly.PeriodsFrom(anchor).Start(ordinal);
            var solution = RenewalCalendar.Solve(Scenario.Monthly, traits, Scenario.Monthly.PeriodsFrom(anchor), ordinal, 1, RenewalCalendar.PlanAt(Scenario.Monthly, due));
            return solution is CycleSolution.Lawful { Plan: var plan } && plan.MoneyFrom == due + Duration.FromHours(8);
        });
}
