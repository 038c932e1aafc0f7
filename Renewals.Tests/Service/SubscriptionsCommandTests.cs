using System.Runtime.Versioning;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Renewals.Host.Commands;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>From the real program on a real database: memberships as they stand now.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class SubscriptionsCommandTests(PostgresFixture postgres) : IDisposable
{
    private readonly SampleSettings scratch = new();
    private string connection = "";

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task Memberships_are_found_by_what_is_known_of_them_a_page_at_a_time()
    {
        await SignThreeAsync();

        var all = await ListedAsync(0);
        Ids(all).Should().Equal(Samples.IdOf(1).Value, Samples.IdOf(2).Value, Samples.IdOf(3).Value);
        all.GetProperty("next").ValueKind.Should().Be(JsonValueKind.Null);
        var first = all.GetProperty("entries")[0];
        first.GetProperty("account").GetString().Should().Be("wechat:1900000109");
        first.GetProperty("status").GetString().Should().Be("active");
        first.GetProperty("parked").ValueKind.Should().Be(JsonValueKind.Null);
        first.GetProperty("next").GetDateTime().Should().BeAfter(first.GetProperty("paidUntil").GetDateTime().AddMonths(-2));

        var page = await ListedAsync(0, "--limit", "2");
        Ids(page).Should().Equal(Samples.IdOf(1).Value, Samples.IdOf(2).Value);
        Ids(await ListedAsync(0, "--after", page.GetProperty("next").GetString()!)).Should().Equal(Samples.IdOf(3).Value);

        Ids(await ListedAsync(0, "--member", first.GetProperty("member").GetString()!)).Should().Equal(Samples.IdOf(1).Value);
        Ids(await ListedAsync(0, "--account", "wechat:1900000109", "--status", "active", "--plan", first.GetProperty("plan").GetString()!)).Should().HaveCount(3);
        Ids(await ListedAsync(SubscriptionsCommand.NothingFound, "--parked")).Should().BeEmpty();
        Ids(await ListedAsync(SubscriptionsCommand.NothingFound, "--status", "cancelled")).Should().BeEmpty();
        Ids(await ListedAsync(SubscriptionsCommand.NothingFound, "--account", "alipay:1")).Should().BeEmpty();
        Ids(await ListedAsync(SubscriptionsCommand.NothingFound, "--plan", "none")).Should().BeEmpty();

        var text = await RunAsync("list", "--limit", "1");
        text.ExitCode.Should().Be(0);
        text.Output.Should().Contain($"{Samples.IdOf(1)}").And.Contain("active").And.EndWith($"There are more: go on with --after {Samples.IdOf(1)}\n");
        (await RunAsync("list", "--plan", "none")).Output.Should().Be("There is no membership like that.\n");

        var looked = await HostCommand.RunAtTerminalAsync("subscriptions", "list", "--limit", "1", "--connection", connection);
        looked.Output.Should().Be(text.Output);
        looked.Errors.Should().Contain("1 memberships found so far").And.NotContain("%", "nobody knows how many there are");
    }

    [Fact]
    public async Task One_is_shown_as_the_API_shows_it()
    {
        await SignThreeAsync();
        var id = Samples.IdOf(2);

        var shown = await RunAsync("show", $"{id}", "--json");
        shown.ExitCode.Should().Be(0, shown.Errors);
        using var json = JsonDocument.Parse(shown.Output);
        json.RootElement.GetProperty("id").GetGuid().Should().Be(id.Value);
        json.RootElement.GetProperty("alarm").GetDateTime().Should().BeAfter(default);
        var membership = json.RootElement.GetProperty("membership");
        (membership.GetProperty("paidPeriods").GetInt32(), membership.GetProperty("version").GetInt64()).Should().Be((1, json.RootElement.GetProperty("version").GetInt64()));

        (await RunAsync("show", $"{id}")).Output.Should().StartWith($"{id} of ").And.Contain("wechat:1900000109: active\n")
            .And.Contain("  paid        1 periods, until ").And.Contain("  next alarm  ");
    }

    [Fact]
    public async Task What_is_not_there_or_no_word_of_ours_is_refused_in_a_sentence()
    {
        await SignThreeAsync();
        (await RunAsync("show", $"{Samples.IdOf(9)}")).ShouldBeRefusal($"There is no membership {Samples.IdOf(9)} in this ledger.");
        (await RunAsync("list", "--after", "there")).FirstError.Should().StartWith("--after is there, which is no membership's id");
        (await RunAsync("list", "--status", "gone")).FirstError.Should().Contain("'signing'").And.Contain("'ended'");
        (await RunAsync("list", "--limit", "0")).FirstError.Should().StartWith("--limit is 0; give a number from 1 to 100,000.");
    }

    private static IEnumerable<Guid> Ids(JsonElement list) => list.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("id").GetGuid());

    private async Task SignThreeAsync()
    {
        connection = await postgres.CreateDatabaseAsync();
        await using var host = await TestHost.StartAsync(connection, new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        foreach (var number in (int[])[1, 2, 3])
            await host.SignAsync(number);
    }

    private async Task<JsonElement> ListedAsync(int exitCode, params string[] arguments)
    {
        var ending = await RunAsync(["list", "--json", .. arguments]);
        ending.ExitCode.Should().Be(exitCode, ending.Errors + ending.Output);
        using var said = JsonDocument.Parse(ending.Output);
        return said.RootElement.Clone();
    }

    private Task<Ending> RunAsync(params string[] arguments) => HostProgram.RunAsync(scratch.Folder, ["subscriptions", .. arguments, "--connection", connection]);
}
