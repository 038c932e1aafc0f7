namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Builds the desks and gives each call of the rail its path.</summary>
internal sealed class RailEndpoints
{
    private readonly V2Door v2;
    private readonly V3Door v3;
    private readonly WeChatPayState state;

    public RailEndpoints(WeChatPayState state, PlatformKeys keys, Faults faults)
    {
        this.state = state;
        (v2, v3) = (new V2Door(state, faults), new V3Door(state, keys, faults));
        var messenger = new Messenger(state, keys);
        Contracts = new ContractDesk(state, messenger);
        Signings = new SigningDesk(state);
        Members = new MemberDesk(state, Contracts, messenger);
        News = new ChargeNews(state, messenger);
        Refunds = new RefundDesk(state, new RefundNews(state, messenger));
    }

    public SigningDesk Signings { get; }

    public ContractDesk Contracts { get; }

    public MemberDesk Members { get; }

    public RefundDesk Refunds { get; }

    private ChargeNews News { get; }

    /// <summary>Adds every call of the rail.</summary>
    /// <param name="app">The routes.</param>
    /// <param name="baseAddress">The sandbox's own address, known only after it listens.</param>
    public void Map(IEndpointRouteBuilder app, Func<Uri> baseAddress)
    {
        var cashier = new CashierDesk(state, Signings);
        var charges = new ChargeDesk(state, News);
        v2.Get(app, "/papay/entrustweb", FieldSets.EntrustWeb, Signings.EntrustWeb);
        v2.Get(app, "/papay/h5entrustweb", FieldSets.H5EntrustWeb, call => Signings.H5EntrustWeb(call, baseAddress()));
        v2.Post(app, "/papay/preentrustweb", FieldSets.PreEntrustWeb, Signings.PreEntrustWeb);
        v2.Post(app, "/papay/querycontract", FieldSets.QueryContract, Contracts.Query);
        v2.Post(app, "/papay/deletecontract", FieldSets.DeleteContract, Contracts.Delete);
        v2.Post(app, "/pay/contractorder", FieldSets.ContractOrder, call => cashier.ContractOrder(call, baseAddress()));
        v2.Post(app, "/pay/orderquery", FieldSets.OrderQuery, cashier.Query);
        v2.Post(app, "/pay/closeorder", FieldSets.CloseOrder, cashier.Close);
        v2.Post(app, "/pay/pappayapply", FieldSets.Apply, charges.Apply);
        v2.Post(app, "/pay/paporderquery", FieldSets.OrderQuery, News.Query);
        v2.Post(app, "/pay/downloadbill", FieldSets.DownloadBill, new BillDesk(state).Download);
        MapNoticesAndRefunds(app);
    }

    private void MapNoticesAndRefunds(IEndpointRouteBuilder app)
    {
        var notices = new NoticeDesk(state);
        v3.Post(app, "/v3/papay/contracts/{contract}/notify", FieldSets.Notice, notices.Notify);
        v3.Post(app, "/v3/papay/contracts/{contract}/fail-notify", FieldSets.FailNotice, notices.NotifyFailure);
        v3.Get(app, "/v3/certificates", new CertificateDesk(state).List);
        var refundsV2 = new RefundCallsV2(state, Refunds);
        v2.Post(app, "/secapi/pay/refund", FieldSets.Refund, refundsV2.Refund);
        v2.Post(app, "/pay/refundquery", FieldSets.RefundQuery, refundsV2.Query);
        var refundsV3 = new RefundCallsV3(state, Refunds);
        v3.Post(app, "/v3/refund/domestic/refunds", FieldSets.V3Refund, refundsV3.Refund);
        v3.Get(app, "/v3/refund/domestic/refunds/{refund}", refundsV3.Query);
    }
}
