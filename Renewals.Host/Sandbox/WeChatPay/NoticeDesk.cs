using Renewals.Core.Plans;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Notices before a charge (预扣费通知, WeChat Pay papay, <c>/v3/papay/contracts/{contract_id}/notify</c>).</summary>
internal sealed class NoticeDesk(WeChatPayState state)
{
    public V3Answer Notify(V3Call call)
    {
        if (RefusalOfMerchant(call) is { } stranger)
            return stranger;
        if (state.Contracts.GetValueOrDefault(call.Key) is not { } contract)
            return V3Answer.Fail(404, "RESOURCE_NOT_EXISTS", "no such contract");
        if (contract.Template.Mode != NoticeMode.PreNotice)
            return V3Answer.Fail(403, "NO_AUTH", "the template is in 24-hour mode");
        var amount = call.Fen("estimated_amount.amount");
        var refusal = NoticeRules.RefusalOfNotice(contract, call.Now);
        state.Notices.Add(new RailNotice(contract.Id, Money.Cny(amount), call.Now, refusal is null));
        if (refusal is not null)
            return V3Answer.Fail(400, "INVALID_REQUEST", refusal);
        contract.EverNoticed = true;
        contract.Cycle = new NoticeCycle(call.Now.BeijingDay(), amount, DaysOf(call));
        return V3Answer.NoContent;
    }

    /// <summary>Asks the member to top up after a failed try (重试扣费通知); it changes no window.</summary>
    public V3Answer NotifyFailure(V3Call call)
    {
        if (RefusalOfMerchant(call) is { } stranger)
            return stranger;
        var today = call.Now.BeijingDay();
        return state.Contracts.GetValueOrDefault(call.Key) is { TerminatedAt: null, Cycle: { } cycle }
            && today >= cycle.FirstDay && cycle.IsOpenOn(today) && NoticeRules.IsServiceHour(call.Now)
            ? V3Answer.NoContent
            : V3Answer.Fail(400, "INVALID_REQUEST", "the contract is not in a chargeable period");
    }

    // Accounts opened under the old rule still send their length, one to three days.
    private static int DaysOf(V3Call call) => call["deduct_duration.count"] is { Length: > 0 } days
        ? (int)Math.Min(NoticeCycle.DefaultDays, long.Parse(days))
        : NoticeCycle.DefaultDays;

    private V3Answer? RefusalOfMerchant(V3Call call) =>
        call["mchid"] == state.Credentials.MchId && call["appid"] == state.Credentials.AppId
            ? null
            : V3Answer.Fail(400, "PARAM_ERROR", "mchid and appid must be those of the signature");
}
