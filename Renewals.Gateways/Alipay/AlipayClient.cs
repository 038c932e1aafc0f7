using System.Net;
using NodaTime;
using Renewals.Gateways.Resilience;

namespace Renewals.Gateways.Alipay;

/// <summary>Speaks the form protocol (<c>gateway.do</c>) with the rail: sends what was built, verifies what comes back, and judges nothing.</summary>
internal sealed class AlipayClient(
    AlipayOptions options, Func<HttpClient> http, RailPipeline pipeline, AlipaySealer sealer, AlipayPlatformKeys keys, TimeProvider time)
{
    private const int MaxAnswerBytes = 1024 * 1024;

    /// <summary>Makes one call.</summary>
    /// <param name="message">What is asked.</param>
    /// <param name="call">Whether a lost try may be repeated. It is sealed once, so a repeat is the same bytes.</param>
    /// <param name="cancellation">Stops the call.</param>
    public async Task<AlipayReply> CallAsync(AlipayMessage message, RailCall call, CancellationToken cancellation)
    {
        var reply = await PostAsync(message, call, cancellation);
        var read = Read(reply, message.Method);

        // The rail signs with a certificate that is not held yet: fetched, the same answer may prove genuine.
        if (read is AlipayReply.Unclear && keys.TakeMissed() is { } serial && await FetchCertificateAsync(serial, cancellation) is null)
            read = Read(reply, message.Method);
        return read;
    }

    /// <summary>Downloads a certificate the rail signs with, and takes it if it leads to a configured root.</summary>
    /// <remarks>The answer's own signature cannot be checked yet; the chain of the certificate is what proves it.</remarks>
    /// <returns>Null when it was taken; else why nothing changed.</returns>
    public async Task<string?> FetchCertificateAsync(string serial, CancellationToken cancellation)
    {
        var message = AlipayMessages.Certificate(serial);
        var reply = await PostAsync(message, RailCall.Repeatable, cancellation);
        return reply switch
        {
            RailReply<ReadOnlyMemory<byte>>.Answered answered => AlipayMessages.CertificateOf(answered.Value.Span, options.AesKey) is { } pem
                ? keys.Take(serial, pem, Now())
                : "the answer holds no certificate",
            RailReply<ReadOnlyMemory<byte>>.Lost lost => lost.Why,
            RailReply<ReadOnlyMemory<byte>>.NotSent notSent => notSent.Why,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Gets a file from an address the rail gave; no signature, no parameters.</summary>
    /// <remarks>The pipeline waits for its beginning only: a large file takes longer than any call may.</remarks>
    public async Task<RailReply<ReadOnlyMemory<byte>>> DownloadAsync(Uri address, CancellationToken cancellation)
    {
        var reply = await pipeline.RunAsync(RailCall.Repeatable, token => BeginAsync(() => new(HttpMethod.Get, address), token), cancellation);
        switch (reply)
        {
            case RailReply<HttpResponseMessage>.Lost lost:
                return new RailReply<ReadOnlyMemory<byte>>.Lost(lost.Why);
            case RailReply<HttpResponseMessage>.NotSent notSent:
                return new RailReply<ReadOnlyMemory<byte>>.NotSent(notSent.Why);
        }

        using var response = ((RailReply<HttpResponseMessage>.Answered)reply).Value;
        if (response.StatusCode != HttpStatusCode.OK)
            return new RailReply<ReadOnlyMemory<byte>>.Lost($"HTTP {(int)response.StatusCode} in the place of the file");
        using var timeout = new CancellationTokenSource(options.StatementTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            return new RailReply<ReadOnlyMemory<byte>>.Answered(await response.ReadBodyAsync(options.MaxDownloadBytes, both.Token));
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException
            || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return new RailReply<ReadOnlyMemory<byte>>.Lost($"the file broke off: {fault.Message}");
        }
    }

    private Task<RailReply<ReadOnlyMemory<byte>>> PostAsync(AlipayMessage message, RailCall call, CancellationToken cancellation)
    {
        // The rail decodes the body by the charset in the address.
        var address = new Uri($"{options.Gateway}?charset=utf-8");
        var form = AlipayWire.Utf8.GetBytes(AlipayWire.Form(sealer.Seal(message, Now()), AlipayWire.Utf8));
        return pipeline.RunAsync(call, token => SendAsync(() => new(HttpMethod.Post, address)
        {
            Content = new ByteArrayContent(form) { Headers = { ContentType = new("application/x-www-form-urlencoded", "utf-8") } },
        }, token), cancellation);
    }

    private AlipayReply Read(RailReply<ReadOnlyMemory<byte>> reply, string method) => reply switch
    {
        RailReply<ReadOnlyMemory<byte>>.Answered answered =>
            AlipayReader.Read(answered.Value.Span, method, keys, options.AesKey, Now(), answered.Repeated),
        RailReply<ReadOnlyMemory<byte>>.Lost lost => new AlipayReply.Unclear(lost.Why),
        RailReply<ReadOnlyMemory<byte>>.NotSent notSent => new AlipayReply.NotSent(notSent.Why),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private async Task<ReadOnlyMemory<byte>> SendAsync(Func<HttpRequestMessage> build, CancellationToken cancellation)
    {
        using var response = await BeginAsync(build, cancellation);
        return await response.ReadBodyAsync(MaxAnswerBytes, cancellation);
    }

    private async Task<HttpResponseMessage> BeginAsync(Func<HttpRequestMessage> build, CancellationToken cancellation)
    {
        using var request = build();
        request.Headers.UserAgent.Add(new("Renewals", "0.1"));
        var response = await http().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (response.StatusCode is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout))
            return response;
        response.Dispose();
        throw new HttpRequestException($"HTTP {(int)response.StatusCode} before the rail", null, response.StatusCode);
    }

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());
}
