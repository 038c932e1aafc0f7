using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Renewals.Core.Calendar;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.Alipay;

namespace Renewals.Tests.Gateways.Alipay;

public sealed partial class VectorTests
{
    private static int RunPlans(string file)
    {
        var vector = Samples.Vector(file);
        var rule = Samples.Options().Traits().Plan!;
        return ForEach(vector.GetProperty("illegal_rules"), RunIllegalRule)
            + vector.GetProperty("plans").EnumerateArray().Sum(plan => RunPeriods(plan, rule))
            + ForEach(vector.GetProperty("attempts"), test => RunAttempt(test, rule))
            + vector.GetProperty("sequences").EnumerateArray().Sum(sequence => RunSequence(sequence, rule));
    }

    /// <summary>What the rail would refuse is not offered for signing.</summary>
    private static void RunIllegalRule(JsonElement test)
    {
        var illegal = test.GetProperty("rule");
        var unit = illegal.Text("period_type") switch { "MONTH" => BillingUnit.Month, "DAY" => BillingUnit.Day, _ => (BillingUnit?)null };
        if (unit is not { } counted)
        {
            // There is no such word in any of our messages.
            Enum.GetValues<BillingUnit>().Select(each => AlipaySigningMessages.PeriodOf(new(1, each)).Type).Should().NotContain(illegal.Text("period_type"));
            return;
        }

        var plan = new SigningPlan(
            new(illegal.GetProperty("period").GetInt32(), counted),
            illegal.TryGetProperty("single_amount", out _) ? Money.Cny(0) : Money.Cny(100), Date(illegal, "execute_time"));
        var signing = new AlipaySigning(Samples.Options(), new AlipaySealer(Samples.Options()));
        signing.Start(Samples.Signing(SigningScene.App) with { Plan = plan }).Should().BeOfType<SigningAnswer.Refused>(test.Text("why"));
    }

    private static int RunPeriods(JsonElement plan, RailPlanRule rule)
    {
        var first = Date(plan.GetProperty("rule"), "execute_time");
        return ForEach(plan.GetProperty("periods"), period =>
        {
            var date = Date(period, "execute_time");
            Next(plan.GetProperty("rule"), first, period.GetProperty("period").GetInt32() - 1).Should().Be(date);
            var window = period.GetProperty("window").EnumerateArray().Select(day => AlipayWire.TryDate(day.GetString()!)!.Value).ToList();
            RailPlanDates.FirstDay(rule, date).Should().Be(window[0]);
            (RailPlanDates.Holds(rule, date, window[0]), RailPlanDates.Holds(rule, date, window[1])).Should().Be((true, true));
            (RailPlanDates.Holds(rule, date, window[0].PlusDays(-1)), RailPlanDates.Holds(rule, date, window[1].PlusDays(1)))
                .Should().Be((false, false));
        });
    }

    /// <summary>A refused step is explained by the window or by a code the verdicts know; a move is one the adapter would send.</summary>
    private static int RunSequence(JsonElement sequence, RailPlanRule rule)
    {
        var next = Date(sequence.GetProperty("rule"), "execute_time");
        return ForEach(sequence.GetProperty("steps"), step =>
        {
            var result = step.Text("result");
            if (step.Text("do") == "modify")
            {
                var to = Date(step, "deduct_time");
                (to > next && to.Day <= rule.LastDayOfMonth).Should().Be(result == "success");
                next = result == "success" ? to : next;
            }
            else if (result == "ACQ.CYCLE_PAY_DATE_NOT_MATCH")
            {
                RailPlanDates.Holds(rule, next, Date(step, "on")).Should().BeFalse();
            }
            else
            {
                RailPlanDates.Holds(rule, next, Date(step, "on")).Should().BeTrue();
                next = result == "success" ? Next(sequence.GetProperty("rule"), next, 1) : next;
                (result == "success" || AlipayCodes.ReasonOf(result) is not null).Should().BeTrue(result);
            }

            if (step.TryGetProperty("next_deduct_time", out var stated))
                next.Should().Be(AlipayWire.TryDate(stated.GetString()!)!.Value);
        });
    }

    private static void RunAttempt(JsonElement test, RailPlanRule rule)
    {
        var day = InstantPattern.General.Parse(test.Text("at_utc")).Value.InZone(RenewalZones.Get(RenewalZones.Shanghai)).Date;
        RailPlanDates.Holds(rule, Date(test, "next_deduct_time"), day).Should().Be(test.GetProperty("allowed").GetBoolean(), test.Text("id"));
    }

    private static LocalDate Next(JsonElement rule, LocalDate from, int periods) => rule.Text("period_type") == "MONTH"
        ? new BillingInterval(rule.GetProperty("period").GetInt32(), BillingUnit.Month).After(from, periods)
        : from.PlusDays(rule.GetProperty("period").GetInt32() * periods);

    private static LocalDate Date(JsonElement element, string name) => AlipayWire.TryDate(element.Text(name))!.Value;
}
