using NodaTime;
using Renewals.Core.Plans;
using Renewals.Host.Sandbox;

namespace Renewals.Host.Demo;

/// <summary>The audit: was everything taken recorded, everything recorded taken, and everything announced?</summary>
internal static class DemoAudit
{
    private static readonly Duration ShortestNotice = Duration.FromHours(120);
    private static readonly Duration LongestNotice = Duration.FromDays(30);

    /// <summary>Orders on which bank and events differ: in existence, amount, currency, or what went back.</summary>
    public static int Mismatched(DemoEvidence evidence)
    {
        // A second booking of an order is counted as paid twice, not here.
        var taken = evidence.Bank.Where(entry => entry.Kind == BankEntryKind.Payment).DistinctBy(entry => entry.OrderNumber)
            .ToDictionary(entry => entry.OrderNumber, entry => entry.Amount, StringComparer.Ordinal);
        var givenBack = evidence.Bank.Where(entry => entry.Kind == BankEntryKind.Refund).GroupBy(entry => entry.OrderNumber)
            .ToDictionary(group => group.Key, group => group.Sum(entry => entry.Amount.MinorUnits), StringComparer.Ordinal);
        return taken.Keys.Union(givenBack.Keys).Union(evidence.Recorded.Keys).Count(order =>
        {
            var recorded = evidence.Recorded.GetValueOrDefault(order);
            Money? atBank = taken.TryGetValue(order, out var amount) ? amount : null;
            return atBank != recorded?.Taken || givenBack.GetValueOrDefault(order) != (recorded?.Refunded ?? 0);
        });
    }

    /// <summary>
    /// Whether money was taken without a notice that was handed over 120 hours to 30 days before, in the same currency, for not less, for this
    /// time, not overtaken by a cancel, and with a notice at the rail that was valid then. Payments under signing consent and at the cashier need none.
    /// </summary>
    public static bool IsUnannounced(BankEntry payment, DemoEvidence evidence) =>
        payment.Under is not (ExecutedUnder.FirstChargeException or ExecutedUnder.Cashier)
        && !(WasTold(payment, evidence) && IsStillMember(payment, evidence) && WasAnnouncedAtRail(payment, evidence));

    private static bool WasTold(BankEntry payment, DemoEvidence evidence) => evidence.ReceiptsByMember[payment.Member].Any(receipt =>
        receipt.Amount.Currency == payment.Amount.Currency && receipt.Amount.MinorUnits >= payment.Amount.MinorUnits
        && payment.At - receipt.HandedOverAt >= ShortestNotice && payment.At - receipt.HandedOverAt <= LongestNotice
        && receipt.MoneyFrom <= payment.At && payment.At <= receipt.MoneyUntil);

    private static bool IsStillMember(BankEntry payment, DemoEvidence evidence) =>
        evidence.ContractsByMember[payment.Member] is var contract && !(contract.TerminatedAt < payment.At)
        && !(evidence.CancelledWithMerchant.TryGetValue(payment.Member, out var cancelled) && cancelled < payment.At);

    private static bool WasAnnouncedAtRail(BankEntry payment, DemoEvidence evidence)
    {
        var zone = RenewalZones.Get(RenewalZones.Shanghai);
        var day = payment.At.InZone(zone).Date;
        return evidence.RailNoticesByContract[evidence.ContractsByMember[payment.Member].Id].Any(notice =>
        {
            var noticeDay = notice.At.InZone(zone).Date;
            return notice.Accepted && notice.Amount.Currency == payment.Amount.Currency && notice.Amount.MinorUnits >= payment.Amount.MinorUnits
                && day >= noticeDay.PlusDays(2) && day <= noticeDay.PlusDays(8);
        });
    }
}
