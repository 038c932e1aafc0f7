using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Npgsql;
using Renewals.Core;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Gateways.Alipay;
using Renewals.Gateways.Stripe;
using Renewals.Gateways.UnionPay;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Api;
using Renewals.Host.Callbacks;
using Renewals.Host.Demo;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.UnionPay;
using Renewals.Host.Service;
using Renewals.Tests.Database;
using Renewals.Tests.Support;
using Renewals.Tests.Telemetry;

namespace Renewals.Tests.Privacy;

/// <summary>The service's own parts on PostgreSQL before the sandboxes of all rails; whatever a rail says passes a planter on its way in.</summary>
internal sealed class PrivacyWorld : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly List<IAsyncDisposable> parts = [];
    private readonly FakeTimeProvider clock = new(Instant.FromUtc(2026, 5, 1, 2, 0).ToDateTimeOffset());
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly Dictionary<string, Planter> planters = [];
    private readonly Dictionary<string, SubscriptionId> ids = [];
    private readonly string connection;
    private readonly MeterListener meters = new();
    private SpanCatcher spans = null!;
    private FrontDoor door = null!;
    private SandboxServer sandbox = null!;
    private IHost engine = null!;

    private PrivacyWorld(string connection) => this.connection = connection;

    public Planted Planted { get; } = new();

    public CapturedLog Log { get; } = new();

    public ConcurrentQueue<string> ApiAnswers { get; } = new();

    public ConcurrentDictionary<string, bool> MetricTags { get; } = new();

    /// <summary>Every span with all that an exporter would send of it.</summary>
    public IReadOnlyList<string> Spans =>
    [
        .. spans.Spans.Select(span =>
            $"{span.DisplayName} {span.StatusDescription} {span.TraceStateString} {string.Join(' ', span.TagObjects.Concat(span.Baggage.Select(pair => KeyValuePair.Create(pair.Key, (object?)pair.Value)))
                .Concat(span.Links.SelectMany(link => link.Tags ?? [])).Concat(span.Events.SelectMany(e => e.Tags)).Select(tag => $"{tag.Key}={tag.Value}"))}"),
    ];

    /// <summary>The names of all their tags.</summary>
    public IReadOnlyList<string> SpanTagNames => [.. spans.Spans.SelectMany(span => span.TagObjects).Select(tag => tag.Key).Distinct()];

    public IServiceProvider Services => engine.Services;

    public Instant Now => Instant.FromDateTimeOffset(clock.GetUtcNow());

    private ISubscriptionLedger Ledger => Services.GetRequiredService<ISubscriptionLedger>();

    private ReconciliationWorker Audit => Services.GetRequiredService<ReconciliationWorker>();

    public static async Task<PrivacyWorld> StartAsync(string connection)
    {
        var world = new PrivacyWorld(connection);
        try
        {
            await world.StartAsync();
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>A member signs at a rail through the API, and pays the first period after an answer that was an error.</summary>
    public async Task SignAsync(SandboxRailKind kind)
    {
        var (rail, member, id) = (sandbox.Rails.Single(rail => rail.Account == kind.Account), MemberOf(kind), ids[kind.Name].Value);
        var body = new JsonObject
        {
            ["id"] = id, ["member"] = member, ["plan"] = "monthly", ["account"] = kind.Account.ToString(), ["scene"] = "mobile-browser",
            ["displayAccount"] = Planted.Name, ["clientAddress"] = "203.0.113.7", ["payerId"] = kind.Name == "wechat" ? Planted.OpenId : null, ["card"] = Card(kind, member),
        };
        Planted.Enter(kind.Name, "sign request", body.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        foreach (var (field, value) in new (string, JsonNode?)[] { ("scene", Planted.Sentence), ("card", Planted.Sentence), (Planted.Login, Planted.Card), ("account", Planted.LatinName) })
        {
            var spoilt = body.DeepClone();
            spoilt[field] = value;
            await PostAsync(spoilt);
        }

        // The page is for the member's own device and names the member as the rail wants it: it is no answer that is kept.
        var page = (await PostAsync(body))["page"]!;
        if ((string)page["kind"]! == "form")
            (await http.PostAsync((string)page["address"]!, new FormUrlEncodedContent(page["values"]!.AsObject().Select(f => KeyValuePair.Create(f.Key, (string?)f.Value))))).EnsureSuccessStatusCode();
        else
            (await http.GetAsync((string)page["address"]!)).EnsureSuccessStatusCode();

        // UnionPay's orders are sent once: an error would be the end of the membership. Its errors come with the declines.
        if (kind.Name != "unionpay")
            rail.TryInjectFault(Samples.Order(ids[kind.Name], 1).ToString(), kind.Name == "stripe" ? "server-error" : "system-error").Should().BeTrue();
        (await rail.ConfirmSigningAsync((await Ledger.FindAsync(ids[kind.Name], None))!.Agreement.Id.SigningCode, member)).Refusal.Should().BeNull(kind.Name);
    }

    /// <summary>The next charge of every member is declined in the rail's own words.</summary>
    public void DeclineNext()
    {
        foreach (var (kind, code) in SandboxRails.All.Zip(["NOTENOUGH", "ACQ.BUYER_BALANCE_NOT_ENOUGH", "64", "insufficient_funds"]))
            sandbox.Rails.Single(rail => rail.Account == kind.Account).DeclineNext(MemberOf(kind), code);
    }

    /// <summary>From here on no statement is read: days without business bring nothing new.</summary>
    public void StopReading() => Services.GetRequiredService<IOptions<AuditOptions>>().Value.Reconcile = false;

    /// <summary>Moves to whatever is next, and does it, for some days.</summary>
    public async Task PassAsync(int days)
    {
        var end = Now + Duration.FromDays(days);
        for (var steps = 0; ; steps++)
        {
            steps.Should().BeLessThan(3_000, "something is due and never done");
            while (await Services.GetRequiredService<RenewalWorker>().SweepAllAsync(None) + await sandbox.RunDueAsync(None) + await Audit.RunDueAsync(Now, None) > 0)
            {
            }

            var next = new[] { await Ledger.NextAlarmAsync(None), sandbox.NextDue, Audit.NextDue }.Min() ?? end;
            if (next >= end)
                break;
            if (next > Now)
                clock.SetUtcNow(next.ToDateTimeOffset());
        }

        clock.SetUtcNow(end.ToDateTimeOffset());
    }

    /// <summary>Everything forged that the planters know, through the front door.</summary>
    public async Task ForgeAsync()
    {
        foreach (var kind in SandboxRails.All)
        {
            foreach (var (headers, body) in planters[kind.Name].Forged(Now))
            {
                Planted.Enter(kind.Name, "forged", Uri.UnescapeDataString(System.Text.Encoding.UTF8.GetString(body).Replace('+', ' ')) + string.Join(' ', headers.Values));
                using var answer = await SendAsync(new Uri(door.Address, CallbackEndpoint.PathOf(kind.Account) + $"?openid={Planted.OpenId}"), headers, body);
                ApiAnswers.Enqueue(await answer.Content.ReadAsStringAsync());
            }
        }
    }

    /// <summary>What the API tells of every member.</summary>
    public async Task LookAsync()
    {
        foreach (var id in ids.Values)
        {
            foreach (var path in new[] { "", "/events" })
                ApiAnswers.Enqueue(await http.GetStringAsync(new Uri(door.Address, $"{ApiEndpoints.Root}/subscriptions/{id.Value}{path}")));
        }
    }

    public Task<IReadOnlyList<TEvent>> EventsAsync<TEvent>(string rail)
        where TEvent : SubscriptionEvent => ReadAsync<TEvent>(ids[rail]);

    /// <summary>Every member stops, and the rails confirm the ends of the agreements.</summary>
    public async Task EndAsync()
    {
        foreach (var id in ids.Values)
            (await Services.GetRequiredService<Memberships>().CancelAsync(id, "enough", atOnce: true)).Should().NotBeNull();
        for (var days = 0; days < 10 && !await AreOverAsync(); days++)
            await PassAsync(1);
        (await AreOverAsync()).Should().BeTrue();
    }

    /// <summary>What the vault holds of a member.</summary>
    public async Task<RailKeys?> KeysOfAsync(SandboxRailKind kind)
    {
        var agreement = (await Ledger.FindAsync(ids[kind.Name], None))!.Agreement.Id;
        return (await Services.GetRequiredService<IAgreementVault>().GetAsync([agreement], None)).GetValueOrDefault(agreement);
    }

    /// <summary>What names a member or opens an agreement, and may stand in the ledger but in no span.</summary>
    public async Task<IReadOnlyList<string>> IdentifyingAsync(SandboxRailKind kind)
    {
        var agreement = (await Ledger.FindAsync(ids[kind.Name], None))!.Agreement.Id;
        var keys = (await KeysOfAsync(kind))!;
        return [.. new[] { MemberOf(kind), agreement.ToString(), agreement.SigningCode, $"{agreement.Value}", keys.RailAgreementId, keys.PayerId, keys.PayerAccount }.OfType<string>()];
    }

    /// <summary>Erases a member.</summary>
    public async Task<ErasureReport> EraseAsync(SandboxRailKind kind) => (await Services.GetRequiredService<MemberEraser>().EraseAsync(MemberOf(kind), "ann", "asked"))!;

    /// <summary>The database, opened with the vault's key.</summary>
    public Task<OpenedDump> DumpAsync() => OpenedDump.OfAsync(connection, Services.GetRequiredService<IOptions<RenewalsOptions>>().Value.Vault);

    private async Task<bool> AreOverAsync()
    {
        foreach (var id in ids.Values)
        {
            if (ErasureRules.OpenOf((await Ledger.FindAsync(id, None))!).Any())
                return false;
        }

        return true;
    }

    /// <summary>Where anything planted is found again: tables, log, metrics, answers.</summary>
    public async Task<IReadOnlyList<string>> LeaksAsync()
    {
        List<string> leaks = [];
        void Look(string place, string text) => leaks.AddRange(Planted.In(text).Select(kind => $"{kind} in {place}: {text[..Math.Min(text.Length, 300)]}"));
        await foreach (var (table, row) in RowsAsync())
            Look(table, row);
        foreach (var entry in Log.Entries)
            Look("the log", entry);
        foreach (var tag in MetricTags.Keys)
            Look("a metric", tag);
        foreach (var span in Spans)
            Look("a span", span);
        foreach (var answer in ApiAnswers)
            Look("an answer", answer);
        return leaks;
    }

    /// <summary>Every row of every table as text; bytes also as the text they may be.</summary>
    public async IAsyncEnumerable<(string Table, string Row)> RowsAsync()
    {
        await using var database = NpgsqlDataSource.Create(connection);
        List<string> tables = [];
        await using (var names = database.CreateCommand("select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"))
        await using (var reader = await names.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                tables.Add(reader.GetString(0));
        }

        foreach (var table in tables)
        {
            await using var rows = database.CreateCommand($"select t::text from {table} t");
            await using var reader = await rows.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                yield return (table, reader.GetString(0));
        }
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var database = NpgsqlDataSource.Create(connection);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        meters.Dispose();
        spans?.Dispose();
        if (engine is not null)
        {
            await engine.StopAsync();
            engine.Dispose();
        }

        for (var i = parts.Count - 1; i >= 0; i--)
            await parts[i].DisposeAsync();
        http.Dispose();
    }

    private async Task StartAsync()
    {
        door = Keep(await FrontDoor.StartAsync(["http://127.0.0.1:0"], 65_536, ApiAccess.Read(new()), Capture, None));
        var bank = new SandboxBank();
        var rails = SandboxRails.All.Select(kind => kind.Open(kind.Number, bank, clock)).ToList();
        sandbox = Keep(await SandboxServer.StartAsync(0, bank, rails, selfDriven: false, None));
        foreach (var (kind, number) in SandboxRails.All.Zip(Enumerable.Range(1, 9)))
        {
            bank.OpenAccount(MemberOf(kind), SandboxRails.OpeningBalance);
            ids[kind.Name] = Samples.IdOf(number);
            planters[kind.Name] = Planter.Of(rails.Single(rail => rail.Account == kind.Account), Planted, Samples.Order(ids[kind.Name], 1).ToString());
        }

        var card = UnionPayCard.Of("member-of-unionpay", isCredit: false);
        foreach (var (what, value) in new[] { ("card of the bank", card.Number), ("holder of the bank", card.Holder), ("id number of the bank", card.CertificateNumber), ("phone of the bank", card.Phone) })
            Planted.Add(what, value);
        Planted.Add("openid of the rail", ((Host.Sandbox.WeChatPay.WeChatPaySandbox)rails.Single(rail => rail.Account.Rail == "wechat")).OpenIdOf("member-of-wechat"));
        Planted.Add("open id of the rail", ((Host.Sandbox.Alipay.AlipaySandbox)rails.Single(rail => rail.Account.Rail == "alipay")).OpenIdOf("member-of-alipay"));
        var planting = Keep(await LoopbackServer.StartAsync(0, routes => routes.MapPost("/callbacks/{account}", ForwardAsync), None));
        engine = Build(rails, planting.Address);
        var mine = engine.Services.GetRequiredService<EngineTraces>().Source;
        spans = new(source => source == mine || source.Name == Renewals.Gateways.Resilience.RailTraces.SourceName);
        await engine.StartAsync();
        door.Open(engine.Services);
    }

    private IHost Build(IReadOnlyList<ISandboxRail> rails, Uri callbacks)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        Capture(builder.Logging);
        builder.Services.AddSingleton<TimeProvider>(clock).AddSingleton<INotifier>(new TalkativeNotifier(clock, Planted));
        builder.Services.AddRenewals(options =>
        {
            (options.ConnectionString, options.RunWorker) = (connection, false);
            options.Vault.CurrentKey = "k1";
            options.Vault.Keys["k1"] = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
            (options.Audit.ReconcileAgainAfter, options.Audit.ReconcileAgainAtMost) = (TimeSpan.FromHours(6), TimeSpan.FromHours(6));
            options.Plans.Add(ServiceSandbox.SamplePlan);
        });
        foreach (var kind in SandboxRails.All)
        {
            var rail = rails.Single(rail => rail.Account == kind.Account);
            rail.MerchantNotifyUrl = new Uri(callbacks, CallbackEndpoint.PathOf(kind.Account));
            kind.Add(builder.Services, rail, sandbox.Address, rail.MerchantNotifyUrl);
            builder.Services.AddHttpClient(kind.Account.ToString()).AddHttpMessageHandler(() => new PlantingHandler(planters[kind.Name]));
        }

        builder.Services.PostConfigureAll<WeChatPayOptions>(options => DemoWorld.Hurry(options.Resilience))
            .PostConfigureAll<AlipayOptions>(options => DemoWorld.Hurry(options.Resilience))
            .PostConfigureAll<UnionPayOptions>(options => DemoWorld.Hurry(options.Resilience))
            .PostConfigureAll<StripeOptions>(options => DemoWorld.Hurry(options.Resilience));
        meters.InstrumentPublished = (instrument, all) => all.EnableMeasurementEvents(instrument);
        meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Tagged(instrument, tags));
        meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Tagged(instrument, tags));
        meters.Start();
        return builder.Build();
    }

    private void Tagged(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (name, value) in tags)
            MetricTags[$"{instrument.Name} {name} {value}"] = true;
    }

    private void Capture(ILoggingBuilder logging) => logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(Log);

    private T Keep<T>(T part)
        where T : IAsyncDisposable
    {
        parts.Add(part);
        return part;
    }

    private async Task ForwardAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        var account = (string)context.Request.RouteValues["account"]!;
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var body = planters[account.Split(':')[0]].Callback(headers, buffer.ToArray());
        using var answer = await SendAsync(new Uri(door.Address, context.Request.Path.Value), headers, body);
        context.Response.StatusCode = (int)answer.StatusCode;
        var said = await answer.Content.ReadAsByteArrayAsync();
        ApiAnswers.Enqueue(System.Text.Encoding.UTF8.GetString(said));
        await context.Response.Body.WriteAsync(said);
    }

    private async Task<HttpResponseMessage> SendAsync(Uri address, Dictionary<string, string> headers, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in headers.Where(header => header.Key is not ("Host" or "Content-Length" or "Transfer-Encoding" or "Connection")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content.Headers.TryAddWithoutValidation(name, value);
        }

        return await http.SendAsync(request);
    }

    private async Task<JsonNode> PostAsync(JsonNode body)
    {
        using var answer = await http.PostAsJsonAsync(new Uri(door.Address, $"{ApiEndpoints.Root}/subscriptions"), body);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    private async Task<IReadOnlyList<TEvent>> ReadAsync<TEvent>(SubscriptionId id)
        where TEvent : SubscriptionEvent => [.. (await Ledger.ReadEventsAsync(id, None)).OfType<TEvent>()];

    private static string MemberOf(SandboxRailKind kind) => $"member-of-{kind.Name}";

    // UnionPay looks at it; what is given to another rail goes to the vault all the same.
    private static JsonObject Card(SandboxRailKind kind, string member)
    {
        var card = kind.Name == "unionpay" ? UnionPayCard.Of(member, isCredit: false) : new(Planted.Card, member, Planted.LatinName, Planted.IdNumber, Planted.Phone, false);
        return new() { ["number"] = card.Number, ["holder"] = card.Holder, ["certificateNumber"] = card.CertificateNumber, ["phone"] = card.Phone };
    }

    /// <summary>Tells every member, and says too much the first time it cannot.</summary>
    private sealed class TalkativeNotifier(TimeProvider time, Planted planted) : INotifier
    {
        private readonly ConcurrentDictionary<string, bool> refused = new();

        public Task<NoticeResult> TellAsync(ChargeNotice notice, CancellationToken cancellation)
        {
            if (!refused.TryAdd(notice.NoticeId, true))
                return Task.FromResult<NoticeResult>(new NoticeResult.HandedOver("receipt", Instant.FromDateTimeOffset(time.GetUtcNow())));
            const string words = $"no route to {Planted.Phone}, {Planted.Login}, {Planted.Name}, {Planted.OpenId}";
            planted.Enter(notice.Account.Rail, "notifier", words);
            return Task.FromResult<NoticeResult>(new NoticeResult.Failed(words));
        }
    }

    private sealed class PlantingHandler(Planter planter) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var asked = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            var answer = await base.SendAsync(request, cancellationToken);
            var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            if (body.Length == 0)
                return answer;
            var content = new ByteArrayContent(planter.Answer(asked, $"{request.Method} {request.RequestUri!.AbsolutePath}", body));
            foreach (var (name, values) in answer.Content.Headers.Where(header => header.Key != "Content-Length"))
                content.Headers.TryAddWithoutValidation(name, values);
            answer.Content = content;
            return answer;
        }
    }
}

/// <summary>Every log line at every level, with its exception and the values it was written with.</summary>
internal sealed class CapturedLog : ILoggerProvider
{
    public ConcurrentQueue<string> Entries { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(CapturedLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            log.Entries.Enqueue($"{category} scope {Values(state)}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Entries.Enqueue($"{category} {eventId.Id} {formatter(state, exception)} {Values(state)} {exception}");

        private static string Values(object? state) =>
            state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs.Select(pair => pair.Value)) : $"{state}";
    }
}
