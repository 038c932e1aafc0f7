using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Sandbox;
using Renewals.Tests.Database;

namespace Renewals.Tests.Privacy;

/// <summary>No card number, name, id number, phone, openid or buyer login in events, logs, the book, metrics, answers or exceptions.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class PrivacyTests(PostgresFixture postgres)
{
    private static readonly string[] Entrances =
        ["sign request", "answer", "query", "error", "callback", "forged", "spoilt statement", "foreign order", "notifier"];

    [Fact]
    public async Task What_names_a_member_enters_everywhere_and_is_found_nowhere()
    {
        await using var world = await PrivacyWorld.StartAsync(await postgres.CreateDatabaseAsync());
        foreach (var kind in SandboxRails.All)
            await world.SignAsync(kind);
        await world.PassAsync(4);
        world.StopReading();
        world.DeclineNext();
        await world.PassAsync(31);
        await world.ForgeAsync();
        await world.LookAsync();

        // First that it all happened: money moved, was declined, was reconciled, was forged.
        foreach (var rail in SandboxRails.All.Select(kind => kind.Name))
        {
            (await world.EventsAsync<Charged>(rail)).Should().NotBeEmpty(rail);
            (await world.EventsAsync<Failed>(rail)).Should().NotBeEmpty(rail);
            (await world.EventsAsync<NoticeFailed>(rail)).Should().NotBeEmpty(rail);
            foreach (var entrance in Entrances)
                world.Planted.Count(rail, entrance).Should().BePositive($"{rail} must have been given something at: {entrance}");
            foreach (var kind in Planted.Kinds)
                world.Planted.CountOf(rail, kind).Should().BePositive($"{rail} must have been given a {kind}");
        }

        foreach (var logged in new[] { 1005, 1021, 1022 })
            world.Log.Entries.Should().Contain(entry => entry.StartsWith("Renewals.", StringComparison.Ordinal) && entry.Contains($" {logged} ", StringComparison.Ordinal), $"event {logged} must have been logged");
        var kept = await world.Services.GetRequiredService<IKeptDocuments>().ListAsync(null, null, 10_000, default);
        kept.Select(d => (d.Account.Rail, d.Kind, d.Result)).Distinct().Should().Contain(
            SandboxRails.All.SelectMany(kind => new[] { (kind.Name, DocumentKind.Statement, "read"), (kind.Name, DocumentKind.Callback, "stored"), (kind.Name, DocumentKind.Callback, "rejected") }));
        var tables = new HashSet<string>();
        await foreach (var (table, _) in world.RowsAsync())
            tables.Add(table);
        tables.Should().Contain(["renewals.mt_events", "renewals.book", "renewals.vault", "renewals.kept_document", "renewals.reconciliation_run", "renewals.reconciliation_difference"]);

        // Then that nothing of it is anywhere, the ciphertext of vault and documents included …
        (await world.LeaksAsync()).Should().BeEmpty();
        await NotInSpansAsync(world);
        await ErasedOneByOneAsync(world);

        // … and that it would have been found.
        world.Services.GetRequiredService<ILogger<PrivacyTests>>().LogTrace(new FormatException(Planted.Card), "leaking");
        (await world.LeaksAsync()).Should().ContainSingle().Which.Should().StartWith("card in the log");
        await world.ExecuteAsync($"update renewals.reconciliation_run set why = '{Planted.Name}' where (account, day) = (select account, day from renewals.reconciliation_run limit 1)");
        await world.ExecuteAsync($"update renewals.kept_document set sealed = '{Planted.Login}'::bytea where id = (select id from renewals.kept_document limit 1)");
        world.Services.GetRequiredService<EngineMetrics>().Callback(new MerchantAccount("wechat", "1"), Planted.OpenId);
        world.ApiAnswers.Enqueue($"\"{Planted.Phone}\"");
        world.Services.GetRequiredService<EngineTraces>().Source.StartActivity(SpanNames.Charge)!.SetTag(SpanTags.Reason, Planted.IdNumber).Stop();
        (await world.LeaksAsync()).Select(leak => leak.Split(':')[0]).Should().BeEquivalentTo(
            "card in the log", "name in renewals.reconciliation_run", "login in renewals.kept_document", "openid in a metric", "phone in an answer", "id number in a span");
    }

    // Spans may name an order, as the log may name a membership; nobody, and nothing that is worth something at a rail. And no tag but those of the manual.
    private static async Task NotInSpansAsync(PrivacyWorld world)
    {
        var names = typeof(SpanNames).GetFields().Select(field => (string)field.GetRawConstantValue()!).Except([SpanNames.MoveDate, SpanNames.StatementQuery, SpanNames.Stop]);
        foreach (var name in names.Except([SpanNames.Terminate, SpanNames.Refund, SpanNames.RefundQuery]).Append(Renewals.Gateways.Resilience.RailTraces.Attempt))
            world.Spans.Should().Contain(span => span.StartsWith(name), $"there must have been a {name}");
        world.SpanTagNames.Should().BeSubsetOf(typeof(SpanTags).GetFields().Select(field => (string)field.GetRawConstantValue()!).Append(Renewals.Gateways.Resilience.RailTraces.Try));
        foreach (var kind in SandboxRails.All)
        {
            var identifying = await world.IdentifyingAsync(kind);
            identifying.Should().HaveCountGreaterThan(4, kind.Name);
            foreach (var text in identifying)
                world.Spans.Should().NotContain(span => span.Contains(text, StringComparison.OrdinalIgnoreCase), kind.Name);
        }
    }

    // With the key in hand everything of a member is found before the erasure, and nothing after it, while the others' stays.
    private static async Task ErasedOneByOneAsync(PrivacyWorld world)
    {
        await world.EndAsync();
        Dictionary<string, string[]> keys = [];
        foreach (var kind in SandboxRails.All)
        {
            var k = (await world.KeysOfAsync(kind))!;
            keys[kind.Name] = [.. new[] { k.RailAgreementId, k.PayerId, k.PayerAccount }.OfType<string>().Except(Planted.Shared)];
            keys[kind.Name].Should().NotBeEmpty(kind.Name);
        }

        var dump = await world.DumpAsync();
        foreach (var (rail, values) in keys)
            values.SelectMany(dump.PlacesOf).Should().Contain(["renewals.vault opened", "renewals.kept_document opened"], rail);
        foreach (var kind in SandboxRails.All)
        {
            var report = await world.EraseAsync(kind);
            report.Erased.Should().Match<ErasedCounts>(erased => erased.VaultKeys == 1 && erased.Callbacks > 0 && erased.StatementLines > 0 && erased.WholeStatements == 0, kind.Name);
            dump = await world.DumpAsync();
            keys[kind.Name].SelectMany(dump.PlacesOf).Should().BeEmpty(kind.Name);
            keys.Remove(kind.Name);
            foreach (var (rail, values) in keys)
                values.Select(dump.PlacesOf).Should().NotContain(places => places.Count == 0, rail);
        }

        (await world.Services.GetRequiredService<ISubscriptionLedger>().VerifyBookAsync(default)).Should().BeEmpty();
        (await world.LeaksAsync()).Should().BeEmpty();
    }
}
