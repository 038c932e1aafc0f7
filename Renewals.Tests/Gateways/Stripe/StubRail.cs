using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Renewals.Gateways.Stripe;

namespace Renewals.Tests.Gateways.Stripe;

/// <summary>The rail's side of one connection: answers each request in turn, and keeps what came.</summary>
internal sealed class StubRail : HttpMessageHandler
{
    private readonly Queue<Func<CancellationToken, Task<HttpResponseMessage>>> answers = new();

    public FakeTimeProvider Time { get; } = new(Samples.Now.ToDateTimeOffset());

    /// <summary>Method and path, body, idempotency key and authorization of each request.</summary>
    public List<(string Call, string Body, string? Key, string Authorization, string Query)> Received { get; } = [];

    public StripeGateway Gateway(Action<StripeOptions>? change = null) =>
        new(Samples.Options(change), () => new HttpClient(this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan }, Time);

    public StubRail Says(JsonObject body, int status = 200) => SaysText(body.ToJsonString(), status);

    public StubRail SaysText(string body, int status = 200) => Then(_ => Task.FromResult(
        new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json"), Headers = { Date = Time.GetUtcNow() } }));

    /// <summary>The next answer never comes; so much time passes waiting for it.</summary>
    public StubRail KeepsSilent(TimeSpan passing) => Then(async cancellation =>
    {
        Time.Advance(passing);
        await Task.Delay(Timeout.Infinite, cancellation);
        throw new InvalidOperationException();
    });

    public StubRail Breaks() => Then(_ => throw new HttpRequestException("connection reset"));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var key = request.Headers.TryGetValues("Idempotency-Key", out var keys) ? keys.Single() : null;
        Received.Add(($"{request.Method} {request.RequestUri!.AbsolutePath}", body, key, request.Headers.Authorization!.ToString(), request.RequestUri.Query));
        return answers.TryDequeue(out var answer) ? await answer(cancellationToken) : throw new InvalidOperationException($"nobody expected {request.RequestUri}");
    }

    private StubRail Then(Func<CancellationToken, Task<HttpResponseMessage>> answer)
    {
        answers.Enqueue(answer);
        return this;
    }
}
