using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Service;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Telemetry;

/// <summary>An order's trace: from the alarm to the outcome, whoever made which part of it, and when.</summary>
[Collection(PostgresCollection.Name)]
public sealed class TraceTests(PostgresFixture postgres)
{
    private const string Pending = "pending";

    [Fact]
    public async Task The_alarm_the_decision_the_call_and_its_outcome_are_one_trace()
    {
        await using var host = await TestHost.StartAsync();
        using var spans = SpanCatcher.Of(host);
        var id = await host.SignAsync();
        var order = Samples.Order(id, 1);

        var trace = spans.Of(EngineTraces.TraceIdOf(order));
        trace.Select(span => span.OperationName).Should().Equal(SpanNames.Decide, SpanNames.Charge, SpanNames.Outcome);
        foreach (var span in trace)
        {
            (span.Text(SpanTags.Rail), span.Text(SpanTags.Account), span.Text(SpanTags.Order)).Should().Be(("wechat", "wechat:1900000109", order.ToString()));
            (span.Text(SpanTags.Kind), span.GetTagItem(SpanTags.Ordinal), span.GetTagItem(SpanTags.Attempt)).Should().Be(("first", 1, 1));
            (span.Status, span.ParentSpanId).Should().Be((ActivityStatusCode.Unset, default(ActivitySpanId)), "an order's trace has no root");
        }

        trace[0].Text(SpanTags.Due).Should().NotBeNull("the alarm is where it began");
        trace[0].Text(SpanTags.Events).Should().Contain("requested");
        (trace[1].Text(SpanTags.Outcome), trace[1].Text(SpanTags.HeardBy), trace[1].Kind).Should().Be(("succeeded", "answer", ActivityKind.Client));
        (trace[2].Text(SpanTags.Outcome), trace[2].Text(SpanTags.Evidence)).Should().Be(("succeeded", "conclusive"));
        trace[2].Text(SpanTags.Events).Should().Contain("charged");

        var sweep = spans.Named(SpanNames.Sweep).Should().ContainSingle(span => span.Links.Any(link => link.Context.TraceId == trace[0].TraceId)).Subject;
        trace.Should().OnlyContain(span => span.Links.Any(link => link.Context.SpanId == sweep.SpanId), "each says which batch it came with");
        ((int)sweep.GetTagItem(SpanTags.Claimed)!, (int)sweep.GetTagItem(SpanTags.Orders)!, (int)sweep.GetTagItem(SpanTags.Errands)!).Should().Be((1, 1, 1));
    }

    [Fact]
    public async Task After_a_restart_a_query_and_on_another_host_a_callback_join_the_trace_of_the_order()
    {
        var (database, time) = (await postgres.CreateDatabaseAsync(), TestHost.Clock());
        var rail = new ScriptedRail(time) { OnCharge = order => Task.FromResult(new ChargeAnswer(new ChargeOutcome.Pending(Pending))) };
        var (id, order) = (Samples.Id, Samples.Order(Samples.Id, 1));
        List<Activity> all = [];
        await using (var first = await TestHost.StartAsync(database, time, rail))
        {
            using var spans = SpanCatcher.Of(first);
            await first.SignAsync();
            all.AddRange(spans.Of(EngineTraces.TraceIdOf(order)));
        }

        all.Select(span => span.OperationName).Should().Equal(SpanNames.Decide, SpanNames.Charge, SpanNames.Outcome);
        rail.OnQueryCharge = _ => new(new ChargeOutcome.Pending(Pending));
        await using (var again = await TestHost.StartAsync(database, time, rail))
        {
            using var spans = SpanCatcher.Of(again);
            await again.SweepUntilAsync(() => Task.FromResult(spans.Named(SpanNames.Query).Count > 0));
            all.AddRange(spans.Of(EngineTraces.TraceIdOf(order)));
        }

        all.Skip(3).Select(span => span.OperationName).Should().Equal(SpanNames.Query, SpanNames.Outcome);
        await using var other = await TestHost.StartAsync(database, time, rail);
        var paid = new ChargeAnswer(new ChargeOutcome.Succeeded(Core.Plans.Money.Cny(990), "T1", Instant.FromDateTimeOffset(time.GetUtcNow())));
        rail.OnCallback = _ => new CallbackReading.OfCharge(order.ToString(), paid);
        using (var spans = SpanCatcher.Of(other))
        using (var request = new Activity("the rail's request").Start())
        {
            (await other.Callbacks.ReceiveAsync(Samples.Account, new Callback(new Dictionary<string, string>(), default))).Status.Should().Be(200);
            var told = spans.Of(EngineTraces.TraceIdOf(order));
            told.Select(span => span.OperationName).Should().Equal(SpanNames.Outcome, SpanNames.Callback);
            told[0].ParentSpanId.Should().Be(told[1].SpanId, "the callback is what it became known by");
            (told[0].Text(SpanTags.HeardBy), told[0].Text(SpanTags.Outcome)).Should().Be(("callback", "succeeded"));
            told[0].Text(SpanTags.Events).Should().Contain("charged");
            told[1].Links.Should().ContainSingle().Which.Context.TraceId.Should().Be(request.TraceId, "the request is in a trace of the rail's, or its own");
        }

        (await other.EventsAsync<Charged>(id)).Should().ContainSingle();
        all.Select(span => span.TraceId).Distinct().Should().ContainSingle();
    }

    [Fact]
    public async Task What_only_a_statement_says_joins_the_trace_too()
    {
        await using var host = await TestHost.StartAsync();
        host.Rail.OnCharge = _ => Task.FromResult(new ChargeAnswer(new ChargeOutcome.Pending(Pending)));
        host.Rail.OnQueryCharge = _ => new(new ChargeOutcome.Pending(Pending));
        var id = await host.SignAsync();
        var order = Samples.Order(id, 1);
        var line = new StatementLine(order.ToString(), null, Core.Plans.Money.Cny(990), "T1", Samples.Now + Duration.FromMinutes(11));
        host.Rail.OnStatement = _ => new StatementAnswer.Ready("the file"u8.ToArray(), [line]);
        host.Time.Advance(TimeSpan.FromDays(2));
        using var spans = SpanCatcher.Of(host);
        await host.Services.GetRequiredService<Core.Audit.Reconciler>().RunAsync(Samples.Account, new(2026, 1, 31));

        var told = spans.Of(EngineTraces.TraceIdOf(order)).Should().ContainSingle().Subject;
        (told.OperationName, told.Text(SpanTags.HeardBy), told.Text(SpanTags.Outcome)).Should().Be((SpanNames.Outcome, "statement", "succeeded"));
        var read = spans.Named(SpanNames.Reconcile).Should().ContainSingle().Subject;
        told.Links.Should().ContainSingle().Which.Context.SpanId.Should().Be(read.SpanId);
        (read.Text(SpanTags.Day), read.Text(SpanTags.Lines), read.Text(SpanTags.Differences)).Should().Be(("2026-01-31", "1", "1"));
    }

    [Fact]
    public async Task A_notice_and_its_tries_are_a_trace_of_their_own_linked_to_the_order_they_announce()
    {
        await using var host = await TestHost.StartAsync();
        var id = await host.SignAsync();
        var tries = 0;
        host.Rail.OnNotice = _ => Task.FromResult<NoticeResult>(tries++ == 0
            ? new NoticeResult.Failed("no route")
            : new NoticeResult.HandedOver("receipt", Instant.FromDateTimeOffset(host.Time.GetUtcNow())));
        using var spans = SpanCatcher.Of(host);
        await host.SweepUntilAsync<Charged>(id, 2);

        var notices = spans.Named(SpanNames.Notice);
        notices.Should().HaveCount(2).And.OnlyContain(span => span.TraceId == notices[0].TraceId && span.Text(SpanTags.NoticeKind) == "charge");
        notices.Select(span => (span.Status, span.Text(SpanTags.Outcome))).Should().Equal((ActivityStatusCode.Error, "failed"), (ActivityStatusCode.Unset, "handed-over"));
        spans.Of(notices[0].TraceId).Where(span => span.OperationName == SpanNames.Outcome).Select(span => span.Text(SpanTags.Outcome)).Should().Equal("failed", "handed-over");
        var order = EngineTraces.TraceIdOf(Samples.Order(id, 2));
        notices.Should().OnlyContain(span => span.Links.Any(link => link.Context.TraceId == order));
        spans.Of(order).Select(span => span.OperationName).Should().Equal(SpanNames.Decide, SpanNames.Charge, SpanNames.Outcome);
    }

    [Fact]
    public async Task A_refund_is_a_trace_of_its_own_linked_to_the_order_it_gives_back()
    {
        await using var host = await TestHost.StartAsync();
        var id = await host.SignAsync();
        using var spans = SpanCatcher.Of(host);
        await host.Members.RefundAsync(id, "wish-1", Samples.Order(id, 1).ToString(), Core.Plans.Money.Cny(100), "ann", "goodwill");
        await host.SweepUntilAsync<Refunded>(id);

        var refund = (await host.EventsAsync<RefundRequested>(id)).Should().ContainSingle().Which.Refund;
        var trace = spans.Of(EngineTraces.TraceIdOf(refund));
        trace.Select(span => span.OperationName).Should().Equal(SpanNames.Decide, SpanNames.Refund, SpanNames.Outcome);
        trace.Should().OnlyContain(span => span.Text(SpanTags.Refund) == refund.ToString() && span.Text(SpanTags.Order) == refund.OfAttempt.ToString());
        trace[1].Links.Should().Contain(link => link.Context.TraceId == EngineTraces.TraceIdOf(refund.OfAttempt));
    }

    [Fact]
    public async Task What_did_not_go_well_is_an_error_and_a_decline_is_an_answer()
    {
        await using var host = await TestHost.StartAsync();
        host.Rail.OnCharge = order => Task.FromResult(new ChargeAnswer(order.Number == Samples.Order(Samples.IdOf(1), 1) ? new ChargeOutcome.Refused("NO_AUTH", "the product is not open")
            : order.Number == Samples.Order(Samples.IdOf(2), 1) ? new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "NOTENOUGH")
            : throw new InvalidOperationException("words of a member")));
        using var spans = SpanCatcher.Of(host);
        for (var number = 1; number <= 3; number++)
            await host.SignAsync(number);

        spans.Named(SpanNames.Charge).Select(span => (span.Status, span.Text(SpanTags.Error), span.Text(SpanTags.Outcome), span.Text(SpanTags.Reason))).Should().Equal(
            (ActivityStatusCode.Error, "refused", "refused", null), (ActivityStatusCode.Unset, null, "declined", "insufficient-funds"),
            (ActivityStatusCode.Error, "InvalidOperationException", null, null));
        spans.Spans.Should().OnlyContain(span => span.StatusDescription == null, "an exception may quote what it could not read");
        spans.Named(SpanNames.Outcome).Select(span => span.Text(SpanTags.Outcome)).Should().Equal("refused", "declined", "unknown");
    }

    [Fact]
    public async Task What_may_not_be_stored_is_an_error_in_the_trace_of_the_order()
    {
        await using var host = await TestHost.StartAsync();
        using var spans = SpanCatcher.Of(host);
        var traces = host.Services.GetRequiredService<EngineTraces>();
        var claim = traces.Begin(Samples.Account)!;
        claim.Decided(null, [Samples.Life(Samples.Id).OfType<Requested>().First()], Samples.Now);
        claim.Failed(new CommitUnknownException("the line was cut"));
        claim.End();

        var span = spans.Spans.Should().ContainSingle().Subject;
        (span.OperationName, span.Status, span.Text(SpanTags.Error), span.Text(SpanTags.Events)).Should().Be((SpanNames.Decide, ActivityStatusCode.Error, nameof(CommitUnknownException), null));
    }

    [Fact]
    public async Task Nobody_listens_and_nothing_is_made()
    {
        await using var host = await TestHost.StartAsync();
        var traces = host.Services.GetRequiredService<EngineTraces>();
        traces.Source.HasListeners().Should().BeFalse();
        List<Activity?> seen = [];
        host.Rail.OnCharge = order =>
        {
            seen.Add(Activity.Current);
            return Task.FromResult(host.Rail.Take(order));
        };
        await host.SignAsync();
        seen.Should().Equal([null], "the rail was called, outside of any span");

        var call = new Call(host.Rail, await host.FindAsync(Samples.Id), (await host.FindAsync(Samples.Id)).Agreement, null, 0);
        var (errand, heard) = (new Errand.Terminate(Samples.Agreement), new Outcome.OfAgreement(Samples.Id, Samples.Agreement, new AgreementAnswer.Pending()));
        void Row()
        {
            _ = traces.Begin(Samples.Account);
            traces.Call(call, errand).Answer(heard);
            _ = traces.Sign(Samples.Account, Samples.Order(Samples.Id, 1));
            _ = traces.Callback(Samples.Account, heard);
        }

        Row();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            Row();
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0, "a row costs nothing when nobody listens");

        using var spans = SpanCatcher.Of(host);
        await host.SignAsync(2);
        spans.Spans.Should().NotBeEmpty("the same engine has spans once somebody listens");
        seen[^1].Should().NotBeNull();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    [InlineData(1)]
    public async Task Hosts_of_one_ratio_keep_the_same_traces_and_about_that_part_of_them(double ratio)
    {
        var ids = Enumerable.Range(1, 4_000).Select(number => EngineTraces.TraceIdOf(Samples.Order(Samples.IdOf(number), 1))).ToList();
        ids.Should().OnlyHaveUniqueItems();
        ids.Count(id => EngineTraces.Keeps(id, ratio)).Should().BeCloseTo((int)(4_000 * ratio), 150);
        ids.Where(id => EngineTraces.Keeps(id, ratio)).All(id => EngineTraces.Keeps(id, Math.Max(ratio, 0.5))).Should().BeTrue("who keeps more keeps these too");

        await using var host = await TestHost.StartAsync(more: options => options.TraceRatio = ratio);
        var source = host.Services.GetRequiredService<EngineTraces>().Source;
        using var spans = new SpanCatcher(s => s == source, parent => parent.TraceId == default || (parent.TraceFlags & ActivityTraceFlags.Recorded) != 0);
        for (var number = 1; number <= 12; number++)
            await host.SignAsync(number);
        var kept = spans.Named(SpanNames.Charge).Select(span => span.TraceId);
        kept.Should().BeEquivalentTo(ids.Take(12).Where(id => EngineTraces.Keeps(id, ratio)), "a sampler that asks the parent finds the decision there");
    }

    [Fact]
    public async Task The_services_sampler_keeps_an_order_whole_or_not_at_all_as_every_other_host_does()
    {
        await using var host = await TestHost.StartAsync(more: options => options.TraceRatio = 0.5);
        var ended = new Ended(host.Services.GetRequiredService<EngineTraces>().Source);
        using (Sdk.CreateTracerProviderBuilder().AddSource(EngineTraces.SourceName).SetSampler(DoorTelemetry.SamplerOf(0.5)).AddProcessor(ended).Build())
        {
            for (var number = 1; number <= 16; number++)
                await host.SignAsync(number);
        }

        var kept = Enumerable.Range(1, 16).Select(number => EngineTraces.TraceIdOf(Samples.Order(Samples.IdOf(number), 1))).Where(id => EngineTraces.Keeps(id, 0.5)).ToList();
        kept.Should().HaveCountGreaterThan(2).And.HaveCountLessThan(14);
        var orders = ended.Spans.Where(span => span.Text(SpanTags.Order) is not null).ToLookup(span => span.TraceId, span => span.OperationName);
        orders.Select(trace => trace.Key).Should().BeEquivalentTo(kept);
        orders.Should().OnlyContain(trace => trace.SequenceEqual(new[] { SpanNames.Decide, SpanNames.Charge, SpanNames.Outcome }));
        ended.Spans.Where(span => span.OperationName == SpanNames.Charge).Should().OnlyContain(span => span.ParentSpanId == default);
    }

    [Fact]
    public void A_trace_is_found_by_the_order_number_alone_today_and_in_later_versions() =>
        EngineTraces.TraceIdOf(Samples.Order(Samples.Id, 2)).ToHexString().Should().Be("32aa038ae53d9672711f0fb77a42a1ac");

    /// <summary>What an exporter would be given of one engine.</summary>
    private sealed class Ended(ActivitySource source) : BaseProcessor<Activity>
    {
        public List<Activity> Spans { get; } = [];

        public override void OnEnd(Activity data)
        {
            lock (Spans)
            {
                if (data.Source == source && data.Recorded)
                    Spans.Add(data);
            }
        }
    }
}
