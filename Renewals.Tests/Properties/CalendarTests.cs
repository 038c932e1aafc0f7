using CsCheck;
using NodaTime;
using Renewals.Core.Calendar;
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
