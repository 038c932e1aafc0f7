using System.Text.Json;
using Renewals.Core.Plans;

namespace Renewals.Host.Service;

/// <summary>Reads what a plan offers, and coupons.</summary>
internal static class OfferReader
{
    /// <summary>The plan with what it offers.</summary>
    /// <exception cref="CannotRunException">The message names the plan and the setting.</exception>
    public static Plan Read(Plan plan, PlanSettings settings, string name)
    {
        Money Of(long minorUnits) => new(minorUnits, settings.Currency);
        var offering = plan with
        {
            Offers = settings.Offers.Count == 0 ? null : new([.. settings.Offers.Select(offer => new PricePhase(offer.Through, Of(offer.Price)))]),
            AddOns = settings.AddOns.Count == 0 ? null : new([.. settings.AddOns.Select(addOn => new AddOn(addOn.Id, addOn.Subject, Of(addOn.Price), addOn.Most))]),
            OffersForNewMembers = settings.OffersForNewMembers, TrialDays = settings.TrialDays, GraceDays = settings.GraceDays, WithdrawalDays = settings.WithdrawalDays,
            Ceiling = settings.Ceiling is { } ceiling ? Of(ceiling) : null, StepDownPlan = settings.StepDownPlan,
            PriceSilence = Word<PriceSilence>(settings.PriceSilence, $"{name}: PriceSilence"), OnDispute = Word<DisputeRule>(settings.OnDispute, $"{name}: OnDispute"),
        };
        if (settings.AddOns.FirstOrDefault(addOn => addOn.Id.Length == 0 || addOn.Subject.Length == 0 || addOn.Most < 1) is { } unnamed)
            throw new CannotRunException($"{name}: the add-on '{unnamed.Id}' needs an Id, a Subject and a Most of 1 or more.");
        if (settings.Offers.FirstOrDefault(offer => offer.Through < 1) is { } never)
            throw new CannotRunException($"{name}: an offer ends with period {never.Through}; its Through is 1 or more.");
        return settings.TrialDays > MostTrialDays
            ? throw new CannotRunException($"{name}: TrialDays is {settings.TrialDays}; at most {MostTrialDays}.")
            : offering;
    }

    /// <summary>The coupons.</summary>
    /// <exception cref="CannotRunException">The message names the coupon.</exception>
    public static IReadOnlyList<Coupon> Coupons(IEnumerable<CouponSettings> settings, IReadOnlyList<Plan> plans)
    {
        var coupons = settings.Select(coupon => new Coupon(
            coupon.Code, coupon.Periods, coupon.PercentOff, coupon.AmountOff is { } off ? new(off, coupon.Currency) : null) { Plans = [.. coupon.Plans], ForNewMembers = coupon.ForNewMembers }).ToList();
        foreach (var coupon in coupons)
        {
            if ((coupon.Fault ?? coupon.Plans.Where(id => plans.All(plan => plan.Id != id)).Select(id => $"Coupon '{coupon.Code}' is for plan '{id}', which is not there.").FirstOrDefault()) is { } fault)
                throw new CannotRunException($"Renewals:Coupons: {fault}");
        }

        return coupons.GroupBy(coupon => coupon.Code, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new CannotRunException($"Renewals:Coupons: two coupons are called '{twice.Key}'.")
            : coupons;
    }

    /// <summary>What is wrong between plans, in a sentence; null: nothing.</summary>
    public static string? FaultBetween(IReadOnlyList<Plan> plans) =>
        plans.FirstOrDefault(plan => plan.StepDownPlan is { } id && plans.All(other => other.Id != id || other.Id == plan.Id)) is { } lost
            ? $"Renewals:Plans: plan '{lost.Id}' steps down to '{lost.StepDownPlan}', which is no other plan here."
            : null;

    // A trial longer than a year is a slip.
    private const int MostTrialDays = 366;

    private static T Word<T>(string text, string name)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()) == text)
                return value;
        }

        throw new CannotRunException($"{name} is '{text}'; write {string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName))}.");
    }
}
