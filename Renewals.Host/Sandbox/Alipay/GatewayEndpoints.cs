using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>Builds the desks and gives each method of the rail its own.</summary>
internal sealed class GatewayEndpoints
{
    private readonly AlipayState state;
    private readonly RailKeys keys;
    private readonly AlipayFaults faults;
    private readonly RequestChecks checks;
    private readonly TradeNews news;
    private readonly RefundDesk refunds;
    private readonly BillDesk bills;

    public GatewayEndpoints(AlipayState state, RailKeys keys, AlipayFaults faults)
    {
        (this.state, this.keys, this.faults) = (state, keys, faults);
        checks = new RequestChecks(state, keys);
        var messenger = new Messenger(state, keys);
        news = new TradeNews(state, messenger);
        refunds = new RefundDesk(state, news);
        bills = new BillDesk(state);
        Signings = new SigningDesk(state, news);
        Agreements = new AgreementDesk(state, messenger);
        Members = new MemberDesk(state, Agreements, news);
    }

    public SigningDesk Signings { get; }

    public AgreementDesk Agreements { get; }

    public MemberDesk Members { get; }

    /// <summary>Adds every call of the rail.</summary>
    /// <param name="routes">The routes.</param>
    /// <param name="address">The sandbox's own address, known only after it listens.</param>
    public void Map(IEndpointRouteBuilder routes, Func<Uri> address)
    {
        var wallet = new WalletDoor(state, checks, Signings, Members);
        new GatewayDoor(state, checks, new AnswerWriter(state, keys), faults, Methods(address), wallet).Map(routes);
        wallet.Map(routes);
        bills.Map(routes);
    }

    private Dictionary<string, GatewayMethod> Methods(Func<Uri> address)
    {
        const string OfTrades = "ACQ.INVALID_PARAMETER";
        const string OfAgreements = "INVALID_PARAMETER";
        var trades = new TradeDesk(state, news, refunds);
        return new Dictionary<string, GatewayMethod>(StringComparer.Ordinal)
        {
            ["alipay.trade.pay"] = new(PayDesk.Fields, OfTrades, new PayDesk(state, news).Pay),
            ["alipay.trade.query"] = new(TradeDesk.Fields, OfTrades, trades.Query),
            ["alipay.trade.close"] = new(TradeDesk.Fields, OfTrades, trades.Close),
            ["alipay.trade.cancel"] = new(TradeDesk.Fields, OfTrades, trades.Cancel),
            ["alipay.trade.refund"] = new(RefundDesk.Fields, OfTrades, refunds.Refund),
            ["alipay.trade.fastpay.refund.query"] = new(RefundDesk.QueryFields, OfTrades, refunds.Query),
            ["alipay.user.agreement.query"] = new(AgreementDesk.Fields, OfAgreements, Agreements.Query),
            ["alipay.user.agreement.unsign"] = new(AgreementDesk.Fields, OfAgreements, Agreements.Unsign),
            ["alipay.user.agreement.executionplan.modify"] = new(AgreementDesk.MoveFields, OfAgreements, Agreements.Move),
            ["alipay.data.dataservice.bill.downloadurl.query"] = new(BillDesk.Fields, "INVAILID_ARGUMENTS", call => bills.Address(call, address())),
            ["alipay.open.app.alipaycert.download"] = new(new FieldTable(new Field("alipay_cert_sn", IsRequired: true)), OfAgreements, Certificate),
        };
    }

    private GatewayAnswer Certificate(GatewayCall call) => keys.Mode == AlipayKeyMode.Certificate && keys.Certificate(call["alipay_cert_sn"]) is { } pem
        ? GatewayAnswer.Ok().With("alipay_cert_content", Convert.ToBase64String(AlipayWire.Utf8.GetBytes(pem)))
        : GatewayAnswer.Fail("isv.alipay-cert-not-exist", "支付宝公钥证书不存在");
}
