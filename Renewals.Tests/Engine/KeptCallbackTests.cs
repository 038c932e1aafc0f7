using System.Runtime.Versioning;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;
using Renewals.Core;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>Raw callbacks: kept before they are answered, those of strangers within a bound, and none for longer than is said.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class KeptCallbackTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_rail_said_is_kept_as_it_came_with_what_came_of_it(bool inMemory)
    {
        await using var host = await StartAsync(inMemory);
        var id = await SignUnpaidAsync(host);
        host.Rail.OnCallback = callback => Encoding.UTF8.GetString(callback.Body.Span) switch
        {
            "paid" => Paid(Samples.Order(id, 1)),
            "coupon" => new CallbackReading.NothingForUs("a coupon"),
            "of nobody" => Paid(Samples.Order(Samples.IdOf(9), 1)),
            _ => new CallbackReading.Rejected("no signature"),
        };
        foreach (var (body, status) in new[] { ("paid", 200), ("coupon", 200), ("of nobody", 200), ("forged", 500), ("paid", 200) })
            (await SendAsync(host, body)).Should().Be(status);
        var kept = await Documents(host).ListAsync(host.Rail.Account, DocumentKind.Callback, 10, default);
        kept.Select(d => (d.Result, d.Times, d.Note)).Should().BeEquivalentTo(
            [("stored", 2, null), ("nothing-for-us", 1, null), ("not-ours", 1, null), ("rejected", 1, "no signature")]);
        foreach (var d in kept)
            Encoding.UTF8.GetString(CallbackDocument.Read((await Documents(host).FindAsync(d.Id, default))!).Body.Span).Should().BeOneOf("paid", "coupon", "of nobody", "forged");
    }

    [Fact]
    public async Task A_callback_that_could_not_be_kept_is_not_acknowledged_and_its_repeat_is_recorded_once_and_kept()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var host = await TestHost.StartAsync(connection);
        await using var database = NpgsqlDataSource.Create(connection);
        var id = await SignUnpaidAsync(host);
        host.Rail.OnCallback = _ => Paid(Samples.Order(id, 1));
        await ExecuteAsync(database, "alter table renewals.kept_document rename to gone");
        (await SendAsync(host, "paid")).Should().Be(500, "the rail must deliver it again");
        host.Logs.Count(1014).Should().Be(1);
        (await host.EventsAsync<Charged>(id)).Should().ContainSingle("it is news all the same");
        await ExecuteAsync(database, "alter table renewals.gone rename to kept_document");
        (await SendAsync(host, "paid")).Should().Be(200);
        (await host.EventsAsync<Charged>(id)).Should().ContainSingle();
        (await Documents(host).ListAsync(null, null, 10, default)).Should().ContainSingle().Which.Result.Should().Be("stored");
    }

    [Fact]
    public async Task One_that_is_not_believed_is_refused_as_ever_when_it_cannot_be_kept()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var host = await TestHost.StartAsync(connection);
        await using var database = NpgsqlDataSource.Create(connection);
        await ExecuteAsync(database, "alter table renewals.kept_document rename to gone");
        (await host.Callbacks.ReceiveAsync(host.Rail.Account, CallbackOf("forged"))).Should().Be(new CallbackReply(500, "text/plain", "not verified"));
        (host.Logs.Count(1014), host.Logs.Count(1005)).Should().Be((1, 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Strangers_fill_no_more_than_the_days_places_whatever_they_send(bool inMemory)
    {
        await using var host = await StartAsync(inMemory, options => options.Audit.RejectedCallbacksADay = 5);
        for (var i = 0; i < 200; i++)
            (await SendAsync(host, $"forged {i} {new string('x', 20_000)}")).Should().Be(500);
        var kept = await Documents(host).ListAsync(null, null, 1_000, default);
        kept.Should().HaveCount(5).And.OnlyContain(d => d.Bytes == 16_384 && d.Result == "rejected");
        host.Time.Advance(TimeSpan.FromDays(1));
        for (var i = 0; i < 200; i++)
            await SendAsync(host, $"forged {i}");
        (await Documents(host).ListAsync(null, null, 1_000, default)).Should().HaveCount(10);
        host.Logs.Count(1005).Should().Be(2, "a line a minute says it; each is counted");
    }

    [Fact]
    public async Task Where_no_place_is_given_nothing_of_strangers_is_kept_nor_of_what_is_too_large_to_be_read()
    {
        await using var host = await StartAsync(inMemory: true, options => options.Audit.RejectedCallbacksADay = 0);
        await SendAsync(host, "forged");
        host.Rail.OnCallback = _ => new CallbackReading.NothingForUs("a coupon");
        (await SendAsync(host, new string('x', 65_537))).Should().Be(500);
        (await Documents(host).ListAsync(null, null, 10, default)).Should().BeEmpty();
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, null)]
    [InlineData(false, 3)]
    public async Task Callbacks_older_than_is_said_are_gone_thirty_five_days_unless_another_number_is_set(bool inMemory, int? days)
    {
        await using var host = await StartAsync(inMemory, options => options.Audit.KeepDocumentsFor = days is { } set ? TimeSpan.FromDays(set) : options.Audit.KeepDocumentsFor);
        var worker = host.Services.GetRequiredService<ReconciliationWorker>();
        await SendAsync(host, "forged");
        host.Rail.OnCallback = _ => new CallbackReading.NothingForUs("a coupon");
        await SendAsync(host, "coupon");
        async Task<int> KeptAfterAsync(TimeSpan time)
        {
            host.Time.Advance(time);
            await worker.RunDueAsync(Instant.FromDateTimeOffset(host.Time.GetUtcNow()));
            return (await Documents(host).ListAsync(null, null, 10, default)).Count;
        }

        (await KeptAfterAsync(TimeSpan.FromDays((days ?? 35) - 1))).Should().Be(2);
        (await KeptAfterAsync(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1))).Should().Be(0);
    }

    private async Task<TestHost> StartAsync(bool inMemory, Action<RenewalsOptions>? more = null) =>
        await TestHost.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync(), more: more);

    private static IKeptDocuments Documents(TestHost host) => host.Services.GetRequiredService<IKeptDocuments>();

    private static async Task<SubscriptionId> SignUnpaidAsync(TestHost host)
    {
        host.Rail.OnCharge = _ => Task.FromResult(new ChargeAnswer(new ChargeOutcome.Unknown("time-out")));
        return await host.SignAsync();
    }

    private static async Task<int> SendAsync(TestHost host, string body) => (await host.Callbacks.ReceiveAsync(host.Rail.Account, CallbackOf(body))).Status;

    private static Callback CallbackOf(string body) => new(new Dictionary<string, string> { ["X-Signed"] = "yes" }, Encoding.UTF8.GetBytes(body));

    private static CallbackReading.OfCharge Paid(OrderNumber order) =>
        new(order.ToString(), new(new ChargeOutcome.Succeeded(Money.Cny(990), "T1", Samples.Now)));

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
