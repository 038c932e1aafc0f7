using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Host.Sandbox;

namespace Renewals.Host.Demo;

/// <summary>The audit: was everything taken recorded, everything recorded taken, and everything announced?</summary>
internal static class DemoAudit
{
    private static readonly Duration ShortestNotice = Duration.FromHours(120);
    private static readonly Duration LongestNotice = Duration.FromDays(30);
    private static readonly Duration Consent = Duration.FromDays(1);

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
    /// time, not overtaken by a cancel, and told at the rail as the rail wants it. First payments at the cashier, or within a day of signing
    /// under the consent just given, need none.
    /// </summary>
    public static bool IsUnannounced(BankEntry payment, DemoEvidence evidence)
    {
        var agreement = evidence.AgreementOf(payment);
        if (payment.Under == ExecutedUnder.Cashier)
            return false;
        if (agreement is null || !evidence.Rails[payment.Account.Rail].WasAnnouncedAtRail(payment, agreement))
            return true;
        return !(IsOnConsent(payment, agreement) || (WasTold(payment, evidence) && IsStillMember(payment, agreement, evidence)));
    }

    private static bool IsOnConsent(BankEntry payment, SandboxAgreement agreement) =>
        OrderNumber.TryParse(payment.OrderNumber, out var order) && order.Charge.Kind == ChargeKind.First
        && payment.At >= agreement.SignedAt && payment.At - agreement.SignedAt <= Consent;

    private static bool WasTold(BankEntry payment, DemoEvidence evidence) => evidence.ReceiptsByMember[payment.Member].Any(receipt =>
        receipt.Amount.Currency == payment.Amount.Currency && receipt.Amount.MinorUnits >= payment.Amount.MinorUnits
        && payment.At - receipt.HandedOverAt >= ShortestNotice && payment.At - receipt.HandedOverAt <= LongestNotice
        && receipt.MoneyFrom <= payment.At && payment.At <= receipt.MoneyUntil);

    private static bool IsStillMember(BankEntry payment, SandboxAgreement agreement, DemoEvidence evidence) =>
        !(agreement.EndedAt < payment.At)
        && !(evidence.CancelledWithMerchant.TryGetValue(payment.Member, out var cancelled) && cancelled < payment.At);
}
