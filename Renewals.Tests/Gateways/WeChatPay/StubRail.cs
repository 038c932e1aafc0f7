using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Tests.Gateways.WeChatPay;

/// <summary>The rail's side of one connection: answers each request in turn, and keeps what came.</summary>
internal sealed class StubRail : HttpMessageHandler
{
    private readonly Queue<Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>> answers = new();

    public FakeTimeProvider Time { get; } = new(Samples.Now.ToDateTimeOffset());

    /// <summary>Method, path and body of each request.</summary>
    public List<(string Path, byte[] Body, HttpRequestMessage Request)> Received { get; } = [];

    public WeChatPayGateway Gateway(Action<WeChatPayOptions>? change = null) =>
        new(Samples.Options(change), () => new HttpClient(this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan }, Time);

    /// <summary>The next answer: a v2 message, signed.</summary>
    public StubRail Says(params (string, string)[] fields) => Says(Samples.SignedXml(Samples.Ours(fields)));

    public StubRail Says(byte[] body, int status = 200) => Then((_, _) => Task.FromResult(Answer(status, body)));

    /// <summary>The next answer: a v3 message, signed with the vectors' platform TEST KEY.</summary>
    public StubRail SaysJson(int status, string json, string serial = Samples.PlatformSerial) => Then((_, _) =>
    {
        using var key = RSA.Create();
        key.ImportFromPem(Samples.Vector("v3-notify.json").Text("platform_private_key_pem_TEST_ONLY"));
        var body = Encoding.UTF8.GetBytes(json);
        var answer = Answer(status, body);
        var headers = WeChatPaySignedHeaders.Sign(key, serial, Time.GetUtcNow().ToUnixTimeSeconds().ToString(), "n", body);
        foreach (var (name, value) in headers.ToDictionary())
            answer.Headers.Add(name, value);
        return Task.FromResult(answer);
    });

    /// <summary>The next answer never comes; so much time passes waiting for it.</summary>
    /// <remarks>Time passes only here, once the request is in: a slow machine cannot make a test's clock run ahead of its calls.</remarks>
    public StubRail KeepsSilent(TimeSpan passing) => Then(async (_, cancellation) =>
    {
        Time.Advance(passing);
        await Task.Delay(Timeout.Infinite, cancellation);
        throw new InvalidOperationException();
    });

    public StubRail Breaks() => Then((_, _) => throw new HttpRequestException("connection reset"));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        Received.Add((request.RequestUri!.AbsolutePath, body, request));
        return answers.TryDequeue(out var answer)
            ? await answer(request, cancellationToken)
            : throw new InvalidOperationException($"nobody expected {request.RequestUri}");
    }

    private StubRail Then(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer)
    {
        answers.Enqueue(answer);
        return this;
    }

    private static HttpResponseMessage Answer(int status, byte[] body) =>
        new((HttpStatusCode)status) { Content = new ByteArrayContent(body) };
}
