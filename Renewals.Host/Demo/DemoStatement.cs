using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Host.Sandbox;

namespace Renewals.Host.Demo;

/// <summary>The demo's figures. Unit: renewal charges; <c>PeriodsDue = Charged + LostToDunning + Cancelled + Open</c>.</summary>
/// <remarks>
/// Made from the bank's ledger, the rail's contracts and the notifier's receipts, without any decision or fold of the engine; then compared
/// with the engine's events, order by order.
/// </remarks>
/// <param name="Subscribers">Members who signed.</param>
/// <param name="Months">Months that passed.</param>
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
/// <param name="Seconds">How long it took, start of the database included.</param>
internal sealed record DemoStatement(
    int Subscribers, int Months, int PeriodsDue, int Charged, int Recovered, int LostToDunning, int Cancelled, int Open, int FirstPayments, int Notices,
    int PaidTwice, int Mismatched, int Unannounced, double Seconds)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsClean => PaidTwice == 0 && Mismatched == 0 && Unannounced == 0;

    public static DemoStatement From(DemoEvidence evidence, DemoOptions options, TimeSpan took)
    {
        var payments = evidence.Bank.Where(entry => entry.Kind == BankEntryKind.Payment).ToList();
        var fates = evidence.Members.SelectMany(member => DemoPeriods.Of(member, evidence)).ToList();
        int Count(Fate fate) => fates.Count(other => other == fate);
        return new(
            options.Subscribers, options.Months, fates.Count, Count(Fate.Charged) + Count(Fate.Recovered), Count(Fate.Recovered), Count(Fate.Lost),
            Count(Fate.Cancelled), Count(Fate.Open) + Count(Fate.Unexplained), payments.DistinctBy(ChargeOf).Count(entry => KindOf(entry) == ChargeKind.First),
            evidence.ReceiptsByMember.Sum(receipts => receipts.Count()), payments.GroupBy(ChargeOf).Count(group => group.Count() > 1),
            DemoAudit.Mismatched(evidence) + Count(Fate.Unexplained), payments.Count(payment => DemoAudit.IsUnannounced(payment, evidence)),
            Math.Round(took.TotalSeconds, 1));
    }

    private static Charge ChargeOf(BankEntry entry) => OrderNumber.TryParse(entry.OrderNumber, out var order)
        ? order.Charge
        : throw new InvalidOperationException($"The bank has an order that is not ours: {entry.OrderNumber}.");

    private static ChargeKind KindOf(BankEntry entry) => ChargeOf(entry).Kind;
}
