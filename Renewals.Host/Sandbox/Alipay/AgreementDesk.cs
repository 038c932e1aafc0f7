using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>Signed agreements: made, asked for, moved, ended, and told of.</summary>
internal sealed class AgreementDesk(AlipayState state, Messenger messenger)
{
    // What the rail says of an agreement without an end.
    private static readonly Instant Unlimited = new LocalDateTime(2115, 2, 1, 0, 0).BeijingToInstant();

    private static readonly Field[] Keys =
    [
        new("agreement_no"), new("external_agreement_no", Most: 32), new("sign_scene"), new("personal_product_code"), new("third_party_type", Most: 32),
    ];

    /// <summary>The fields of query and unsign.</summary>
    public static FieldTable Fields { get; } = new(Keys);

    /// <summary>The fields of moving a date.</summary>
    public static FieldTable MoveFields { get; } = new(
        new Field("agreement_no", IsRequired: true), new Field("deduct_time", FieldKind.Date, IsRequired: true), new Field("memo", Most: 256));

    /// <summary>A member has confirmed.</summary>
    public Agreement Sign(Signing signing, string member, Instant now)
    {
        var agreement = new Agreement
        {
            Signing = signing,
            Number = AlipayState.DayOf(now)[..4] + StableId.Digits(16, "agreement", signing.Code),
            Member = member,
            SignedAt = now,
            InvalidAt = signing.Validity is { } life ? (now.InBeijing() + life).BeijingToInstant() : Unlimited,
            Plan = signing.Rule is { } rule ? new PlanState(rule) : null,
        };
        state.Agreements.Add(agreement.Number, agreement);
        state.AgreementsByCode.Add(agreement.Code, agreement);
        Tell(agreement, "dut_user_sign", now, signing.NotifyUrl ?? state.MerchantNotifyUrl);
        return agreement;
    }

    /// <summary><c>alipay.user.agreement.query</c>. Of what has ended it says the same as of what never was.</summary>
    public GatewayAnswer Query(GatewayCall call)
    {
        if (WhyNot(call) is { } why)
            return GatewayAnswer.Fail("INVALID_PARAMETER", why);
        return Find(call) is { } found && found.IsInForceAt(call.Now)
            ? GatewayAnswer.Ok().With(Describe(found)).With("status", found.Suspended ? "STOP" : "NORMAL")
                .With("third_party_type", "PARTNER").With("pricipal_type", "CARD").With([state.Named("principal", "principal_id", found.Member)])
            : GatewayAnswer.Fail("USER_AGREEMENT_NOT_EXIST", "用户协议不存在");
    }

    /// <summary><c>alipay.user.agreement.unsign</c> (解约).</summary>
    public GatewayAnswer Unsign(GatewayCall call)
    {
        if (WhyNot(call) is { } why)
            return GatewayAnswer.Fail("INVALID_PARAMETER", why);
        if (Find(call) is not { } found)
            return GatewayAnswer.Fail("AGREEMENT_NOT_EXIST", "协议不存在");
        return End(found, TerminationMode.Merchant, call.Now, call.NotifyUrl ?? state.MerchantNotifyUrl)
            ? GatewayAnswer.Ok()
            : GatewayAnswer.Fail("USER_AGREEMENT_STATUS_NOT_NORMAL", "用户协议状态异常");
    }

    /// <summary><c>alipay.user.agreement.executionplan.modify</c> (修改扣款时间): only to a later date.</summary>
    public GatewayAnswer Move(GatewayCall call)
    {
        if (Find(call) is not { Plan: { } plan } found || !found.IsInForceAt(call.Now))
            return GatewayAnswer.Fail("ILLEGAL_AGREEMENT", "协议不合法");
        return plan.TryMove(AlipayWire.TryDate(call["deduct_time"])!.Value, call.Now.BeijingDay(), state.Options)
            ? GatewayAnswer.Ok().With("agreement_no", found.Number).With("deduct_time", AlipayWire.Date(plan.Next))
            : GatewayAnswer.Fail("ILLEGAL_EXECUTION_TIME", "扣款时间不合法");
    }

    /// <summary>Ends an agreement from the rail's side; an end by time is told to nobody.</summary>
    /// <returns>False when it has ended already.</returns>
    public bool Terminate(Agreement agreement, TerminationMode mode, Instant now) =>
        End(agreement, mode, now, mode == TerminationMode.Expired ? null : state.MerchantNotifyUrl);

    private bool End(Agreement agreement, TerminationMode mode, Instant now, Uri? tell)
    {
        if (!agreement.IsInForceAt(now))
            return false;
        (agreement.EndedAt, agreement.Mode) = (now, mode);
        Tell(agreement, "dut_user_unsign", now, tell);
        return true;
    }

    private static string? WhyNot(GatewayCall call) =>
        call["agreement_no"].Length > 0 ? null
        : call["external_agreement_no"].Length == 0 ? "agreement_no or external_agreement_no"
        : call["sign_scene"] is "" or "DEFAULT|DEFAULT" ? "sign_scene"
        : call["personal_product_code"].Length == 0 ? "personal_product_code"
        : null;

    private Agreement? Find(GatewayCall call) => call["agreement_no"] is { Length: > 0 } number
        ? state.Agreements.GetValueOrDefault(number)
        : state.AgreementsByCode.GetValueOrDefault(call["external_agreement_no"]) is { } found && found.Signing.Scene == call["sign_scene"]
            && found.Signing.PersonalProduct == call["personal_product_code"] ? found : null;

    private static IEnumerable<KeyValuePair<string, string>> Describe(Agreement agreement) =>
    [
        new("agreement_no", agreement.Number), new("external_agreement_no", agreement.Code), new("sign_scene", agreement.Signing.Scene),
        new("personal_product_code", agreement.Signing.PersonalProduct), new("external_logon_id", agreement.Signing.DisplayAccount),
        new("alipay_logon_id", AlipayState.LogonIdOf(agreement.Member)),
        new("sign_time", AlipayWire.Time(agreement.SignedAt)), new("valid_time", AlipayWire.Time(agreement.SignedAt)),
        new("invalid_time", AlipayWire.Time(agreement.InvalidAt)),
        new("next_deduct_time", agreement.Plan is { } plan ? AlipayWire.Date(plan.Next) : ""),
        new("last_deduct_time", agreement.Plan?.Last is { } last ? AlipayWire.Date(last) : ""),
    ];

    private void Tell(Agreement agreement, string kind, Instant at, Uri? address)
    {
        if (address is null)
            return;
        var isSigned = kind == "dut_user_sign";
        var of = Describe(agreement).Where(field => field.Key != "last_deduct_time" && (isSigned || !field.Key.EndsWith("_time", StringComparison.Ordinal)));
        messenger.Tell(
            new(address, $"{agreement.Code}/{kind}", at, state.Options.AgreementNotifications(new AgreementNews(agreement.Code, isSigned))), kind,
            [
                .. of, state.Named("alipay", "alipay_user_id", agreement.Member), new("status", isSigned ? "NORMAL" : "UNSIGN"),
                new("unsign_time", isSigned ? "" : AlipayWire.Time(at)),
            ]);
    }
}
