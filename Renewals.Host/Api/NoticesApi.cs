using NodaTime;

namespace Renewals.Host.Api;

/// <summary>What a message service says of notices to members after it took them.</summary>
internal static class NoticesApi
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder one)
    {
        one.MapPost("/notices/{notice}/delivered", DeliveredAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("A notice that was handed over arrived.");
        one.MapPost("/notices/{notice}/bounced", BouncedAsync).For(ApiRole.Operator)
            .Gives<SubscriptionReply>("A notice that was handed over did not arrive: it counts no more, and the next channel tells the member.");
    }

    private static async Task<IResult> DeliveredAsync(
        Guid id, string notice, DeliveredBody body, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.At(context).NoticeDeliveredAsync(new(id), notice, body.Receipt, body.At, cancellation), context);

    private static async Task<IResult> BouncedAsync(
        Guid id, string notice, BouncedBody body, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.At(context).NoticeBouncedAsync(new(id), notice, body.Receipt, body.Why, body.At, cancellation), context);
}

/// <summary>A notice arrived.</summary>
/// <param name="Receipt">The channel's receipt of the delivery; it stands in the events, so no personal data.</param>
/// <param name="At">When it arrived, by the channel's clock.</param>
/// <example>{ "receipt": "sms-4711", "at": "2026-03-01T02:00:00Z" }</example>
internal sealed record DeliveredBody(string Receipt, Instant At) : IBody
{
    string? IBody.Fault => Check.Name("receipt", Receipt);
}

/// <summary>A notice came back.</summary>
/// <param name="Receipt">The channel's number of this word, the same when it is sent again; it stands in the events, so no personal data.</param>
/// <param name="Why">The channel's word; it stands in the events, so no personal data.</param>
/// <param name="At">When it came back, by the channel's clock.</param>
/// <example>{ "receipt": "sms-4712", "why": "no such number", "at": "2026-03-01T02:00:30Z" }</example>
internal sealed record BouncedBody(string Receipt, string Why, Instant At) : IBody
{
    string? IBody.Fault => Check.Name("receipt", Receipt) ?? Check.Reason(Why);
}
