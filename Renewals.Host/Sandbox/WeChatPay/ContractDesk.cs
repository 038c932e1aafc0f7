using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Contracts: their start, query and end, and the callbacks of both (WeChat Pay papay, sign notification, query).</summary>
internal sealed class ContractDesk(WeChatPayState state, Messenger messenger)
{
    /// <summary>Makes the contract of a confirmed signing and plans its ADD.</summary>
    public Contract Sign(Signing signing, string member, Instant now)
    {
        var contract = new Contract
        {
            Signing = signing,
            Id = StableId.Digits(28, "contract", signing.Code),
            Member = member,
            OpenId = state.OpenIdOf(member),
            SignedAt = now,
            ExpiresAt = now.InBeijing().PlusYears(signing.Template.ValidityYears).BeijingToInstant(),
        };
        signing.Stage = SigningStage.Signed;
        state.Contracts.Add(contract.Id, contract);
        state.ContractsByCode.Add(contract.Code, contract);
        state.Active.Add((contract.OpenId, contract.Template.PlanId), contract);
        Tell(contract, "ADD", now, signing.NotifyUrl, [new("contract_expired_time", BeijingTime.Readable(contract.ExpiresAt))]);
        return contract;
    }

    /// <summary>Ends a contract and plans its DELETE, which goes to the template's address; false when it had ended before.</summary>
    public bool Terminate(Contract contract, TerminationMode mode, string remark, Instant now)
    {
        if (contract.TerminatedAt is not null)
            return false;
        (contract.TerminatedAt, contract.Mode, contract.Remark) = (now, mode, remark);
        state.Active.Remove((contract.OpenId, contract.Template.PlanId));
        if (state.MerchantNotifyUrl is { } address)
            Tell(contract, "DELETE", now, address, [new("contract_termination_mode", ((int)mode).ToString())]);
        return true;
    }

    /// <summary><c>/papay/querycontract</c>.</summary>
    public V2Answer Query(V2Call call)
    {
        if (call["contract_id"].Length == 0 && (call["plan_id"].Length == 0 || call["contract_code"].Length == 0))
            return V2Answer.Fail("LACK_PARAMS", "contract_id, or plan_id and contract_code, is required");
        if (state.FindContract(call) is not { } contract)
            return PendingOrNone(call);
        var answer = Described(V2Answer.Ok(), contract)
            .With("contract_state", contract.TerminatedAt is null ? "0" : "1")
            .With("contract_signed_time", BeijingTime.Readable(contract.SignedAt))
            .With("contract_expired_time", BeijingTime.Readable(contract.ExpiresAt))
            .With("request_serial", contract.Signing.RequestSerial)
            .With("contract_display_account", contract.Signing.DisplayAccount)
            .With("openid", contract.OpenId);
        return contract.TerminatedAt is { } ended
            ? answer.With("contract_terminated_time", BeijingTime.Readable(ended))
                .With("contract_termination_mode", (int)contract.Mode)
                .With("contract_termination_remark", contract.Remark)
            : answer;
    }

    /// <summary><c>/papay/deletecontract</c>; ending an ended contract succeeds.</summary>
    public V2Answer Delete(V2Call call)
    {
        if (state.FindContract(call) is not { } contract)
            return V2Answer.Fail("CONTRACT_NOT_EXIST", "no such contract");
        Terminate(contract, TerminationMode.Merchant, call["contract_termination_remark"], call.Now);
        return Described(V2Answer.Ok(), contract);
    }

    // State 9, signing in progress, as long as the member can still confirm; then the code seen in the field for "none".
    private V2Answer PendingOrNone(V2Call call) =>
        state.Signings.GetValueOrDefault(call["contract_code"]) is { } signing && signing.IsOpenAt(call.Now)
            && signing.Template.PlanId == call["plan_id"]
            ? V2Answer.Ok().With("plan_id", signing.Template.PlanId).With("contract_code", signing.Code)
                .With("request_serial", signing.RequestSerial).With("contract_display_account", signing.DisplayAccount)
                .With("contract_state", "9")
            : V2Answer.Fail("-25", "RESULT NULL: no such contract");

    private static V2Answer Described(V2Answer answer, Contract contract) => answer
        .With("contract_id", contract.Id).With("plan_id", contract.Template.PlanId).With("contract_code", contract.Code);

    private void Tell(Contract contract, string change, Instant at, Uri address, KeyValuePair<string, string>[] more)
    {
        // No appid and no nonce_str in this message.
        List<KeyValuePair<string, string>> message =
        [
            new("return_code", "SUCCESS"), new("return_msg", "OK"), new("result_code", "SUCCESS"), new("mch_id", state.Credentials.MchId),
            new("contract_code", contract.Code), new("plan_id", contract.Template.PlanId), new("openid", contract.OpenId),
            new("change_type", change), new("operate_time", BeijingTime.Readable(at)), new("contract_id", contract.Id),
            new("request_serial", contract.Signing.RequestSerial), .. more,
        ];
        var to = new CallbackTo(address, contract.Code + change, at, state.Options.SigningCallbacks(new(contract.Code, change == "ADD")));

        // Always MD5, whatever the page was signed with: this message names no method, and the merchant must know it beforehand.
        messenger.TellXml(to, RetryPlans.Contract, message, WeChatPaySignType.Md5);
    }
}
