using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Core.Engine;

/// <summary>The plans that can be sold here. Read when somebody signs and at no other time.</summary>
public sealed class PlanCatalogue
{
    private readonly Dictionary<string, Plan> plans;

    /// <summary>Takes the plans.</summary>
    /// <exception cref="ArgumentException">Two plans share an id, or a price is not positive.</exception>
    public PlanCatalogue(IEnumerable<Plan> plans)
    {
        this.plans = new(StringComparer.Ordinal);
        foreach (var plan in plans)
        {
            if (plan.Price.MinorUnits < 1 || plan.FirstPeriodPrice is { MinorUnits: < 1 })
                throw new ArgumentException($"Plan '{plan.Id}' has a price below one minor unit.", nameof(plans));
            if (plan.FirstPeriodPrice is { } first && first.Currency != plan.Price.Currency)
                throw new ArgumentException($"Plan '{plan.Id}' has prices in two currencies.", nameof(plans));
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

    /// <summary>All of them.</summary>
    internal IReadOnlyCollection<Plan> All => plans.Values;

    /// <summary>The plan of this id.</summary>
    /// <exception cref="CannotSignException">There is none.</exception>
    public Plan Get(string id) => plans.TryGetValue(id, out var plan)
        ? plan
        : throw new CannotSignException($"There is no plan '{id}'; the plans are: {string.Join(", ", plans.Keys.Order(StringComparer.Ordinal))}.");

    /// <summary>The rail's template a plan is sold under.</summary>
    /// <exception cref="CannotSignException">It is not sold there.</exception>
    public static string TemplateOf(Plan plan, MerchantAccount account) => plan.Templates.TryGetValue(account, out var template)
        ? template
        : throw new CannotSignException($"Plan '{plan.Id}' is not sold at {account}; add the rail's template to the plan.");
}

/// <summary>A member cannot sign as asked; the message says what to change. Nothing was stored.</summary>
public sealed class CannotSignException(string message) : Exception(message);
