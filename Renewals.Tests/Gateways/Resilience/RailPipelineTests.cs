using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Retry;
using Polly.Testing;
using Polly.Timeout;
using Renewals.Core.Calendar;
using Renewals.Gateways.Resilience;
using Renewals.Tests.Telemetry;

namespace Renewals.Tests.Gateways.Resilience;

public sealed class RailPipelineTests
{
    private readonly FakeTimeProvider time = new();
    private int sent;

    [Fact]
    public void The_strategies_stand_in_their_order_with_their_settings()
    {
        using var pipeline = Build();
        var strategies = pipeline.Pipeline.GetPipelineDescriptor().Strategies;
        strategies.Select(strategy => strategy.Options!.Name).Should()
            .Equal("total-timeout", "retry", "rate-limit", "circuit-breaker", "attempt-timeout");
        ((TimeoutStrategyOptions)strategies[0].Options!).Timeout.Should().Be(TimeSpan.FromSeconds(20));
        var retry = (RetryStrategyOptions)strategies[1].Options!;
        retry.MaxRetryAttempts.Should().Be(1);
        retry.Delay.Should().Be(TimeSpan.FromMilliseconds(500));
        strategies[2].Options.Should().BeOfType<RateLimiterStrategyOptions>();
        var breaker = (CircuitBreakerStrategyOptions)strategies[3].Options!;
        (breaker.FailureRatio, breaker.MinimumThroughput, breaker.BreakDuration).Should().Be((0.5, 20, TimeSpan.FromSeconds(15)));
        ((TimeoutStrategyOptions)strategies[4].Options!).Timeout.Should().Be(TimeSpan.FromSeconds(8));
    }

    [Theory]
    [InlineData(RailCall.Repeatable, Resend.SameOrder, 2)]
    [InlineData(RailCall.Repeatable, Resend.Never, 2)]
    [InlineData(RailCall.Money, Resend.SameOrder, 2)]
    [InlineData(RailCall.Money, Resend.Never, 1)]
    [InlineData(RailCall.Once, Resend.SameOrder, 1)]
    public async Task Only_what_may_be_repeated_is(RailCall call, Resend resend, int tries)
    {
        using var pipeline = Build(resend, options => options.RetryDelay = TimeSpan.Zero);
        (await pipeline.RunAsync<int>(call, Broken, default)).Should().BeOfType<RailReply<int>.Lost>();
        sent.Should().Be(tries);
    }

    [Fact]
    public async Task An_answer_is_logged_by_its_kind_and_never_by_its_content()
    {
        var log = new Support.ListLogger();
        using var logs = LoggerFactory.Create(builder => builder.AddProvider(log).SetMinimumLevel(LogLevel.Trace));
        using var pipeline = new RailPipeline("wechat:1", new ResilienceOptions(), Resend.SameOrder, time, logs);

        await pipeline.RunAsync(RailCall.Repeatable, _ => Task.FromResult(new Secret("openid-of-m1")), default);

        log.Entries.Should().Contain(entry => entry.Text.Contains(nameof(Secret))).And.NotContain(entry => entry.Text.Contains("openid"));
    }

    private sealed record Secret(string Value);

    [Fact]
    public async Task A_fault_of_our_own_is_neither_repeated_nor_hidden()
    {
        using var pipeline = Build();
        await FluentActions.Awaiting(() => pipeline.RunAsync<int>(RailCall.Repeatable, _ => throw new ArgumentException("ours"), default))
            .Should().ThrowAsync<ArgumentException>();
    }

    [Theory]
    [InlineData(20, "no answer within 8 s")]
    [InlineData(10, "no answer within 10 s")]
    public async Task A_silent_rail_is_given_up_after_the_time_of_each_try_and_of_all(int total, string why)
    {
        using var pipeline = Build(change: options =>
            (options.AttemptTimeout, options.TotalTimeout, options.RetryDelay) = (TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(total), TimeSpan.Zero));
        (await pipeline.RunAsync<int>(RailCall.Money, Silent, default)).Should().Be(new RailReply<int>.Lost(why));
        sent.Should().Be(2);
    }

    [Fact]
    public async Task The_wait_before_a_repeat_runs_on_the_injected_clock()
    {
        using var pipeline = Build();
        var call = pipeline.RunAsync<int>(RailCall.Money, Broken, default);
        call.IsCompleted.Should().BeFalse();
        sent.Should().Be(1);
        time.Advance(TimeSpan.FromMilliseconds(500));
        await call;
        sent.Should().Be(2);
    }

    [Fact]
    public async Task An_open_breaker_sends_nothing_and_lets_one_call_through_when_its_time_is_over()
    {
        using var pipeline = Build(change: options => (options.Retries, options.MinimumCalls) = (0, 2));
        for (var i = 0; i < 2; i++)
            await pipeline.RunAsync<int>(RailCall.Money, Broken, default);
        pipeline.FreePermits(10).Should().Be(0);
        (await pipeline.RunAsync<int>(RailCall.Money, Broken, default)).Should().Be(new RailReply<int>.NotSent("the circuit breaker is open"));
        sent.Should().Be(2);

        time.Advance(TimeSpan.FromSeconds(15));
        pipeline.FreePermits(10).Should().Be(1, "else nothing would ever be claimed again and the breaker would stay open");
        (await pipeline.RunAsync(RailCall.Money, _ => Task.FromResult(1), default)).Should().Be(new RailReply<int>.Answered(1));
        pipeline.FreePermits(10).Should().Be(10);
    }

    [Fact]
    public async Task The_operator_can_switch_a_rail_off()
    {
        using var pipeline = Build();
        await pipeline.Switch.IsolateAsync();
        pipeline.FreePermits(1).Should().Be(0);
        (await pipeline.RunAsync<int>(RailCall.Repeatable, Broken, default)).Should().BeOfType<RailReply<int>.NotSent>();
        await pipeline.Switch.CloseAsync();
        pipeline.FreePermits(1).Should().Be(1);
        sent.Should().Be(0);
    }

    [Fact]
    public async Task A_repeat_without_a_permit_does_not_undo_the_first_try()
    {
        using var pipeline = Build(change: options => (options.Burst, options.CallsPerSecond, options.RetryDelay) = (1, 1, TimeSpan.Zero));
        (await pipeline.RunAsync<int>(RailCall.Money, Broken, default)).Should().Be(new RailReply<int>.Lost("no permit is free"));
        (await pipeline.RunAsync<int>(RailCall.Money, Broken, default)).Should().Be(new RailReply<int>.NotSent("no permit is free"));
        sent.Should().Be(1);
    }

    [Fact]
    public void Permits_fill_up_with_time_to_the_burst_and_no_further()
    {
        using var bucket = new TokenBucket(perSecond: 10, burst: 5, time);
        for (var i = 0; i < 5; i++)
            bucket.AttemptAcquire().IsAcquired.Should().BeTrue();
        bucket.AttemptAcquire().IsAcquired.Should().BeFalse();
        time.Advance(TimeSpan.FromMilliseconds(250));
        bucket.Available.Should().Be(2);
        time.Advance(TimeSpan.FromHours(1));
        bucket.Available.Should().Be(5);
        var statistics = bucket.GetStatistics()!;
        (statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases).Should().Be((5, 1));
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        new ResilienceOptions().Faults("X").Should().BeEmpty();
        var options = new ResilienceOptions
        {
            TotalTimeout = TimeSpan.Zero, AttemptTimeout = TimeSpan.FromSeconds(9), Retries = 6, RetryDelay = TimeSpan.FromSeconds(-1),
            CallsPerSecond = 0, Burst = 0, FailureRatio = double.NaN, SamplingDuration = TimeSpan.Zero, MinimumCalls = 1, BreakDuration = TimeSpan.Zero,
        };
        options.Faults("X").Select(fault => fault.Split(' ')[0]).Should().Equal(
            "X:TotalTimeout", "X:AttemptTimeout", "X:Retries", "X:RetryDelay", "X:CallsPerSecond", "X:Burst", "X:FailureRatio",
            "X:SamplingDuration", "X:MinimumCalls", "X:BreakDuration");
    }

    [Fact]
    public async Task Every_try_of_a_call_is_a_span_below_whatever_made_the_call_and_says_why_it_failed()
    {
        using var spans = new SpanCatcher(source => source.Name == RailTraces.SourceName);
        using var pipeline = Build(change: options => options.RetryDelay = TimeSpan.Zero);
        using (var around = new Activity("the call").Start())
        {
            await pipeline.RunAsync<int>(RailCall.Repeatable, Broken, default);
            var tries = spans.Of(around.TraceId);
            tries.Should().HaveCount(2).And.OnlyContain(span =>
                span.OperationName == RailTraces.Attempt && span.ParentSpanId == around.SpanId && span.Status == ActivityStatusCode.Error && span.StatusDescription == null);
            tries.Select(span => (span.Text(RailTraces.Account), span.Text(RailTraces.Try), span.Text(RailTraces.Error))).Should().Equal(
                ("wechat:1", "1", nameof(HttpRequestException)), ("wechat:1", "2", nameof(HttpRequestException)));
        }

        using (var around = new Activity("another call").Start())
        {
            await pipeline.RunAsync(RailCall.Money, _ => Task.FromResult(1), default);
            spans.Of(around.TraceId).Should().ContainSingle().Which.Status.Should().Be(ActivityStatusCode.Unset);
        }
    }

    private RailPipeline Build(Resend resend = Resend.SameOrder, Action<ResilienceOptions>? change = null)
    {
        var options = new ResilienceOptions();
        change?.Invoke(options);
        return new("wechat:1", options, resend, time);
    }

    private Task<int> Broken(CancellationToken cancellation)
    {
        sent++;
        throw new HttpRequestException("connection reset");
    }

    private async Task<int> Silent(CancellationToken cancellation)
    {
        sent++;
        time.Advance(TimeSpan.FromSeconds(8));
        await Task.Delay(Timeout.Infinite, cancellation);
        return 0;
    }
}
