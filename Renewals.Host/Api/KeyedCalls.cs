using System.Buffers.Binary;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Ledger;

namespace Renewals.Host.Api;

/// <summary>Calls with an idempotency key: sent again, they get the answer they had, and nothing is done twice.</summary>
/// <remarks>
/// The answer is durable before it is given. Only what was done is kept: a refusal stored nothing, so the same key may be tried again. A call whose host
/// died is done anew after <see cref="IKeptAnswers.Patience"/>; the commands bear it, and a signing gets its id from the key.
/// </remarks>
internal static class KeyedCalls
{
    /// <summary>The caller's key.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>Says that an answer was given before.</summary>
    public const string Replayed = "Idempotency-Replayed";

    /// <summary>Looks for a key on every POST of the API, once it is known who calls.</summary>
    public static void UseKeyedCalls(this IApplicationBuilder app, ApiEngine engine, ApiSettings settings) => app.Use(async (context, next) =>
    {
        if (context.Request.Headers[Header] is not [{ } key, ..] || context.Request.Method != HttpMethods.Post || !ApiEndpoints.IsGuarded(context))
            await next(context);
        else if (context.Request.Headers[Header].Count > 1)
            await ApiEndpoints.Problem(400, $"The call has more than one {Header}: send one.").ExecuteAsync(context);
        else if (Check.Name(Header, key) is { } fault)
            await ApiEndpoints.Problem(400, fault).ExecuteAsync(context);
        else
            await RunAsync(context, key, engine, settings, next);
    });

    /// <summary>The id a signing without one has: the key's, so that a repeat finds it.</summary>
    public static Guid? IdOf(HttpContext context) => context.Features.Get<KeyedCall>()?.Key;

    private static async Task RunAsync(HttpContext context, string key, ApiEngine engine, ApiSettings settings, RequestDelegate next)
    {
        try
        {
            await TakeAsync(context, key, engine, settings, next);
        }
        catch (Exception e) when (e is DbException or TimeoutException && !context.Response.HasStarted)
        {
            await ApiEndpoints.NotConfirmed(context).ExecuteAsync(context);
        }
    }

    private static async Task TakeAsync(HttpContext context, string key, ApiEngine engine, ApiSettings settings, RequestDelegate next)
    {
        var (answers, now) = (engine.Get<LedgerDatabase>().Answers, engine.Get<EngineClock>().Now);
        var call = await ReadAsync(context, key);
        switch (await answers.TakeAsync(call, now, now - Duration.FromTimeSpan(settings.KeepAnswersFor), context.RequestAborted))
        {
            case CallTaken.Answered { Answer: var answer }:
                context.Response.Headers[Replayed] = "true";
                await WriteAsync(context, answer);
                break;
            case CallTaken.UnderWay:
                context.Response.Headers.RetryAfter = "1";
                await ApiEndpoints.Problem(409, $"A call with this {Header} is under way: wait and ask again.").ExecuteAsync(context);
                break;
            case CallTaken.OtherCall:
                await ApiEndpoints.Problem(422, $"This {Header} was used for another call: give each call a key of its own.").ExecuteAsync(context);
                break;
            case CallTaken.Begin:
                context.Features.Set(call);
                await DoAsync(context, call, answers, next);
                break;
            default:
                throw new InvalidOperationException("No such result.");
        }
    }

    private static async Task DoAsync(HttpContext context, KeyedCall call, IKeptAnswers answers, RequestDelegate next)
    {
        var (wire, kept) = (context.Response.Body, false);
        using var body = new MemoryStream();
        context.Response.Body = body;
        try
        {
            await next(context);
            if (context.Response.StatusCode is >= 200 and < 300)
            {
                var answer = new KeptAnswer(context.Response.StatusCode, context.Response.ContentType, context.Response.Headers.ETag, body.ToArray());
                kept = await answers.KeepAsync(call, answer, CancellationToken.None);
            }
        }
        finally
        {
            context.Response.Body = wire;
            if (!kept)
                await answers.GiveBackAsync(call, CancellationToken.None);
        }

        await wire.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
    }

    private static async Task WriteAsync(HttpContext context, KeptAnswer answer)
    {
        (context.Response.StatusCode, context.Response.ContentType) = (answer.Status, answer.ContentType);
        if (answer.ETag is { } tag)
            context.Response.Headers.ETag = tag;
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private static async Task<KeyedCall> ReadAsync(HttpContext context, string key)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        body.Position = 0;
        context.Request.Body = body;
        var caller = context.Features.GetRequiredFeature<ApiCaller>();
        return new(
            EventIds.Named(Guid.Empty, $"api/{caller.Name}\n{key}"), Guid.CreateVersion7(),
            HashOf($"{context.Request.Method}\n{context.Request.Path}{context.Request.QueryString}", body.ToArray()));
    }

    // The length goes first, so that no end of the line can be taken for the beginning of the body.
    private static byte[] HashOf(string line, byte[] body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, line.Length);
        hash.AppendData(length);
        hash.AppendData(Encoding.UTF8.GetBytes(line));
        hash.AppendData(body);
        return hash.GetHashAndReset();
    }
}

/// <summary>Forgets answers that were kept long enough.</summary>
internal sealed partial class AnswerEraser(ApiEngine engine, ApiSettings settings, TimeProvider time, ILogger<AnswerEraser> log) : BackgroundService
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (engine.IsOpen)
                await EraseAsync(stoppingToken);
        }
    }

    private async Task EraseAsync(CancellationToken stopping)
    {
        try
        {
            var before = engine.Get<EngineClock>().Now - Duration.FromTimeSpan(settings.KeepAnswersFor);
            await engine.Get<LedgerDatabase>().Answers.EraseBeforeAsync(before, stopping);
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            Kept(e.Message);
        }
    }

    [LoggerMessage(2002, LogLevel.Warning, "Answers that were kept long enough could not be erased, and it is tried again: {Why}")]
    private partial void Kept(string why);
}
