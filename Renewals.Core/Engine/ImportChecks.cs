using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>What a line of an import must hold by itself, before anything of the ledger is looked at.</summary>
internal sealed class ImportChecks(ImportSettings settings, PlanCatalogue plans, RenewalsOptions options)
{
    // Further back than the statements that are read, what was paid is not known.
    private const int PeriodsAhead = 2;

    // Names the ids of everything that was ever imported; another one would import everything twice.
    private static readonly Guid Names = new("6d6f7669-6e67-8000-8000-696e0000d001");

    private readonly Dictionary<string, (Plan? Plan, string Template, string? Fault)> known = new(StringComparer.Ordinal);

    // 8 bytes of a hash for each line: two lines of a million meet by chance once in 30 million imports.
    private readonly HashSet<ulong> agreements = [];
    private readonly HashSet<ulong> members = [];

    /// <summary>
    /// A new batch. What is written is found again in vault and book, so that memory does not grow with the file; where lines are only checked, earlier ones
    /// are remembered, some 90 bytes a line.
    /// </summary>
    public void BeginBatch()
    {
        if (settings.ChecksOnly)
            return;
        agreements.Clear();
        members.Clear();
    }

    /// <summary>The membership a line makes, or why it makes none.</summary>
    public (Candidate? Candidate, string? Why) Check(ImportLine line)
    {
        var (plan, template, fault) = PlanOf(line.PlanId);
        if (plan is null || fault is not null)
            return (null, fault);
        if (FaultOf(line, plan) is { } why)
            return (null, why);
        var key = line.InVault is { } reference ? $"vault:{reference}" : line.RailAgreementId!;
        if (!agreements.Add(Hash(key)))
            return (null, "the agreement stands in an earlier line too; one agreement serves one membership");
        if (!members.Add(Hash($"{line.Member}\n{template}")))
            return (null, $"the member has an earlier line of a plan under template {template} too; two memberships would both be charged");
        var terms = plans.TermsOf(plan, settings.Account.Rail, new() { Price = PriceOf(line, plan) }, options, null, isNew: false);
        var id = new SubscriptionId(EventIds.Named(Names, $"{settings.Account}\n{line.Member}\n{key}"));
        return (new(line, id, line.InVault ?? new(EventIds.Named(id.Value, "agreement/1")), template, terms, FingerprintOf(line, plan)), null);
    }

    private (Plan? Plan, string Template, string? Fault) PlanOf(string id)
    {
        if (known.TryGetValue(id, out var found))
            return found;
        (Plan?, string, string?) looked;
        try
        {
            var plan = plans.Get(id);
            looked = (plan, PlanCatalogue.TemplateOf(plan, settings.Account), plan.Renews ? null : $"plan '{id}' does not renew; there is nothing to take over");
        }
        catch (CannotSignException e)
        {
            looked = (null, "", e.Message);
        }

        // Names of plans that do not exist come from the file: not more of them are remembered than there can be plans.
        if (known.Count < 1_000)
            known[id] = looked;
        return looked;
    }

    private string? FaultOf(ImportLine line, Plan plan)
    {
        var (today, back) = (settings.CutOver.InZone(RenewalZones.Get(plan.ZoneId)).Date, OldOrders.DaysBefore);
        var price = PriceOf(line, plan);
        if (price.Currency != plan.Price.Currency)
            return $"the price is in {price.Currency}, plan '{plan.Id}' is sold in {plan.Price.Currency}";
        if (price.MinorUnits < 1)
            return $"the price is {price}; it must be 1 minor unit or more";
        if (price > plan.Price)
            return $"the price is {price}, above the plan's {plan.Price}: the agreement was signed for no more";
        if (line.Anchor.Year is < 2000 or > 2100)
            return $"the anchor {line.Anchor:uuuu-MM-dd} is not between 2000 and 2100";
        if (line.PaidUntil < line.Anchor)
            return $"paid until {line.PaidUntil:uuuu-MM-dd} lies before the anchor {line.Anchor:uuuu-MM-dd}";
        if (line.PaidUntil < today.PlusDays(-back))
            return $"paid until {line.PaidUntil:uuuu-MM-dd} lies more than {back} days before the cut-over, further back than statements are read: the membership has lapsed, let the member sign anew";
        if (line.PaidUntil > plan.Interval.After(today, PeriodsAhead))
            return $"paid until {line.PaidUntil:uuuu-MM-dd} lies more than {PeriodsAhead} periods after the cut-over";
        return BoundaryFault(line, plan);
    }

    private static string? BoundaryFault(ImportLine line, Plan plan)
    {
        var terms = plan.Interval;
        if (PaidPeriods(line, plan) is { } paid)
            return paid < OrderNumber.MaxOrdinal - 1 ? null : "more periods were paid than can be counted; choose a later anchor";
        var next = 1;
        while (terms.After(line.Anchor, next) < line.PaidUntil)
            next++;
        return $"paid until {line.PaidUntil:uuuu-MM-dd} is no first day of a period from {line.Anchor:uuuu-MM-dd}; the nearest are {terms.After(line.Anchor, next - 1):uuuu-MM-dd} and " +
            $"{terms.After(line.Anchor, next):uuuu-MM-dd}. Where the days were moved, write the next due day as both";
    }

    private static int? PaidPeriods(ImportLine line, Plan plan) => Decide.PaidPeriods(plan.Interval, line.Anchor, line.PaidUntil);

    private static Money PriceOf(ImportLine line, Plan plan) => new(line.Price, line.Currency ?? plan.Price.Currency);

    // What may not differ when the line comes again; the member and the agreement are in the id.
    private static string FingerprintOf(ImportLine line, Plan plan) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{line.PlanId}\n{line.Anchor:uuuu-MM-dd}\n{line.PaidUntil:uuuu-MM-dd}\n{PriceOf(line, plan)}")).AsSpan(0, 8));

    private static ulong Hash(string text) => BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <summary>The membership a line makes.</summary>
internal sealed record Candidate(ImportLine Line, SubscriptionId Id, AgreementId Agreement, string Template, Terms Terms, string Fingerprint)
{
    /// <summary>The command that begins it.</summary>
    public SubscriptionCommand.Import Command(ImportSettings settings, Instant askAt, Instant statementsAt) => new(
        Id, Line.Member, settings.Account, Agreement, Template, Terms, Line.Anchor, Line.PaidUntil, settings.CutOver, askAt, statementsAt, Fingerprint);
}
