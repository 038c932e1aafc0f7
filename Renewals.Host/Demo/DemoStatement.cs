using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Host.Sandbox;

namespace Renewals.Host.Demo;

/// <summary>The figures of one rail, or of all. Unit: renewal charges; <c>PeriodsDue = Charged + LostToDunning + Cancelled + Open</c>.</summary>
/// <param name="Subscribers">Members who signed.</param>
/// <param name="PeriodsDue">Renewals that came due.</param>
/// <param name="Charged">Renewals paid at the bank.</param>
/// <param name="Recovered">Those of them that had been declined before.</param>
/// <param name="LostToDunning">Renewals given up after the last try.</param>
/// <param name="Cancelled">Renewals that fell away because the member had stopped.</param>
/// <param name="Open">Renewals under way at the end.</param>
/// <param name="FirstPayments">First periods paid at the bank.</param>
/// <param name="Notices">Notices handed over to members.</param>
/// <param name="PaidTwice">Charges with more than one success at the bank.</param>
/// <param name="Mismatched">Differences between bank and events, in both directions, and renewals nobody can account for.</param>
/// <param name="Unannounced">Orders taken without a valid notice.</param>
internal record DemoFigures(
    int Subscribers, int PeriodsDue, int Charged, int Recovered, int LostToDunning, int Cancelled, int Open, int FirstPayments, int Notices,
    int PaidTwice, int Mismatched, int Unannounced)
{
    /// <summary>Whether the three promises were kept.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsClean => PaidTwice == 0 && Mismatched == 0 && Unannounced == 0;

    public static DemoFigures From(DemoEvidence evidence)
    {
        var payments = evidence.Bank.Where(entry => entry.Kind == BankEntryKind.Payment).ToList();
        var fates = evidence.Members.SelectMany(member => DemoPeriods.Of(member, evidence)).ToList();
        int Count(Fate fate) => fates.Count(other => other == fate);
        return new(
            evidence.Members.Count, fates.Count, Count(Fate.Charged) + Count(Fate.Recovered), Count(Fate.Recovered), Count(Fate.Lost),
            Count(Fate.Cancelled), Count(Fate.Open) + Count(Fate.Unexplained),
            payments.DistinctBy(ChargeOf).Count(entry => ChargeOf(entry).Kind == ChargeKind.First),
            evidence.ReceiptsByMember.Sum(receipts => receipts.Count()), payments.GroupBy(ChargeOf).Count(group => group.Count() > 1),
            DemoAudit.Mismatched(evidence) + Count(Fate.Unexplained), payments.Count(payment => DemoAudit.IsUnannounced(payment, evidence)));
    }

    private static Charge ChargeOf(BankEntry entry) => OrderNumber.TryParse(entry.OrderNumber, out var order)
        ? order.Charge
        : throw new InvalidOperationException($"The bank has an order that is not ours: {entry.OrderNumber}.");
}

/// <summary>The demo's statement: the figures of all rails, and of each.</summary>
/// <remarks>
/// Made from the bank's ledger, the rails' agreements and the notifier's receipts, without any decision or fold of the engine; then compared
/// with the engine's events, order by order.
/// </remarks>
internal sealed record DemoStatement : DemoFigures
{
    private DemoStatement(DemoFigures all)
        : base(all)
    {
    }

    /// <summary>Months that passed.</summary>
    [System.Text.Json.Serialization.JsonPropertyOrder(1)]
    public required int Months { get; init; }

    /// <summary>The figures of each rail, by its name.</summary>
    [System.Text.Json.Serialization.JsonPropertyOrder(1)]
    public required IReadOnlyDictionary<string, DemoFigures> Rails { get; init; }

    /// <summary>How long it took, start of the database included.</summary>
    [System.Text.Json.Serialization.JsonPropertyOrder(1)]
    public required double Seconds { get; init; }

    /// <summary>Members who did more than renew, in their own words.</summary>
    [System.Text.Json.Serialization.JsonPropertyOrder(2)]
    public IReadOnlyList<ToldStory> Stories { get; init; } = [];

    public static DemoStatement From(DemoEvidence evidence, DemoOptions options, TimeSpan took) => new(DemoFigures.From(evidence))
    {
        Months = options.Months,
        Rails = options.Rails.ToDictionary(rail => rail, rail => DemoFigures.From(evidence.Of(rail)), StringComparer.Ordinal),
        Seconds = Math.Round(took.TotalSeconds, 1),
    };
}
