using System.Text.RegularExpressions;
using NodaTime.Text;
using Renewals.Core.Calendar;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Host.Service;

/// <summary>Makes plans of what was written in the settings.</summary>
internal static partial class PlanReader
{
    /// <summary>The plans.</summary>
    /// <exception cref="CannotRunException">The message names the plan and the setting.</exception>
    /// <param name="settings">As they were written.</param>
    /// <param name="laws">The laws of the settings' own file.</param>
    public static IReadOnlyList<Plan> Read(IEnumerable<PlanSettings> settings, IReadOnlyList<MarketRules> laws)
    {
        var known = LawPacks.Names.Select(LawPacks.Get).Concat(laws).ToDictionary(law => law.Name, StringComparer.Ordinal);
        var plans = settings.Select((plan, index) => Read(plan, index, known)).ToList();
        try
        {
            _ = new PlanCatalogue(plans);
            return OfferReader.FaultBetween(plans) is { } fault ? throw new CannotRunException(fault) : plans;
        }
        catch (ArgumentException e)
        {
            throw new CannotRunException($"Renewals:Plans: {e.Message.Split(" (Parameter")[0]}", e);
        }
    }

    private static Plan Read(PlanSettings plan, int index, Dictionary<string, MarketRules> laws)
    {
        var name = $"Renewals:Plans:{index}";
        Require(plan.Id.Length > 0, $"{name}:Id is missing: give the plan a short name such as 'monthly'.");
        name = $"{name} ('{plan.Id}')";
        Require(plan.Version >= 1, $"{name}: Version is {plan.Version}; it must be 1 or more.");
        Require(plan.Subject.Length > 0, $"{name}: Subject is missing: write what is sold, as the member reads it.");
        Require(plan.Price >= 1, $"{name}: Price is {plan.Price}; it must be 1 or more, in minor units (2500 is 25.00 yuan).");
        Require(plan.FirstPeriodPrice is null or >= 1, $"{name}: FirstPeriodPrice is {plan.FirstPeriodPrice}; it must be 1 or more, or not set.");
        Require(CurrencyCode().IsMatch(plan.Currency), $"{name}: Currency is '{plan.Currency}'; write an ISO code such as CNY.");
        Require(
            CatchUpWords.TryRead(plan.CatchUp, out var catchUp), $"{name}: CatchUp is '{plan.CatchUp}'; write {CatchUpWords.All}.");
        Require(laws.ContainsKey(plan.Law), $"{name}: Law is '{plan.Law}'; write {string.Join(", ", laws.Keys)}.");
        var read = new Plan
        {
            OnSale = plan.OnSale, Law = laws[plan.Law], QuietHours = QuietHoursOf(plan.QuietHours, name),
            Id = plan.Id, Version = plan.Version, Subject = plan.Subject, Interval = IntervalOf(plan.Interval, name), Renews = plan.Renews,
            Price = new Money(plan.Price, plan.Currency), ZoneId = plan.Zone, Templates = TemplatesOf(plan, name), CatchUp = catchUp,
            FirstPeriodPrice = plan.FirstPeriodPrice is { } first ? new Money(first, plan.Currency) : null,
        };
        return OfferReader.Read(read, plan, name);
    }

    /// <summary>Quiet hours in words: two times such as <c>22:00-08:00</c>, or <c>none</c>. Null: neither.</summary>
    internal static QuietHours? QuietHoursIn(string text)
    {
        if (text == "none")
            return QuietHours.None;
        var times = text.Split('-').Select(part => LocalTimePattern.CreateWithInvariantCulture("HH':'mm").Parse(part.Trim())).ToList();
        return times is [{ Success: true }, { Success: true }] && times[0].Value != times[1].Value ? new(times[0].Value, times[1].Value) : null;
    }

    private static QuietHours QuietHoursOf(string text, string name) => QuietHoursIn(text)
        ?? throw new CannotRunException($"{name}: QuietHours is '{text}'; write two times such as 22:00-08:00, or none.");

    private static BillingInterval IntervalOf(string text, string name)
    {
        switch (text.Trim().ToLowerInvariant())
        {
            case "week":
                return new(1, BillingUnit.Week);
            case "half-year":
                return BillingInterval.HalfYearly;
            case "month":
                return BillingInterval.Monthly;
            case "quarter":
                return BillingInterval.Quarterly;
            case "year":
                return BillingInterval.Yearly;
        }

        var counted = CountAndUnit().Match(text);
        Require(
            counted.Success,
            $"{name}: Interval is '{text}'; write week, month, quarter, half-year, year, or a count and a unit such as '10 days', '6 months' or '2 years'.");
        return new BillingInterval(int.Parse(counted.Groups[1].Value), Enum.Parse<BillingUnit>(counted.Groups[2].Value, ignoreCase: true));
    }

    private static Dictionary<MerchantAccount, string> TemplatesOf(PlanSettings plan, string name)
    {
        var templates = plan.Templates.SelectMany(rail => rail.Value.Select(number => (Account: new MerchantAccount(rail.Key, number.Key), number.Value)))
            .ToDictionary(pair => pair.Account, pair => pair.Value);
        Require(
            templates.Count > 0 && templates.Values.All(template => template.Length > 0),
            $$"""{{name}}: Templates is missing: name the rail's template by merchant account, such as { "wechat:1900000109": "12535" }.""");
        return templates;
    }

    private static void Require(bool holds, string sentence)
    {
        if (!holds)
            throw new CannotRunException(sentence);
    }

    // Two digits are enough for anything sold; a longer number is a slip.
    [GeneratedRegex("^ *([1-9][0-9]?) +(day|week|month|year)s? *$", RegexOptions.IgnoreCase)]
    private static partial Regex CountAndUnit();

    [GeneratedRegex("^[A-Z]{3}$")]
    private static partial Regex CurrencyCode();
}
