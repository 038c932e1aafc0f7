using System.Net;
using System.Net.Http.Headers;
using System.Text;
using NodaTime;
using Renewals.Gateways.Resilience;

namespace Renewals.Gateways.UnionPay;

/// <summary>Posts messages, verifies what comes back, and judges nothing.</summary>
internal sealed class UnionPayClient(
    UnionPayOptions options, Func<HttpClient> http, RailPipeline pipeline, UnionPaySealer sealer, UnionPayVerifier verifier, TimeProvider time)
{
    private const int MaxAnswerBytes = 1024 * 1024;

    private readonly Encoding encoding = UnionPayWire.EncodingOf(options.Encoding);

    /// <summary>Makes one call.</summary>
    /// <param name="message">What is asked. It is sealed once, so a repeat is the same bytes.</param>
    /// <param name="call">Whether a lost try may be repeated; money never is at this rail.</param>
    /// <param name="cancellation">Stops the call.</param>
    public async Task<UnionPayReply> CallAsync(UnionPayMessage message, RailCall call, CancellationToken cancellation) =>
        (await AskAsync(message, call, cancellation)).Reply;

    /// <summary>Makes one call, and says what the rail's clock showed.</summary>
    public async Task<(UnionPayReply Reply, DateTimeOffset? Date)> AskAsync(UnionPayMessage message, RailCall call, CancellationToken cancellation)
    {
        var form = sealer.Form(message);
        var reply = await pipeline.RunAsync(call, async token =>
        {
            using var response = await BeginAsync(message, form, token);
            return (Status: response.StatusCode, response.Headers.Date, Body: await response.ReadBodyAsync(MaxAnswerBytes, token));
        }, cancellation);
        return reply switch
        {
            RailReply<(HttpStatusCode Status, DateTimeOffset? Date, ReadOnlyMemory<byte> Body)>.Answered answered =>
                (Read(answered.Value.Status, answered.Value.Body.Span), answered.Value.Date),
            RailReply<(HttpStatusCode, DateTimeOffset?, ReadOnlyMemory<byte>)>.Lost lost => (new UnionPayReply.Unclear(lost.Why), null),
            RailReply<(HttpStatusCode, DateTimeOffset?, ReadOnlyMemory<byte>)>.NotSent notSent => (new UnionPayReply.NotSent(notSent.Why), null),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Makes a call whose answer brings a file.</summary>
    /// <remarks>The pipeline waits for its beginning only: a large file takes longer than any call may.</remarks>
    public async Task<UnionPayReply> DownloadAsync(UnionPayMessage message, CancellationToken cancellation)
    {
        var form = sealer.Form(message);
        var reply = await pipeline.RunAsync(RailCall.Repeatable, token => BeginAsync(message, form, token), cancellation);
        switch (reply)
        {
            case RailReply<HttpResponseMessage>.Lost lost:
                return new UnionPayReply.Unclear(lost.Why);
            case RailReply<HttpResponseMessage>.NotSent notSent:
                return new UnionPayReply.NotSent(notSent.Why);
        }

        using var response = ((RailReply<HttpResponseMessage>.Answered)reply).Value;
        using var timeout = new CancellationTokenSource(options.StatementTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            var body = await response.ReadBodyAsync(options.MaxStatementBytes, both.Token);
            return Read(response.StatusCode, body.Span);
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException
            || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return new UnionPayReply.Unclear($"the file broke off: {fault.Message}");
        }
    }

    private UnionPayReply Read(HttpStatusCode status, ReadOnlySpan<byte> body)
    {
        if (status != HttpStatusCode.OK)
            return new UnionPayReply.Unclear($"HTTP {(int)status}");
        if (!UnionPayWire.TryReadAnswer(body, encoding, out var fields, out var why))
            return new UnionPayReply.Unclear($"broken answer: {why}");
        return verifier.WhyNot(fields, Now()) is { } forged ? new UnionPayReply.Unclear(forged)
            : fields.Text("merId") != options.MerId ? new UnionPayReply.Unclear("the answer is for another merchant")
            : new UnionPayReply.Message(fields);
    }

    private async Task<HttpResponseMessage> BeginAsync(UnionPayMessage message, byte[] form, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, sealer.AddressOf(message))
        {
            Content = new ByteArrayContent(form)
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded", options.Encoding) },
            },
        };
        request.Headers.UserAgent.Add(new("Renewals", "0.1"));
        var response = await http().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (response.StatusCode is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout))
            return response;
        response.Dispose();
        throw new HttpRequestException($"HTTP {(int)response.StatusCode} before the rail", null, response.StatusCode);
    }

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());
}
