namespace Renewals.Host.Api;

/// <summary>Money that goes back, and money that is disputed.</summary>
internal static class RefundsApi
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder one)
    {
        one.MapPost("/refunds", RefundAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("Gives back a payment, or a part of it.");
        one.MapPost("/refunds/{number}/paid-outside", PaidOutsideAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("Closes a refund the rail could not make.");
        one.MapPost("/disputes", OpenAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("A chargeback or a complaint was opened.");
        one.MapPost("/disputes/{dispute}/settle", SettleAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("A dispute is over.");
    }

    private static async Task<IResult> RefundAsync(Guid id, RefundBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.At(context).RefundAsync(new(id), body.Key, body.Order, body.Amount, caller.Name, body.Why, cancellation), context);

    private static async Task<IResult> PaidOutsideAsync(
        Guid id, string number, PaidOutsideBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.At(context).PaidOutsideAsync(new(id), number, body.Reference, caller.Name, cancellation), context);

    private static async Task<IResult> OpenAsync(Guid id, DisputeBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.At(context).OpenDisputeAsync(new(id), body.Dispute, Orders.Read(body.Order), body.Amount, body.Why, caller.Name, cancellation), context);

    private static async Task<IResult> SettleAsync(Guid id, string dispute, SettleBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.At(context).SettleDisputeAsync(new(id), dispute, body.Won, caller.Name, cancellation), context);
}
