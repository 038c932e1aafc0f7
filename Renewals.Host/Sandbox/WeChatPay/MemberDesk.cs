using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>What members do in the wallet: sign, give up, pay at the cashier.</summary>
internal sealed class MemberDesk(WeChatPayState state, ContractDesk contracts, Messenger messenger)
{
    /// <summary>A pending signing by its contract code, <c>pre_entrustweb_id</c> or <c>prepay_id</c>.</summary>
    public Signing? Find(string key) => state.Signings.GetValueOrDefault(key) ?? state.SigningsBySession.GetValueOrDefault(key);

    /// <summary>A member confirms. The rail says nothing to the merchant when it refuses.</summary>
    public SandboxSigning Confirm(Signing? signing, string member)
    {
        var now = state.Now;
        var openId = state.OpenIdOf(member);
        var refusal = signing is null ? "NOT_FOUND"
            : signing.Stage == SigningStage.Signed ? "CONTRACT_EXISTED"
            : !signing.IsOpenAt(now) ? "SESSION_OVER"
            : !state.Bank.IsOpen(member) ? "USER_ACCOUNT_ABNORMAL"
            : signing.OpenId is { } named && named != openId ? "OPENID_MISMATCH"
            : state.Active.ContainsKey((openId, signing.Template.PlanId)) ? "CONTRACT_EXISTED"
            : null;
        return refusal is null ? new SandboxSigning(contracts.Sign(signing!, member, now).Id, null) : new SandboxSigning(null, refusal);
    }

    /// <summary>A member leaves the page for good; nobody is told (WeChat Pay papay, "gives up: nothing is sent").</summary>
    public bool GiveUp(Signing? signing)
    {
        if (signing is not { Stage: SigningStage.Pending })
            return false;
        signing.Stage = SigningStage.GivenUp;
        return true;
    }

    /// <summary>A member pays an order at the cashier, and keeps or switches off the renewal.</summary>
    public CashierResult Pay(string prepayId, string member, bool renew)
    {
        var now = state.Now;
        if (state.OrdersByPrepay.GetValueOrDefault(prepayId) is not { } order)
            return new CashierResult(null, null, "NOT_FOUND");
        if (order.Stage == OrderStage.Paid)
            return new CashierResult(null, null, "ORDERPAID");
        if (order.Stage != OrderStage.Open || now >= order.ExpiresAt)
            return new CashierResult(null, null, "ORDERCLOSED");
        if (order.PreSigning?.OpenId is { } named && named != state.OpenIdOf(member))
            return new CashierResult(null, null, "OPENID_MISMATCH");
        var transaction = StableId.Digits(28, "transaction", order.Number);
        var entry = new BankEntry(
            order.Number, null, member, state.Account, Money.Cny(order.Amount), BankEntryKind.Payment, now, transaction,
            ExecutedUnder.Cashier);
        var result = state.Bank.Pay(entry);
        if (result != PaymentResult.Paid)
        {
            var code = result == PaymentResult.NotEnough ? "NOTENOUGH" : "USER_ACCOUNT_ABNORMAL";
            state.Bank.NoteFailure(new FailedAttempt(order.Number, now, code));
            return new CashierResult(null, null, code);
        }

        (order.Stage, order.TransactionId, order.Member, order.EndedAt) = (OrderStage.Paid, transaction, member, now);
        state.OrdersByTransaction.Add(transaction, order);
        TellPaid(order);
        var contract = renew && order.PreSigning is { } signing ? Confirm(signing, member).RailAgreementId : null;
        if (contract is null)
            GiveUp(order.PreSigning);
        return new CashierResult(transaction, contract, null);
    }

    /// <summary>A closed account ends every contract of the member (注销).</summary>
    public void CloseAccount(string member)
    {
        state.Bank.CloseAccount(member);
        var held = state.Contracts.Values.Where(contract => contract.Member == member)
            .OrderBy(contract => contract.Id, StringComparer.Ordinal);
        foreach (var contract in held)
            contracts.Terminate(contract, TerminationMode.AccountClosed, "the account was closed", state.Now);
    }

    // The ordinary payment notification: it knows nothing of contracts.
    private void TellPaid(Order order)
    {
        var message = Wire.Paid(order, state)
            .Prepend(new("result_code", "SUCCESS")).Prepend(new("return_msg", "OK")).Prepend(new("return_code", "SUCCESS"));
        var to = new CallbackTo(order.NotifyUrl, order.Number, order.EndedAt, state.Options.CashierCallbacks(order.Number));
        messenger.TellXml(to, RetryPlans.Money, message, order.SignType);
    }
}
