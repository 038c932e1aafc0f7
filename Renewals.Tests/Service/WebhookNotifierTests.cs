using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Host.Service;
using Renewals.Host.Webhooks;

namespace Renewals.Tests.Service;

public class WebhookNotifierTests
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 2, 20, 0, 0, 0, TimeSpan.Zero));

    private static readonly ChargeNotice Notice = new(
        "notice-1", new(new Guid(1, 0, 0, new byte[8])), "m1", new("wechat", "1900000109"), "Monthly", Money.Cny(2_500),
        Instant.FromUtc(2026, 2, 26, 23, 0), Instant.FromUtc(2026, 3, 5, 13, 50), Instant.FromUtc(2026, 2, 27, 16, 0), "Asia/Shanghai");

    private static readonly IReadOnlyList<WebhookSecret> Secrets = [WebhookSecret.Read("a", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")];

    [Fact]
    public async Task Another_channel_is_no_repeat()
    {
        var merchant = new Merchant((_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)));
        await merchant.TellAsync(Notice with { Channel = "sms" });
        merchant.Key.Should().Be("notice-1/sms");
        JsonDocument.Parse(merchant.Body!).RootElement.GetProperty("channel").GetString().Should().Be("sms");
    }

    [Theory]
    [InlineData(HttpStatusCode.OK)]
    [InlineData(HttpStatusCode.Accepted)]
    [InlineData(HttpStatusCode.NoContent)]
    public async Task Any_2xx_answer_is_a_notice_handed_over(HttpStatusCode status)
    {
        var merchant = new Merchant((_, _) => Task.FromResult(new HttpResponseMessage(status)));

        (await merchant.TellAsync()).Should().Be(
            new NoticeResult.HandedOver($"members.example.com {(int)status} notice-1", Instant.FromDateTimeOffset(Clock.GetUtcNow())));

        merchant.Key.Should().Be("notice-1");
        merchant.Signed.Should().Be(("notice-1", StandardWebhooks.SignatureOf("notice-1", Clock.GetUtcNow().ToUnixTimeSeconds(), System.Text.Encoding.UTF8.GetBytes(merchant.Body!), Secrets)));
        using var body = JsonDocument.Parse(merchant.Body!);
        body.RootElement.GetProperty("amount").GetProperty("minorUnits").GetInt64().Should().Be(2_500);
        body.RootElement.GetProperty("account").GetString().Should().Be("wechat:1900000109");
        body.RootElement.GetProperty("moneyFrom").GetString().Should().Be("2026-02-26T23:00:00Z");
    }

    [Theory]
    [InlineData(HttpStatusCode.Found)]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task Every_other_answer_is_none(HttpStatusCode status) =>
        (await new Merchant((_, _) => Task.FromResult(new HttpResponseMessage(status))).TellAsync())
            .Should().Be(new NoticeResult.Failed($"the notifier answered {(int)status}"));

    [Fact]
    public async Task A_broken_connection_is_none() =>
        (await new Merchant((_, _) => throw new HttpRequestException(HttpRequestError.ConnectionError)).TellAsync())
            .Should().Be(new NoticeResult.Failed("the notifier cannot be reached: ConnectionError"));

    [Fact]
    public async Task Silence_is_none()
    {
        var telling = new Merchant(async (_, cancellation) =>
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return new HttpResponseMessage();
        }).TellAsync();
        Clock.Advance(TimeSpan.FromSeconds(10));
        (await telling).Should().Be(new NoticeResult.Failed("the notifier gave no answer within 10 s"));
    }

    private sealed class Merchant(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler, IHttpClientFactory
    {
        public string? Body { get; private set; }

        public string? Key { get; private set; }

        public (string Id, string Signature) Signed { get; private set; }

        public Task<NoticeResult> TellAsync(ChargeNotice? notice = null) =>
            new WebhookNotifier(this, new(new("https://members.example.com/notices"), TimeSpan.FromSeconds(10)) { Secrets = Secrets }, Clock).TellAsync(notice ?? Notice, default);

        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            (Key, Body) = (request.Headers.GetValues("Idempotency-Key").Single(), await request.Content!.ReadAsStringAsync(cancellationToken));
            Signed = (request.Headers.GetValues("webhook-id").Single(), request.Headers.GetValues("webhook-signature").Single());
            return await answer(request, cancellationToken);
        }
    }
}
