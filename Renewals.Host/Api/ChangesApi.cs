namespace Renewals.Host.Api;

/// <summary>What a member asks for between signing and leaving: other terms, another day, a pause, a yes or no to another price.</summary>
internal static class ChangesApi
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder one)
    {
        one.MapPost("/changes", ChangeAsync).For(ApiRole.Operator);
        one.MapPost("/changes/preview", PreviewAsync).For(ApiRole.Reader);
        one.MapDelete("/changes/{name}", WithdrawAsync).For(ApiRole.Operator);
        one.MapPost("/step-down", StepDownAsync).For(ApiRole.Operator);
        one.MapPost("/billing-day", MoveAsync).For(ApiRole.Operator);
        one.MapPost("/pause", PauseAsync).For(ApiRole.Operator);
        one.MapPost("/resume", ResumeAsync).For(ApiRole.Operator);
        one.MapPost("/price-answer", AnswerPriceAsync).For(ApiRole.Operator);
    }

    private static async Task<IResult> ChangeAsync(Guid id, ChangeBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.Memberships.ChangeAsync(new(id), body.ToRequest(caller), cancellation), context);

    private static async Task<IResult> PreviewAsync(Guid id, ChangeBody body, ApiCaller caller, ApiEngine engine, CancellationToken cancellation, int charges = 3) =>
        ViewsApi.FaultOf(charges) ?? Answer.Of(await engine.Memberships.PreviewAsync(new(id), body.ToRequest(caller), charges, cancellation));

    private static async Task<IResult> WithdrawAsync(
        Guid id, string name, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation, string why = "withdrawn") =>
        Check.Reason(why) is { } fault
            ? ApiEndpoints.Problem(400, fault)
            : Answer.Of(await engine.Memberships.WithdrawChangeAsync(new(id), name, caller.Name, why, cancellation), context);

    private static async Task<IResult> StepDownAsync(Guid id, WhyBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.Memberships.StepDownAsync(new(id), caller.Name, body.Why, cancellation), context);

    private static async Task<IResult> MoveAsync(Guid id, BillingDayBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.Memberships.MoveBillingDayAsync(new(id), body.Day, caller.Name, body.Why, cancellation), context);

    private static async Task<IResult> PauseAsync(Guid id, PauseBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.Memberships.PauseAsync(new(id), body.From, body.Until, body.MovesDays, caller.Name, body.Why, cancellation), context);

    private static async Task<IResult> ResumeAsync(Guid id, WhyBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.Memberships.ResumeAsync(new(id), caller.Name, body.Why, cancellation), context);

    private static async Task<IResult> AnswerPriceAsync(Guid id, PriceAnswerBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.Memberships.AnswerPriceAsync(new(id), body.Offer, body.Agrees, caller.Name, cancellation), context);
}
