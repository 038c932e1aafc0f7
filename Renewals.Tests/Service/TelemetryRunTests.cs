using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Trace;
using Renewals.Core.Engine;
using Renewals.Host.Sandbox;
using Renewals.Host.Service;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>The service as it runs, and what a receiver of OTLP gets of it.</summary>
public sealed class TelemetryRunTests : IDisposable
{
    private readonly SampleSettings scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_receiver_gets_the_trace_of_an_order_and_the_metrics_and_nothing_that_names_a_member()
    {
        ConcurrentQueue<(string Path, byte[] Body)> got = new();
        await using var receiver = await LoopbackServer.StartAsync(0, routes => routes.MapPost("/otlp/{**path}", async context =>
        {
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            got.Enqueue(((string)context.Request.RouteValues["path"]!, body.ToArray()));
        }), default);
        var settings = Path.Combine(scratch.Folder, "telemetry.json");
        await File.WriteAllTextAsync(settings, $$"""{ "Renewals": { "Urls": "http://127.0.0.1:0", "Telemetry": { "Otlp": "{{new Uri(receiver.Address, "/otlp")}}" } } }""");
        using var program = HostProgram.Start(scratch.Folder, "run", "--sandbox", "--config", settings);
        var said = await SandboxRunTests.SaidAsync(program);
        var id = Samples.Id.Value;
        using (var http = new HttpClient())
        {
            var api = said["api"] + "/subscriptions";
            var page = await http.PostAsJsonAsync(api, new { id, member = "member-zeta", plan = "monthly", account = "wechat:1900000109", displayAccount = "Ann", scene = "official-account" });
            page.EnsureSuccessStatusCode();
            (await http.GetAsync((string)JsonNode.Parse(await page.Content.ReadAsStringAsync())!["page"]!["address"]!)).EnsureSuccessStatusCode();
            await ConfirmAsync(http, said["sandbox"], api, id);
            (await http.GetAsync($"{api}?member=member-zeta")).EnsureSuccessStatusCode();
            (await http.GetAsync(new Uri(new Uri(api), "/nowhere/member-zeta"))).IsSuccessStatusCode.Should().BeFalse();
        }

        (await program.StopAsync()).Errors.Should().BeEmpty();
        var traces = got.Where(post => post.Path == "v1/traces").Select(post => post.Body).ToList();
        got.Select(post => post.Path).Distinct().Should().BeEquivalentTo("v1/traces", "v1/metrics");
        var trace = Convert.FromHexString(EngineTraces.TraceIdOf(Samples.Order(Samples.Id, 1)).ToHexString());
        var text = string.Concat(traces.Select(Encoding.Latin1.GetString));
        text.Should().Contain(Encoding.Latin1.GetString(trace)).And.Contain("renewals.decide").And.Contain("renewals.charge").And.Contain("renewals.outcome").And.Contain("renewals.attempt");
        text.Should().Contain("/api/v1/subscriptions").And.Contain("POST", "requests are traced by their routes");
        text.Should().NotContain("member-zeta").And.NotContain("nowhere", "who calls may write anything into an address").And.NotContain("/health");
        string.Concat(got.Select(post => Encoding.Latin1.GetString(post.Body))).Should().Contain("renewals.events").And.NotContain("member-zeta");
    }

    [Fact]
    public void By_default_nothing_listens_and_nothing_is_sent_anywhere()
    {
        var target = TelemetryTarget.Read(new(), new ConfigurationBuilder().Build());
        target.Sends.Should().BeFalse();
        Sources(target).Should().BeFalse();
        Sources(target with { Address = new("http://127.0.0.1:1/") }).Should().BeTrue("it would have been seen");

        static bool Sources(TelemetryTarget target)
        {
            var builder = WebApplication.CreateEmptyBuilder(new());
            DoorTelemetry.AddTo(builder, target);
            return builder.Services.Any(service => service.ServiceType == typeof(TracerProvider));
        }
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317", true)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:4317", true)]
    [InlineData("OTEL_SERVICE_NAME", "renewals-of-the-shop", false)]
    public void The_standards_own_variables_say_where_to_send(string name, string value, bool sends)
    {
        var target = TelemetryTarget.Read(new(), new ConfigurationBuilder().AddInMemoryCollection([new(name, value), new("HOME", "/root")]).Build());
        (target.Sends, target.NamesService).Should().Be((sends, !sends));
        target.Standard.Should().Equal(new Dictionary<string, string?> { [name] = value }, "no other variable gets in");
    }

    [Theory]
    [InlineData("Otlp", "collector:4318", "Renewals:Telemetry:Otlp must be the address of an OTLP receiver*")]
    [InlineData("Otlp", "http://key@collector:4318", "Renewals:Telemetry:Otlp must be the address of an OTLP receiver*")]
    [InlineData("TraceRatio", "1.5", "Renewals:Telemetry: *TraceRatio*")]
    [InlineData("Ratio", "1", "The settings name 'Ratio'*")]
    public void A_wrong_setting_is_refused_by_its_name(string name, string value, string sentence)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new($"Renewals:Telemetry:{name}", value)]).Build();
        var read = () => ServiceSetup.Read(configuration, scratch.Folder, sandbox: true);
        read.Should().Throw<CannotRunException>().WithMessage(sentence);
    }

    // The member confirms in the wallet, and the first period is paid.
    private static async Task ConfirmAsync(HttpClient http, string sandbox, string api, Guid id)
    {
        var code = new Core.Agreements.AgreementId(Core.Ledger.EventIds.Named(id, "agreement/1")).SigningCode;
        var confirmed = await http.PostAsync(new Uri(new Uri(sandbox), $"/_control/wechat/signings/{code}/confirm"), new FormUrlEncodedContent([new("member", "ann")]));
        confirmed.IsSuccessStatusCode.Should().BeTrue(await confirmed.Content.ReadAsStringAsync());
        for (var looks = 0; !(await http.GetStringAsync($"{api}/{id}/events")).Contains("\"charged\""); looks++)
        {
            looks.Should().BeLessThan(300, "the first period should be paid within half a minute");
            await Task.Delay(100);
        }
    }
}
