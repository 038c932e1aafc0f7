using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Host.Sandbox;

namespace Renewals.Host.Demo;

/// <summary>What became of a renewal that came due, by the bank's and the rail's own records.</summary>
internal enum Fate
{
    /// <summary>Paid at the first try.</summary>
    Charged,

    /// <summary>Paid after a decline.</summary>
    Recovered,

    /// <summary>Given up after declines.</summary>
    Lost,

    /// <summary>The member had stopped.</summary>
    Cancelled,

    /// <summary>Under way at the end.</summary>
    Open,

    /// <summary>Long due, not paid, not declined, not stopped.</summary>
    Unexplained,
}

/// <summary>Which renewals of a member came due, and what became of each. By the calendar and the bank alone.</summary>
internal static class DemoPeriods
{
    /// <summary>A renewal is tried for a week, and a new calendar takes another; after that it must have ended somehow.</summary>
    private static readonly Duration UnderWay = Duration.FromDays(14);

    public static IEnumerable<Fate> Of(DemoMember member, DemoEvidence evidence)
    {
        if (evidence.FirstAgreementOf(member.Name) is not { } agreement)
            yield break;
        var zone = RenewalZones.Get(RenewalZones.Shanghai);
        var anchor = agreement.SignedAt.InZone(zone).Date;
        var paid = evidence.Bank.Where(entry => entry.Member == member.Name && entry.Kind == BankEntryKind.Payment).Select(entry => Parse(entry.OrderNumber).Charge).ToHashSet();
        var failed = evidence.Failures.Select(failure => Parse(failure.OrderNumber).Charge).Where(charge => charge.Subscription == member.Id).ToHashSet();
        var story = evidence.Stories.GetValueOrDefault(member.Name);
        for (var ordinal = 2; ; ordinal++)
        {
            var due = anchor.PlusMonths(member.Months * (ordinal - 1)).AtStartOfDayInZone(zone).ToInstant();
            if (due >= evidence.End)
                yield break;
            if (due >= story?.PausedFrom && due < story.PausedUntil)
                continue;
            var charge = new Charge(member.Id, ChargeKind.Renewal, ordinal);
            var fate = paid.Contains(charge) ? (failed.Contains(charge) ? Fate.Recovered : Fate.Charged)
                : Stopped(member, agreement, evidence) is { } stopped && stopped < due + UnderWay ? Fate.Cancelled
                : failed.Contains(charge) && agreement.Mode == TerminationMode.Merchant ? Fate.Lost
                : due + UnderWay > evidence.End ? Fate.Open
                : Fate.Unexplained;
            yield return fate;
            if (fate is not (Fate.Charged or Fate.Recovered or Fate.Unexplained))
                yield break;
        }
    }

    private static Instant? Stopped(DemoMember member, SandboxAgreement agreement, DemoEvidence evidence) =>
        evidence.CancelledWithMerchant.TryGetValue(member.Name, out var cancelled) ? cancelled
        : agreement.Mode == TerminationMode.Member ? agreement.EndedAt
        : null;

    private static OrderNumber Parse(string text) => OrderNumber.TryParse(text, out var order)
        ? order
        : throw new InvalidOperationException($"The bank has an order that is not ours: {text}.");
}
