using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using NodaTime;
using Renewals.Gateways.Resilience;

namespace Renewals.Gateways.WeChatPay;

/// <summary>Speaks HTTP with the rail: sends what was built, verifies what comes back, and judges nothing.</summary>
internal sealed class WeChatPayClient(
    WeChatPayOptions options, Func<HttpClient> http, RailPipeline pipeline, WeChatPayPlatformKeys keys, TimeProvider time)
{
    private const int MaxAnswerBytes = 1024 * 1024;

    private readonly WeChatPayMerchantKey merchantKey = new(options.MerchantPrivateKeyPem);

    /// <summary>Posts an API v2 message.</summary>
    /// <param name="message">Built and signed once, so every try sends the same bytes.</param>
    /// <param name="call">Whether a lost try may be repeated.</param>
    /// <param name="cancellation">Stops the call.</param>
    public async Task<WeChatPayReply> PostAsync(WeChatPayMessage message, RailCall call, CancellationToken cancellation)
    {
        var xml = message.ToXml();
        var reply = await pipeline.RunAsync(call, token => SendAsync(() => Xml(message.Path, xml), MaxAnswerBytes, token), cancellation);
        return Read(reply, answered => ReadV2(answered, message.SignType));
    }

    /// <summary>Gets an API v2 address whose answer carries no dependable signature (H5纯签约).</summary>
    public async Task<WeChatPayReply> GetUnsignedAsync(WeChatPayMessage message, CancellationToken cancellation)
    {
        var path = $"{message.Path}?{message.ToQuery()}";
        var reply = await pipeline.RunAsync(
            RailCall.Repeatable, token => SendAsync(() => new(HttpMethod.Get, new Uri(options.BaseAddress, path)), MaxAnswerBytes, token), cancellation);
        return Read(reply, answered => ReadV2(answered, signType: null));
    }

    /// <summary>Posts an API v2 message whose answer is a file, not a message.</summary>
    /// <remarks>The pipeline waits for its beginning only: a large file takes longer than any call may.</remarks>
    public async Task<RailReply<HttpAnswer>> DownloadAsync(WeChatPayMessage message, CancellationToken cancellation)
    {
        var xml = message.ToXml();
        var reply = await pipeline.RunAsync(RailCall.Repeatable, token => BeginAsync(() => Xml(message.Path, xml), token), cancellation);
        if (reply is not RailReply<HttpResponseMessage>.Answered { Value: { } response })
            return reply is RailReply<HttpResponseMessage>.NotSent notSent ? new RailReply<HttpAnswer>.NotSent(notSent.Why) : Lost(reply);
        using var timeout = new CancellationTokenSource(options.StatementTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            using (response)
                return new RailReply<HttpAnswer>.Answered(await HttpAnswer.ReadAsync(response, options.MaxStatementBytes, both.Token));
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return new RailReply<HttpAnswer>.Lost($"the file broke off: {fault.Message}");
        }
    }

    /// <summary>Sends an API v3 message; the body is the same in every try, the authorization of each is its own.</summary>
    public async Task<WeChatPayReply> SendAsync(WeChatPayV3Message message, RailCall call, CancellationToken cancellation)
    {
        var reply = await pipeline.RunAsync(call, token => SendAsync(() => Json(message), MaxAnswerBytes, token), cancellation);
        if (reply is RailReply<HttpAnswer>.Answered { Value: { } first } && first.Signed is not null && !keys.Knows(first.Signed.Serial))
            await RefreshKeysAsync(cancellation);
        return Read(reply, answered => ReadV3(answered.Value));
    }

    /// <summary>Downloads the platform certificates (下载平台证书).</summary>
    /// <returns>Null when they were taken; else why nothing changed.</returns>
    public async Task<string?> RefreshKeysAsync(CancellationToken cancellation)
    {
        if (!options.DownloadPlatformCertificates)
            return "downloading platform certificates is off";
        var reply = await pipeline.RunAsync(
            RailCall.Repeatable, token => SendAsync(() => Json(WeChatPayMessages.Certificates()), MaxAnswerBytes, token), cancellation);
        return reply switch
        {
            RailReply<HttpAnswer>.Answered { Value: { Status: 200 } answer } => keys.Take(answer.Signed, answer.Body.Span, options.ApiV3Key, Now()),
            RailReply<HttpAnswer>.Answered answered => $"HTTP {answered.Value.Status}",
            RailReply<HttpAnswer>.Lost lost => lost.Why,
            RailReply<HttpAnswer>.NotSent notSent => notSent.Why,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Asks for the platform certificates and gives the bare answer: who is asked may not know us.</summary>
    public Task<RailReply<HttpAnswer>> ProbeAsync(CancellationToken cancellation) => pipeline.RunAsync(
        RailCall.Repeatable, token => SendAsync(() => Json(WeChatPayMessages.Certificates()), MaxAnswerBytes, token), cancellation);

    private static RailReply<HttpAnswer>.Lost Lost(RailReply<HttpResponseMessage> reply) =>
        new(reply is RailReply<HttpResponseMessage>.Lost lost ? lost.Why : throw new System.Diagnostics.UnreachableException());

    private static WeChatPayReply Read(RailReply<HttpAnswer> reply, Func<RailReply<HttpAnswer>.Answered, WeChatPayReply> read) => reply switch
    {
        RailReply<HttpAnswer>.Answered answered => read(answered),
        RailReply<HttpAnswer>.Lost lost => new WeChatPayReply.Unclear(lost.Why),
        RailReply<HttpAnswer>.NotSent notSent => new WeChatPayReply.NotSent(notSent.Why),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    // The order of the checks is the rail's: readable, understood, genuine. What the message says comes after, and elsewhere.
    private WeChatPayReply ReadV2(RailReply<HttpAnswer>.Answered answered, WeChatPaySignType? signType)
    {
        if (!WeChatPayXml.TryRead(answered.Value.Body.Span, out var fields, out var why))
            return new WeChatPayReply.Unclear($"broken XML: {why}");
        if (fields.Text("return_code") != "SUCCESS")
            return new WeChatPayReply.Unclear($"return_code {fields.Code("return_code")}: {WeChatPayCodes.OfReturnMessage(fields.Text("return_msg"))}");
        return signType is { } type && !WeChatPaySigner.Verify(fields, options.ApiV2Key, type)
            ? new WeChatPayReply.Unclear("the signature of the answer is wrong or missing")
            : new WeChatPayReply.Message(fields, answered.Repeated);
    }

    private WeChatPayReply ReadV3(HttpAnswer answer)
    {
        // A request the rail cannot attribute to a merchant is answered without a signature.
        if (answer is { Status: 401, Signed: null })
            return new WeChatPayReply.Json(answer.Status, answer.Body);
        return keys.WhyNot(answer.Signed, answer.Body.Span, Now()) is { } fault
            ? new WeChatPayReply.Unclear($"HTTP {answer.Status}: {fault}")
            : new WeChatPayReply.Json(answer.Status, answer.Body);
    }

    private HttpRequestMessage Xml(string path, byte[] xml) => new(HttpMethod.Post, new Uri(options.BaseAddress, path))
    {
        Content = new ByteArrayContent(xml) { Headers = { ContentType = new("text/xml", "utf-8") } },
    };

    private HttpRequestMessage Json(WeChatPayV3Message message)
    {
        var request = new HttpRequestMessage(new HttpMethod(message.Method), new Uri(options.BaseAddress, message.Path));
        var timestamp = Now().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var authorization = merchantKey.Use(key => WeChatPayV3Signer.Authorize(
            (options.MchId, options.MerchantSerialNo), key,
            (message.Method, message.Path, timestamp, WeChatPaySealer.RandomNonce(), message.Body)));
        request.Headers.Authorization = new AuthenticationHeaderValue(WeChatPayV3Signer.Scheme, authorization.Parameter);
        request.Headers.Accept.Add(new("application/json"));
        if (keys.Preferred is { } serial)
            request.Headers.Add(WeChatPaySignedHeaders.SerialName, serial);
        if (message.Body.Length > 0)
            request.Content = new ReadOnlyMemoryContent(message.Body) { Headers = { ContentType = new("application/json") } };
        return request;
    }

    private async Task<HttpAnswer> SendAsync(Func<HttpRequestMessage> build, int limit, CancellationToken cancellation)
    {
        using var response = await BeginAsync(build, cancellation);
        return await HttpAnswer.ReadAsync(response, limit, cancellation);
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
