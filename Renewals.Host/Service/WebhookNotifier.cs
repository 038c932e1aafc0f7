using System.Net.Http.Headers;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Renewals.Core.Engine;
using Renewals.Core.Subscriptions;
using Renewals.Host.Webhooks;

namespace Renewals.Host.Service;

/// <summary>Posts every notice as JSON to the merchant's own address, which knows how to reach the member.</summary>
/// <remarks>
/// Any 2xx answer means: a channel took it. Everything else, a redirect and silence included, means that none did; the engine tries again.
/// A repeat carries the same notice id, also as <c>Idempotency-Key</c>; with several channels the key has the channel's name too, because another
/// channel is no repeat. The same is the <c>webhook-id</c> of the Standard Webhooks convention, by which notices are signed where there is a secret.
/// </remarks>
internal sealed class WebhookNotifier(IHttpClientFactory clients, WebhookAddress address, TimeProvider time) : INotifier
{
    private static readonly JsonSerializerOptions CamelCase = new(JsonSerializerDefaults.Web);

    public async Task<NoticeResult> TellAsync(ChargeNotice notice, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(address.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        using var request = RequestOf(notice);
        try
        {
            using var client = clients.CreateClient(nameof(WebhookNotifier));
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            return answer.IsSuccessStatusCode
                ? new NoticeResult.HandedOver(
                    $"{address.Url.Host} {(int)answer.StatusCode} {notice.NoticeId}", Instant.FromDateTimeOffset(time.GetUtcNow()))
                : new NoticeResult.Failed($"the notifier answered {(int)answer.StatusCode}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new NoticeResult.Failed($"the notifier gave no answer within {address.Timeout.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException e)
        {
            return new NoticeResult.Failed($"the notifier cannot be reached: {e.HttpRequestError}");
        }
    }

    private HttpRequestMessage RequestOf(ChargeNotice notice)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(NoticeMessage.Of(notice), CamelCase);
        var request = new HttpRequestMessage(HttpMethod.Post, address.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        var id = notice.Channel.Length == 0 ? notice.NoticeId : $"{notice.NoticeId}/{notice.Channel}";
        request.Headers.Add("Idempotency-Key", id);
        StandardWebhooks.Sign(request, id, Instant.FromDateTimeOffset(time.GetUtcNow()), body, address.Secrets);
        return request;
    }
}

/// <summary>Where notices go.</summary>
/// <param name="Url">An absolute http or https address.</param>
/// <param name="Timeout">How long an answer may take.</param>
internal sealed record WebhookAddress(Uri Url, TimeSpan Timeout)
{
    /// <summary>What signs; none: notices are not signed.</summary>
    public IReadOnlyList<WebhookSecret> Secrets { get; init; } = [];

    /// <summary>Reads the settings; null: none is configured.</summary>
    /// <exception cref="CannotRunException">The message names the setting.</exception>
    public static WebhookAddress? Read(NotifierSettings settings)
    {
        if (string.IsNullOrEmpty(settings.Url))
            return null;
        if (!Uri.TryCreate(settings.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw new CannotRunException($"Renewals:Notifier:Url is '{settings.Url}'; it must be an absolute http or https address.");
        return settings.Timeout >= TimeSpan.FromSeconds(1) && settings.Timeout <= TimeSpan.FromMinutes(1)
            ? new WebhookAddress(url, settings.Timeout) { Secrets = SecretsOf(settings) }
            : throw new CannotRunException($"Renewals:Notifier:Timeout is {settings.Timeout}; it must be 1 s to 1 min (00:00:01 to 00:01:00).");
    }

    private static IReadOnlyList<WebhookSecret> SecretsOf(NotifierSettings settings) =>
        settings.Secrets.Count == 0 ? [] : [.. settings.Secrets.Select((secret, i) => WebhookSecret.Read($"Renewals:Notifier:Secrets:{i}", secret))];
}

/// <summary>A notice on the wire. A contract with merchants: names are added, never changed.</summary>
internal sealed record NoticeMessage(
    string NoticeId, string Subscription, string Member, string Account, string Subject, NoticeAmount Amount, string MoneyFrom, string MoneyUntil,
    string PeriodStart, string ZoneId, string Kind, string? Channel, string? Offer)
{
    public static NoticeMessage Of(ChargeNotice n) => new(
        n.NoticeId, n.Subscription.ToString(), n.Member, n.Account.ToString(), n.Subject, new(n.Amount.MinorUnits, n.Amount.Currency),
        Text(n.MoneyFrom), Text(n.MoneyUntil), Text(n.PeriodStart), n.ZoneId, KindOf(n.Kind),
        n.Channel.Length > 0 ? n.Channel : null, n.Offer);

    private static string KindOf(NoticeKind kind) => kind switch
    {
        NoticeKind.Charge => "charge",
        NoticeKind.Reminder => "reminder",
        NoticeKind.PriceOffer => "price-offer",
        _ => throw new InvalidOperationException($"No such notice: {kind}."),
    };

    private static string Text(Instant instant) => InstantPattern.ExtendedIso.Format(instant);
}

/// <summary>Money on the wire.</summary>
internal sealed record NoticeAmount(long MinorUnits, string Currency);
