using Renewals.Core.Calendar;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Core.Engine;

/// <summary>The plans that can be sold here. Read when somebody signs and at no other time.</summary>
public sealed class PlanCatalogue
{
    private readonly Dictionary<string, Plan> plans;
    private readonly Dictionary<string, Coupon> coupons = new(StringComparer.Ordinal);

    /// <summary>Takes plans and coupons.</summary>
    /// <exception cref="ArgumentException">Two share a name, or one makes no sense; the message says which.</exception>
    public PlanCatalogue(IEnumerable<Plan> plans, IEnumerable<Coupon>? coupons = null)
    {
        foreach (var coupon in coupons ?? [])
        {
            if (coupon.Fault is { } wrong)
                throw new ArgumentException(wrong, nameof(coupons));
            if (!this.coupons.TryAdd(coupon.Code, coupon))
                throw new ArgumentException($"Two coupons are called '{coupon.Code}'.", nameof(coupons));
        }

        this.plans = new(StringComparer.Ordinal);
        foreach (var plan in plans)
        {
            if (plan.Fault is { } fault)
                throw new ArgumentException(fault, nameof(plans));
            RenewalZones.Get(plan.ZoneId);
            if (!this.plans.TryAdd(plan.Id, plan))
                throw new ArgumentException($"Two plans are called '{plan.Id}'.", nameof(plans));
        }
    }

    /// <summary>What a host cannot keep of its plans, in a sentence; null: it can keep all.</summary>
    /// <param name="traits">The rail of an account; null: the account is not served here.</param>
    internal string? FaultAt(Func<MerchantAccount, Calendar.RailTraits?> traits) => plans.Values
        .SelectMany(plan => plan.Templates.Keys.Select(account => traits(account) is { } rail ? FaultOf(plan.Id, plan.CatchUp, account, rail) : null))
        .FirstOrDefault(fault => fault is not null);

    /// <summary>Why missed periods cannot be dealt with so at a rail; null: they can.</summary>
    internal static string? FaultOf(string plan, CatchUpPolicy policy, MerchantAccount account, Calendar.RailTraits rail) =>
        policy == CatchUpPolicy.OldestFirst && !rail.SeveralSuccessesPerPeriod
            ? $"Plan '{plan}' charges missed periods late (oldest-first), and {account} takes one success a period: choose another CatchUp, or do not sell the plan there."
            : null;

    /// <summary>Why an amount is none of an account's: nothing there is sold in its currency; null: something is, or nothing is sold there.</summary>
    internal string? FaultOf(MerchantAccount account, Money amount) =>
        plans.Values.Where(plan => plan.Templates.ContainsKey(account)).Select(plan => plan.Price.Currency).Distinct().Order(StringComparer.Ordinal).ToList() is { Count: > 0 } sold
        && !sold.Contains(amount.Currency)
            ? $"{amount} is in another currency than the plans of {account}: {string.Join(", ", sold)}."
            : null;

    /// <summary>All of them.</summary>
    internal IReadOnlyCollection<Plan> All => plans.Values;

    /// <summary>The plan of this id.</summary>
    /// <exception cref="CannotSignException">There is none.</exception>
    public Plan Get(string id) => plans.TryGetValue(id, out var plan)
        ? plan
        : throw new CannotSignException($"There is no plan '{id}'; the plans are: {string.Join(", ", plans.Keys.Order(StringComparer.Ordinal))}.");

    /// <summary>The plan of this id, for somebody who does not have it yet.</summary>
    /// <exception cref="CannotSignException">There is none, or it is not on sale any more.</exception>
    public Plan GetOnSale(string id) => Get(id) is { OnSale: true } plan
        ? plan
        : throw new CannotSignException($"Plan '{id}' is not on sale any more: choose another plan, or set its OnSale to true. Members who have it keep it.");

    /// <summary>The terms of one membership on a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="rail">Where it is charged.</param>
    /// <param name="wish">What it has besides the plan.</param>
    /// <param name="options">Law and dunning where the plan names none.</param>
    /// <param name="quiet">The member's own quiet hours; null: the plan's.</param>
    /// <param name="isNew">True: offers, trial and coupon count from period 1. False: an existing membership changes to it, at its full price.</param>
    /// <exception cref="CannotSignException">A coupon or an add-on is unknown, or is not for this plan.</exception>
    public Terms TermsOf(Plan plan, string rail, TermsWish wish, RenewalsOptions options, QuietHours? quiet, bool isNew)
    {
        var terms = plan.Resolve(options.Law, options.Dunning, quiet, rail);
        if (wish.Price is { } price)
            terms = Checked(plan, price) is { } own ? terms with { Price = own, FirstPeriodPrice = own, Offers = null } : terms;
        if (!isNew)
            terms = WithoutOffers(terms);
        return terms with
        {
            AddOns = wish.AddOns.Count == 0 ? null : new([.. wish.AddOns.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => AddOnOf(plan, pair.Key, pair.Value))]),
            Coupon = wish.Coupon is { } code ? new(CouponOf(plan, code, isNew), isNew ? 1 : 0) : null,
        };
    }

    /// <summary>The terms as they are for who had a membership before.</summary>
    /// <exception cref="CannotSignException">The coupon is for new members.</exception>
    public static Terms ForKnownMember(Plan plan, Terms terms) => terms.Coupon is { Coupon: { ForNewMembers: true } coupon } ? throw NotNew(coupon)
        : plan.OffersForNewMembers ? WithoutOffers(terms)
        : terms;

    private static Terms WithoutOffers(Terms terms) => terms with { FirstPeriodPrice = terms.Price, Offers = null, TrialDays = 0 };

    private static CannotSignException NotNew(Coupon coupon) => new($"Coupon '{coupon.Code}' is for who never had a membership.");

    private static Money? Checked(Plan plan, Money price) => price.Currency == plan.Price.Currency && price.MinorUnits >= 1
        ? price
        : throw new CannotSignException($"The price {price} is none of plan '{plan.Id}': at least one minor unit of {plan.Price.Currency}.");

    private static AddOn AddOnOf(Plan plan, string id, int quantity)
    {
        var sold = plan.AddOns?.Items.FirstOrDefault(item => item.Id == id)
            ?? throw new CannotSignException($"Plan '{plan.Id}' has no add-on '{id}'; it has: {string.Join(", ", plan.AddOns?.Items.Select(item => item.Id) ?? [])}.");
        return quantity >= 1 && quantity <= sold.Quantity
            ? sold with { Quantity = quantity }
            : throw new CannotSignException($"Of add-on '{id}' of plan '{plan.Id}' 1 to {sold.Quantity} are sold, not {quantity}.");
    }

    private Coupon CouponOf(Plan plan, string code, bool isNew) =>
        !coupons.TryGetValue(code, out var coupon) ? throw new CannotSignException($"There is no coupon '{code}'.")
        : coupon.ForNewMembers && !isNew ? throw NotNew(coupon)
        : coupon.Plans.Count > 0 && !coupon.Plans.Contains(plan.Id) ? throw new CannotSignException($"Coupon '{code}' is not for plan '{plan.Id}'; it is for: {string.Join(", ", coupon.Plans)}.")
        : coupon.AmountOff is { } off && off.Currency != plan.Price.Currency ? throw new CannotSignException($"Coupon '{code}' is in {off.Currency}, plan '{plan.Id}' in {plan.Price.Currency}.")
        : coupon;

    /// <summary>The rail's template a plan is sold under.</summary>
    /// <exception cref="CannotSignException">It is not sold there.</exception>
    public static string TemplateOf(Plan plan, MerchantAccount account) => plan.Templates.TryGetValue(account, out var template)
        ? template
        : throw new CannotSignException($"Plan '{plan.Id}' is not sold at {account}; add the rail's template to the plan.");
}

/// <summary>A member cannot sign as asked; the message says what to change. Nothing was stored.</summary>
public sealed class CannotSignException(string message) : Exception(message);
