using Renewals.Host.Sandbox.UnionPay;
using Answer = System.Collections.Generic.IReadOnlyDictionary<string, string>;
using Fields = System.Collections.Generic.Dictionary<string, string>;

namespace Renewals.Tests.Sandbox.UnionPay;

/// <summary>The calls a merchant of generation C makes, in few words.</summary>
internal static class UnionPayCalls
{
    public static Fields Establishing(this UnionPayWorld world, string order, string member = "ann", string terms = "{validMonth=012&frequency=030001}",
        string? smsCode = "111111") => world.Request("72", "16", "000000", new(world.Payer(member, smsCode))
        {
            ["channelType"] = "07", ["orderId"] = order, ["billType"] = "01", ["billNo"] = "user" + member, ["reserved"] = terms,
            ["backUrl"] = world.Post.Url("/notify"), ["frontUrl"] = world.Post.Url("/return"),
        });

    public static Task<Answer> EstablishAsync(this UnionPayWorld world, string order = "entrust01", string member = "ann",
        string terms = "{validMonth=012&frequency=030001}") => world.SendAsync(GatewayPaths.Back, world.Establishing(order, member, terms));

    public static Fields Collecting(this UnionPayWorld world, string order, long fen = 1500, string member = "ann")
    {
        var payer = world.Payer(member);
        payer.Remove("customerInfo");
        return world.Request("11", "03", "000000", new(payer)
        {
            ["channelType"] = "07", ["orderId"] = order, ["billType"] = "01", ["billNo"] = "user" + member, ["txnAmt"] = fen.ToString(),
            ["currencyCode"] = "156", ["backUrl"] = world.Post.Url("/notify"), ["reqReserved"] = "c3ViPTQy",
        });
    }

    public static Task<Answer> CollectAsync(this UnionPayWorld world, string order, long fen = 1500, string member = "ann") =>
        world.SendAsync(GatewayPaths.Back, world.Collecting(order, fen, member));

    public static Task<Answer> QueryAsync(this UnionPayWorld world, string order, string time) =>
        world.SendAsync(GatewayPaths.Query, world.Request("00", "00", "000000", new() { ["orderId"] = order, ["txnTime"] = time }));

    public static Task<Answer> ReverseAsync(this UnionPayWorld world, string type, string order, string queryId, long fen) =>
        world.SendAsync(GatewayPaths.Back, world.Request(type, "00", "000000", new()
        {
            ["channelType"] = "07", ["orderId"] = order, ["txnAmt"] = fen.ToString(), ["currencyCode"] = "156", ["origQryId"] = queryId,
            ["backUrl"] = world.Post.Url("/notify"),
        }));

    public static Task<Answer> FileAsync(this UnionPayWorld world, string monthDay) =>
        world.SendAsync(GatewayPaths.Files, world.Request("76", "01", "000000", new() { ["settleDate"] = monthDay, ["fileType"] = "00" }));

    /// <summary>Collects, waits for the result and gives the query's answer.</summary>
    public static async Task<Answer> CollectedAsync(this UnionPayWorld world, string order, long fen = 1500)
    {
        var time = world.Time;
        (await world.CollectAsync(order, fen))["respCode"].Should().Be("00");
        await world.RunForAsync(3);
        return await world.QueryAsync(order, time);
    }
}
