using Renewals.Core.Gateways;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>What came of a button in the wallet.</summary>
/// <param name="AgreementNo">The new agreement; null when there is none.</param>
/// <param name="TradeNo">The paid order; null when nothing was paid.</param>
/// <param name="Refusal">Why it was refused; null when it was not.</param>
internal sealed record WalletResult(string? AgreementNo, string? TradeNo, string? Refusal);

/// <summary>What members do in the wallet: sign, pay and sign, give up, close their account.</summary>
internal sealed class MemberDesk(AlipayState state, AgreementDesk agreements, TradeNews news)
{
    private const int MostAgreements = 10;

    /// <summary>A member confirms what waits: the agreement, and its order where there is one.</summary>
    public WalletResult Confirm(Signing? signing, string member) => signing?.Order is null ? Sign(signing, member) : PayAndSign(signing, member, renew: true);

    /// <summary>A member pays an order, and keeps or switches off the renewal.</summary>
    public WalletResult PayAndSign(Signing? signing, string member, bool renew)
    {
        if (signing?.Order is not { } order)
            return Refused("NOT_FOUND");
        var now = state.Now;
        if (state.FindTrade("", order.Number) is not { Stage: TradeStage.Open })
            return Refused(order.Stage == TradeStage.Closed ? "ACQ.TRADE_HAS_CLOSE" : "ACQ.TRADE_HAS_SUCCESS");
        order.Member = member;
        if (state.Pay(order, ExecutedUnder.Cashier, now) is { } code)
        {
            order.Member = "";
            state.Bank.NoteFailure(new FailedAttempt(order.Number, now, code));
            return Refused(code);
        }

        news.TellPaid(order);

        // Two results that come apart: the order is paid, whatever becomes of the agreement.
        var signed = renew && !state.Options.SigningFailsAfterPayment(signing.Code) ? Sign(signing, member).AgreementNo : null;
        if (signed is null)
            signing.GivenUp = true;
        return new WalletResult(signed, order.TradeNo, null);
    }

    /// <summary>A member leaves the page for good; nobody is told.</summary>
    public WalletResult GiveUp(Signing? signing)
    {
        if (signing is null || !signing.IsOpenAt(state.Now) || state.AgreementsByCode.ContainsKey(signing.Code))
            return Refused("NOT_FOUND");
        signing.GivenUp = true;
        return new WalletResult(null, null, null);
    }

    /// <summary>A closed account ends every agreement of the member (注销).</summary>
    public void CloseAccount(string member)
    {
        state.Bank.CloseAccount(member);
        foreach (var agreement in state.Agreements.Values.Where(one => one.Member == member).OrderBy(one => one.Number, StringComparer.Ordinal))
            agreements.Terminate(agreement, TerminationMode.AccountClosed, state.Now);
    }

    private WalletResult Sign(Signing? signing, string member)
    {
        var now = state.Now;
        return signing is null || signing.GivenUp ? Refused("NOT_FOUND")
            : state.AgreementsByCode.ContainsKey(signing.Code) ? Refused("USER_AGREEMENT_EXIST")
            : !signing.IsOpenAt(now) ? Refused("SIGN_PAGE_EXPIRED")
            : member.Length == 0 || !state.Bank.IsOpen(member) ? Refused("USER_STATUS_NOT_NORMAL")
            : state.Agreements.Values.Count(one => one.Member == member && one.IsInForceAt(now)) >= MostAgreements ? Refused("AGREEMENT_COUNT_EXCEED")
            : new WalletResult(agreements.Sign(signing, member, now).Number, null, null);
    }

    private static WalletResult Refused(string code) => new(null, null, code);
}
