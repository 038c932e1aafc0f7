using System.Text;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Host.Sandbox;

namespace Renewals.Host.Simulation.Rails;

/// <summary>What another system of the merchant does at the rail: it signs members and charges them, and the rail tells us nothing of it but in statements.</summary>
internal abstract partial class SimRail
{
    private readonly Dictionary<string, RailAgreement> takenOver = new(StringComparer.Ordinal);

    /// <summary>A member signs with the other system, under its code.</summary>
    public RailAgreement SignElsewhere(string code, string member, SigningPlan plan)
    {
        var request = new SigningRequest(default, Template, SigningScene.App, member, null, member, Now, null, plan);
        return agreements[code] = new(request, Now) { Code = code, Member = member, SignedAt = Now };
    }

    /// <summary>The other system charges under its agreement; null: nothing was taken.</summary>
    public BankEntry? TakeElsewhere(RailAgreement agreement, string order, Money amount)
    {
        var entry = new BankEntry(order, null, agreement.Member, account, amount, BankEntryKind.Payment, Now, $"T{order}", ExecutedUnder.PreNotice);
        if (!agreement.InForce || world.Bank.Pay(entry) != PaymentResult.Paid)
            return null;
        (agreement.EverPaid, agreement.NextDate) = (true, agreement.Plan.Interval.After(agreement.NextDate, 1));
        return entry;
    }

    /// <summary>People here call it by our code too; the rail itself does not know that one.</summary>
    public void TakeOver(AgreementId ours, RailAgreement agreement) => takenOver[ours.SigningCode] = agreement;

    /// <summary>The agreement a question of ours is about: by our code, or by the rail's own id where another system had it signed.</summary>
    protected RailAgreement? AgreementOf(AgreementOrder asked) =>
        asked.IsTakenOver ? ByRailId(asked.RailAgreementId) : agreements.GetValueOrDefault(asked.Agreement.SigningCode);

    /// <summary>Whom a statement names as the payer; null where it names nobody.</summary>
    protected virtual string? PayerIn(BankEntry entry) => null;

    private static ReadOnlyMemory<byte> FileOf(List<StatementLine> lines) => Encoding.UTF8.GetBytes(
        string.Concat(lines.Select(line => $"{line.At},{line.OrderNumber},{line.RefundNumber},{line.RailTransaction},{line.Amount.MinorUnits},{line.Payer}\n")));
}
