using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Host.Sandbox;
using Renewals.Host.Demo.Rails;

namespace Renewals.Host.Demo;

/// <summary>What our events say of one order.</summary>
/// <param name="Taken">What was recorded as taken.</param>
/// <param name="Refunded">What was recorded as given back, in minor units.</param>
internal sealed record RecordedOrder(Money? Taken, long Refunded);

/// <summary>An agreement, and where it is signed.</summary>
internal sealed record HeldAgreement(MerchantAccount Account, SandboxAgreement Agreement);

/// <summary>Both sides of the end statement, read and not judged: the bank, the rail and the notifier here, our events there.</summary>
internal sealed record DemoEvidence(
    IReadOnlyList<DemoMember> Members, IReadOnlyList<BankEntry> Bank, IReadOnlyList<FailedAttempt> Failures,
    ILookup<string, HeldAgreement> AgreementsByMember, IReadOnlyDictionary<string, DemoRail> Rails,
    ILookup<string, NoticeReceipt> ReceiptsByMember, IReadOnlyDictionary<string, Instant> CancelledWithMerchant,
    IReadOnlyDictionary<string, RecordedOrder> Recorded, IReadOnlyDictionary<string, DemoStory> Stories, Instant End)
{
    public static async Task<DemoEvidence> GatherAsync(
        DemoWorld world, IEnumerable<NoticeReceipt> receipts, IReadOnlyList<DemoMember> members, IReadOnlyDictionary<string, Instant> cancelled,
        IReadOnlyList<DemoStory> stories, Instant end,
        CancellationToken cancellation)
    {
        Dictionary<string, RecordedOrder> recorded = new(StringComparer.Ordinal);
        foreach (var member in members)
        {
            foreach (var e in await world.Ledger.ReadEventsAsync(member.Id, cancellation))
                Note(recorded, e);
        }

        return new(
            members, world.Sandbox.Bank.Entries, world.Sandbox.Bank.FailedAttempts,
            world.Sandbox.Rails.SelectMany(rail => rail.Agreements.Select(agreement => new HeldAgreement(rail.Account, agreement)))
                .OrderBy(held => held.Agreement.SignedAt).ToLookup(held => held.Agreement.Member, StringComparer.Ordinal), world.Rails,
            receipts.ToLookup(receipt => receipt.Member, StringComparer.Ordinal), cancelled, recorded,
            stories.ToDictionary(story => story.Member.Name, StringComparer.Ordinal), end);
    }

    /// <summary>The agreement a member began with; null: none was signed.</summary>
    public SandboxAgreement? FirstAgreementOf(string member) => AgreementsByMember[member].FirstOrDefault()?.Agreement;

    /// <summary>The agreement a payment was made under; null: the member has none there.</summary>
    public SandboxAgreement? AgreementOf(BankEntry payment) => AgreementsByMember[payment.Member].FirstOrDefault(held => held.Account == payment.Account)?.Agreement;

    /// <summary>What concerns the members of one rail: those who began there.</summary>
    public DemoEvidence Of(string rail)
    {
        var members = Members.Where(member => member.Rail == rail).ToList();
        var ids = members.Select(member => member.Id).ToHashSet();
        var names = members.Select(member => member.Name).ToHashSet(StringComparer.Ordinal);
        bool Ours(string number) => OrderNumber.TryParse(number, out var order) && ids.Contains(order.Charge.Subscription);
        return this with
        {
            Members = members,
            Bank = [.. Bank.Where(entry => names.Contains(entry.Member))],
            Failures = [.. Failures.Where(failure => Ours(failure.OrderNumber))],
            ReceiptsByMember = ReceiptsByMember.Where(receipts => names.Contains(receipts.Key)).SelectMany(receipts => receipts)
                .ToLookup(receipt => receipt.Member, StringComparer.Ordinal),
            Recorded = Recorded.Where(order => Ours(order.Key)).ToDictionary(order => order.Key, order => order.Value, StringComparer.Ordinal),
        };
    }

    private static void Note(Dictionary<string, RecordedOrder> recorded, SubscriptionEvent e)
    {
        RecordedOrder Of(OrderNumber order) => recorded.GetValueOrDefault(order.ToString()) ?? new(null, 0);
        if (e is Charged charged)
            recorded[charged.Order.ToString()] = Of(charged.Order) with { Taken = charged.Amount };
        else if (e is Overpaid overpaid)
            recorded[overpaid.Order.ToString()] = Of(overpaid.Order) with { Taken = overpaid.Amount };
        else if (e is Refunded refunded)
            recorded[refunded.Order.ToString()] = Of(refunded.Order) with { Refunded = Of(refunded.Order).Refunded + refunded.Amount.MinorUnits };
    }
}
