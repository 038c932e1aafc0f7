using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Renewals.Gateways.UnionPay;

namespace Renewals.Tests.Gateways.UnionPay;

/// <summary>The rail's side of one connection: answers each request in turn, and keeps what came.</summary>
internal sealed class StubRail : HttpMessageHandler
{
    // What an answer repeats of its request.
    private static readonly string[] Echoed =
    [
        "version", "encoding", "signMethod", "txnType", "txnSubType", "bizType", "accessType", "merId", "orderId", "txnTime", "txnAmt", "currencyCode",
        "settleDate", "fileType", "billNo", "bindId",
    ];

    private readonly Queue<Func<IReadOnlyDictionary<string, string>, CancellationToken, Task<HttpResponseMessage>>> answers = new();
    private UnionPayOptions options = Samples.Options();

    public FakeTimeProvider Time { get; } = new(Samples.Now.ToDateTimeOffset());

    /// <summary>Address, content type, body and fields of each request.</summary>
    public List<(Uri Address, string? ContentType, byte[] Body, IReadOnlyDictionary<string, string> Fields)> Received { get; } = [];

    /// <summary>Type and subtype of each request, and the last part of its address.</summary>
    public IEnumerable<string> Calls => Received.Select(call => $"{call.Fields["txnType"]}/{call.Fields["txnSubType"]} {call.Address.Segments[^1]}");

    public UnionPayGateway Gateway(Action<UnionPayOptions>? change = null) => new(
        options = Samples.Options(change), () => new HttpClient(this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan }, Time);

    /// <summary>The next answer: the request's own fields with a code, and more; signed. Null takes a field out.</summary>
    public StubRail Says(string code, params (string Name, string? Value)[] more) => Then((request, _) =>
    {
        var fields = request.Where(field => Echoed.Contains(field.Key)).ToDictionary(StringComparer.Ordinal);
        (fields["respCode"], fields["respMsg"]) = (code, "text");
        foreach (var (name, value) in more)
        {
            if (value is null)
                fields.Remove(name);
            else
                fields[name] = value;
        }

        var encoding = UnionPayWire.EncodingOf(options.Encoding);
        return Task.FromResult(Answer(200, UnionPayWire.WriteAnswer(Samples.SignedByPlatform(fields, options), encoding)));
    });

    /// <summary>The next answer: what became of the transaction asked for.</summary>
    public StubRail SaysOf(string type, string code, params (string Name, string? Value)[] more) => Says("00", [("txnType", type), ("origRespCode", code), .. more]);

    /// <summary>The next answer: the order was paid.</summary>
    public StubRail SaysPaid(string code = "00") => SaysOf("11", code, Samples.PaymentData);

    public StubRail SaysRaw(byte[] body, int status = 200) => Then((_, _) => Task.FromResult(Answer(status, body)));

    public StubRail SaysRaw(string body) => SaysRaw(Encoding.UTF8.GetBytes(body));

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
        var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
        UnionPayWire.TryReadForm(body, UnionPayWire.EncodingOf(options.Encoding), out var fields, out var why).Should().BeTrue(why);
        Received.Add((request.RequestUri!, request.Content.Headers.ContentType?.ToString(), body, fields!));
        return answers.TryDequeue(out var answer)
            ? await answer(fields!, cancellationToken)
            : throw new InvalidOperationException($"nobody expected {request.RequestUri} {Encoding.UTF8.GetString(body)}");
    }

    private StubRail Then(Func<IReadOnlyDictionary<string, string>, CancellationToken, Task<HttpResponseMessage>> answer)
    {
        answers.Enqueue(answer);
        return this;
    }

    private HttpResponseMessage Answer(int status, byte[] body) =>
        new((HttpStatusCode)status) { Content = new ByteArrayContent(body), Headers = { Date = Time.GetUtcNow() } };
}
