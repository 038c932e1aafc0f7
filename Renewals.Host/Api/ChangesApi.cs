using Renewals.Core.Engine;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Api;

/// <summary>What a member asks for between signing and leaving: other terms, another day, a pause, a yes or no to another price.</summary>
internal static class ChangesApi
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder one)
    {
        one.MapPost("/changes", ChangeAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("Another plan, price, coupon or add-on.");
        one.MapPost("/changes/preview", PreviewAsync).For(ApiRole.Reader).Gives<ChangePreview>("What a change would come to; nothing is stored.");
        one.MapDelete("/changes/{name}", WithdrawAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("Withdraws a planned change.");
        one.MapPost("/step-down", StepDownAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("The cheaper plan that is offered to who wants to leave.");
        one.MapPost("/billing-day", MoveAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("The next period begins on another day.");
        one.MapPost("/pause", PauseAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("Pauses.");
        one.MapPost("/resume", ResumeAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("Ends the pause.");
        one.MapPost("/price-answer", AnswerPriceAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("The member answers to the offer of another price.");
    }

    private static async Task<IResult> ChangeAsync(Guid id, ChangeBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.At(context).ChangeAsync(new(id), body.ToRequest(caller), cancellation), context);

    private static async Task<IResult> PreviewAsync(Guid id, ChangeBody body, ApiCaller caller, ApiEngine engine, CancellationToken cancellation, int charges = 3) =>
        ViewsApi.FaultOf(charges) ?? Answer.Of(await engine.Memberships.PreviewAsync(new(id), body.ToRequest(caller), charges, cancellation));

    private static async Task<IResult> WithdrawAsync(
        Guid id, string name, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation, string why = "withdrawn") =>
        Check.Reason(why) is { } fault
            ? ApiEndpoints.Problem(400, fault)
            : Answer.Of(await engine.At(context).WithdrawChangeAsync(new(id), name, caller.Name, why, cancellation), context);

    private static async Task<IResult> StepDownAsync(Guid id, StepDownBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.At(context).StepDownAsync(new(id), caller.Name, body.Why, body.Consent, cancellation), context);

    private static async Task<IResult> MoveAsync(Guid id, BillingDayBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Check.Ahead("day", body.Day, engine.Get<EngineClock>().Now) is { } fault
            ? ApiEndpoints.Problem(400, fault)
            : Answer.Of(await engine.At(context).MoveBillingDayAsync(new(id), body.Day, caller.Name, body.Why, cancellation), context);

    private static async Task<IResult> PauseAsync(Guid id, PauseBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Check.Ahead("until", body.Until, engine.Get<EngineClock>().Now) is { } fault
            ? ApiEndpoints.Problem(400, fault)
            : Answer.Of(await engine.At(context).PauseAsync(new(id), body.From, body.Until, body.MovesDays, caller.Name, body.Why, cancellation), context);

    private static async Task<IResult> ResumeAsync(Guid id, WhyBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.At(context).ResumeAsync(new(id), caller.Name, body.Why, cancellation), context);

    private static async Task<IResult> AnswerPriceAsync(Guid id, PriceAnswerBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.At(context).AnswerPriceAsync(new(id), body.Offer, body.Agrees, caller.Name, cancellation), context);
}
