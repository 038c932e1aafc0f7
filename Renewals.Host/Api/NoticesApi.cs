using NodaTime;

namespace Renewals.Host.Api;

/// <summary>What a message service says of notices to members after it took them.</summary>
internal static class NoticesApi
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder one) =>
        one.MapPost("/notices/{notice}/delivered", DeliveredAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("A notice that was handed over arrived.");

    private static async Task<IResult> DeliveredAsync(
        Guid id, string notice, DeliveredBody body, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.At(context).NoticeDeliveredAsync(new(id), notice, body.Receipt, body.At, cancellation), context);
}

/// <summary>A notice arrived.</summary>
/// <param name="Receipt">The channel's receipt of the delivery; it stands in the events, so no personal data.</param>
/// <param name="At">When it arrived, by the channel's clock.</param>
/// <example>{ "receipt": "sms-4711", "at": "2026-03-01T02:00:00Z" }</example>
internal sealed record DeliveredBody(string Receipt, Instant At) : IBody
{
    string? IBody.Fault => Check.Name("receipt", Receipt);
}
