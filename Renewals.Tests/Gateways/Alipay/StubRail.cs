using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Renewals.Gateways.Alipay;

namespace Renewals.Tests.Gateways.Alipay;

/// <summary>The rail's side of one connection: answers each request in turn, and keeps what came.</summary>
internal sealed class StubRail : HttpMessageHandler
{
    private readonly Queue<Func<HttpRequestMessage, string, CancellationToken, Task<HttpResponseMessage>>> answers = new();

    public FakeTimeProvider Time { get; } = new(Samples.Now.ToDateTimeOffset());

    /// <summary>Address, body and fields of each request.</summary>
    public List<(Uri Address, byte[] Body, IReadOnlyDictionary<string, string> Fields)> Received { get; } = [];

    public IEnumerable<string> Methods => Received.Select(request => request.Fields.GetValueOrDefault("method", request.Address.Host));

    public AlipayGateway Gateway(Action<AlipayOptions>? change = null) =>
        new(Samples.Options(change), () => new HttpClient(this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan }, Time);

    /// <summary>The next answer: a node of whatever method was called, signed.</summary>
    public StubRail Says(string node, string serial = "") =>
        Then((_, method, _) => Task.FromResult(Answer(200, AlipayWire.Utf8.GetBytes(Samples.Body(method, node, serial)))));

    /// <summary>The next answer: a business failure, signed.</summary>
    public StubRail Fails(string subCode) => Says($$"""{"code":"40004","msg":"Business Failed","sub_code":"{{subCode}}","sub_msg":"x"}""");

    /// <summary>The next answer: success, with more fields.</summary>
    public StubRail Succeeds(string fields = "") => Says($$"""{"code":"10000","msg":"Success"{{(fields.Length > 0 ? "," : "")}}{{fields}}}""");

    public StubRail SaysRaw(byte[] body, int status = 200) => Then((_, _, _) => Task.FromResult(Answer(status, body)));

    /// <summary>The next answer never comes; so much time passes waiting for it.</summary>
    /// <remarks>Time passes only here, once the request is in: a slow machine cannot make a test's clock run ahead of its calls.</remarks>
    public StubRail KeepsSilent(TimeSpan passing) => Then(async (_, _, cancellation) =>
    {
        Time.Advance(passing);
        await Task.Delay(Timeout.Infinite, cancellation);
        throw new InvalidOperationException();
    });

    public StubRail Breaks() => Then((_, _, _) => throw new HttpRequestException("connection reset"));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var fields = body.Length == 0 ? new Dictionary<string, string>() : AlipayWire.TryReadForm(body)!.Value.Fields;
        Received.Add((request.RequestUri!, body, fields));
        return answers.TryDequeue(out var answer)
            ? await answer(request, fields.GetValueOrDefault("method", ""), cancellationToken)
            : throw new InvalidOperationException($"nobody expected {request.RequestUri} {Encoding.UTF8.GetString(body)}");
    }

    private StubRail Then(Func<HttpRequestMessage, string, CancellationToken, Task<HttpResponseMessage>> answer)
    {
        answers.Enqueue(answer);
        return this;
    }

    private static HttpResponseMessage Answer(int status, byte[] body) => new((HttpStatusCode)status) { Content = new ByteArrayContent(body) };
}
