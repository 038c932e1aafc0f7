using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Retry;
using Polly.Telemetry;
using Polly.Timeout;
using Renewals.Core.Calendar;

namespace Renewals.Gateways.Resilience;

/// <summary>What kind of call is made, which decides whether a lost one may be made again.</summary>
public enum RailCall
{
    /// <summary>Changes nothing, or nothing twice: may be repeated.</summary>
    Repeatable = 0,

    /// <summary>Takes or gives money: repeated only where the rail takes the same order at most once, and then byte for byte.</summary>
    Money = 1,

    /// <summary>Never repeated.</summary>
    Once = 2,
}

/// <summary>What became of a call, as far as the machine can know.</summary>
/// <typeparam name="T">What an answered call gives.</typeparam>
public abstract record RailReply<T>
{
    private RailReply()
    {
    }

    /// <summary>The rail answered.</summary>
    /// <param name="Value">What it said.</param>
    /// <param name="Repeated">True when an earlier try was lost: then that one may have arrived, whatever this answer says.</param>
    public sealed record Answered(T Value, bool Repeated = false) : RailReply<T>;

    /// <summary>It may have arrived; no answer came.</summary>
    public sealed record Lost(string Why) : RailReply<T>;

    /// <summary>Nothing left this machine: no permit, or an open breaker, before the first try.</summary>
    public sealed record NotSent(string Why) : RailReply<T>;
}

/// <summary>The Polly pipeline of one merchant account: total timeout, retry, rate limit, circuit breaker, attempt timeout, in this order.</summary>
/// <remarks>Every try takes a permit, so repeats count against the rate. All delays run on the injected clock.</remarks>
public sealed class RailPipeline : IDisposable
{
    private static readonly ResiliencePropertyKey<bool> MayRepeat = new("rail.may-repeat");

    private readonly CircuitBreakerStateProvider state = new();
    private readonly TokenBucket bucket;
    private readonly string account;
    private readonly TimeProvider time;
    private readonly TimeSpan breakDuration;
    private readonly Resend resend;
    private long openedAt;

    /// <summary>Builds the pipeline.</summary>
    /// <param name="account">The merchant account as text: the instance name in metrics.</param>
    /// <param name="options">Checked at start by the adapter's options.</param>
    /// <param name="resend">What a repeat of a money call means at the rail.</param>
    /// <param name="time">The clock of all delays.</param>
    /// <param name="logs">Where Polly's telemetry goes; null for none.</param>
    public RailPipeline(string account, ResilienceOptions options, Resend resend, TimeProvider time, ILoggerFactory? logs = null)
    {
        (this.account, this.time, this.resend, breakDuration) = (account, time, resend, options.BreakDuration);
        bucket = new(options.CallsPerSecond, options.Burst, time);
        var builder = new ResiliencePipelineBuilder { Name = "rail", InstanceName = account, TimeProvider = time };

        // An answer carries signatures and names of people: a log gets its kind, never its content.
        if (logs is not null)
            builder.ConfigureTelemetry(new TelemetryOptions { LoggerFactory = logs, ResultFormatter = (_, result) => result?.GetType().Name });
        builder.AddTimeout(new TimeoutStrategyOptions { Name = "total-timeout", Timeout = options.TotalTimeout });
        if (options.Retries > 0)
            builder.AddRetry(Retry(options));
        Pipeline = builder
            .AddRateLimiter(new RateLimiterStrategyOptions
            {
                Name = "rate-limit", RateLimiter = args => bucket.AcquireAsync(1, args.Context.CancellationToken),
            })
            .AddCircuitBreaker(Breaker(options))
            .AddTimeout(new TimeoutStrategyOptions { Name = "attempt-timeout", Timeout = options.AttemptTimeout })
            .Build();
    }

    /// <summary>The operator's switch: isolating it stops every call of the account, closing it lets them through again.</summary>
    public CircuitBreakerManualControl Switch { get; } = new();

    /// <summary>The pipeline itself, for tests that pin its strategies.</summary>
    public ResiliencePipeline Pipeline { get; }

    /// <summary>How many calls may start now: 0 while the breaker is open or the rate is used up.</summary>
    /// <param name="wanted">The most the caller could use.</param>
    public int FreePermits(int wanted) => Math.Max(0, Math.Min(wanted, Math.Min(bucket.Available, state.CircuitState switch
    {
        CircuitState.Closed => int.MaxValue,

        // The breaker only half-opens when a call comes. If none could be claimed it would stay open for ever: so one, once its time is over.
        CircuitState.Open => time.GetElapsedTime(Interlocked.Read(ref openedAt)) >= breakDuration ? 1 : 0,
        CircuitState.HalfOpen or CircuitState.Isolated => 0,
        _ => throw new System.Diagnostics.UnreachableException(),
    })));

    /// <summary>Makes one call. Nothing a network does is thrown; cancelling is.</summary>
    /// <param name="call">Decides whether it may be repeated.</param>
    /// <param name="send">One try. It throws <see cref="HttpRequestException"/> or <see cref="IOException"/> for transport faults.</param>
    /// <param name="cancellation">Stops the call.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<RailReply<T>> RunAsync<T>(RailCall call, Func<CancellationToken, Task<T>> send, CancellationToken cancellation)
    {
        var context = ResilienceContextPool.Shared.Get(cancellation);
        context.Properties.Set(MayRepeat, call == RailCall.Repeatable || (call == RailCall.Money && resend == Resend.SameOrder));
        var tries = new Tries<T>(account, send);
        try
        {
            var value = await Pipeline.ExecuteAsync(static (c, t) => t.NextAsync(c.CancellationToken), context, tries);
            return new RailReply<T>.Answered(value, Repeated: tries.Count > 1);
        }
        catch (Exception fault) when (fault is BrokenCircuitException or RateLimiterRejectedException or TimeoutRejectedException || IsTransport(fault))
        {
            // A refused repeat does not undo the first try: only when nothing ever started is it certain that nothing left.
            return tries.Count > 0 ? new RailReply<T>.Lost(Describe(fault)) : new RailReply<T>.NotSent(Describe(fault));
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => bucket.Dispose();

    private static bool IsTransport(Exception fault) => fault is HttpRequestException or IOException;

    private static string Describe(Exception fault) => fault switch
    {
        IsolatedCircuitException => "the operator has switched the rail off",
        BrokenCircuitException => "the circuit breaker is open",
        RateLimiterRejectedException => "no permit is free",
        TimeoutRejectedException timeout => $"no answer within {timeout.Timeout.TotalSeconds:0.###} s",
        _ => $"transport fault: {fault.Message}",
    };

    private static RetryStrategyOptions Retry(ResilienceOptions options) => new()
    {
        Name = "retry",
        MaxRetryAttempts = options.Retries,
        Delay = options.RetryDelay,
        BackoffType = DelayBackoffType.Exponential,
        ShouldHandle = static args => ValueTask.FromResult(
            args.Context.Properties.GetValue(MayRepeat, false)
            && args.Outcome.Exception is { } fault && (fault is TimeoutRejectedException || IsTransport(fault))),
    };

    private CircuitBreakerStrategyOptions Breaker(ResilienceOptions options) => new()
    {
        Name = "circuit-breaker",
        FailureRatio = options.FailureRatio,
        MinimumThroughput = options.MinimumCalls,
        SamplingDuration = options.SamplingDuration,
        BreakDuration = options.BreakDuration,
        StateProvider = state,
        ManualControl = Switch,
        ShouldHandle = static args => ValueTask.FromResult(
            args.Outcome.Exception is { } fault && (fault is TimeoutRejectedException || IsTransport(fault))),
        OnOpened = _ =>
        {
            Interlocked.Exchange(ref openedAt, time.GetTimestamp());
            return default;
        },
    };

    private sealed class Tries<T>(string account, Func<CancellationToken, Task<T>> send)
    {
        public int Count { get; private set; }

        public ValueTask<T> NextAsync(CancellationToken cancellation)
        {
            Count++;
            return RailTraces.RunAsync(account, Count, send, cancellation);
        }
    }
}
