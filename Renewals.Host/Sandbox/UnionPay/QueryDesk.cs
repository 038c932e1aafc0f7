namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Status queries (交易状态查询, 00/00): by the order number and time of the original.</summary>
internal sealed class QueryDesk(UnionPayState state, PlatformKeys keys)
{
    // While the result is open, or the member has not confirmed the page.
    private const string Open = "05";
    private const string TooLate = "69";

    public GatewayAnswer Query(GatewayCall call)
    {
        if (state.Transactions.GetValueOrDefault(call.Key) is not { } found || call.Now < found.AcceptedAt + found.HiddenFor)
            return GatewayAnswer.To(call, "34", "2600000");
        if (++found.Queries > state.Options.QueriesPerOrder)
            return GatewayAnswer.To(call, "37");
        if (found is Establishing { PageToken: not null, Result: null } page && !page.IsOpenAt(call.Now))
            page.End(TooLate, page.ClosesAt);

        // The type is the original's, the product that of the query.
        var answer = GatewayAnswer.To(call, "00", "0000000")
            .With("txnType", found.Call["txnType"]).With("txnSubType", found.Call["txnSubType"])
            .With("origRespCode", found.Result ?? Open).With("origRespMsg", ResponseTexts.Of(found.Result ?? Open, found.Detail))
            .With("reqReserved", found.Call["reqReserved"]);
        return found.Result is null
            ? answer
            : answer.With("issuerIdentifyMode", found.Amount > 0 ? "0" : "").With("billNo", found.Call["billNo"])
                .With("bindId", found.Call["bindId"]).With(MessageFields.Data(found, state, keys));
    }
}
