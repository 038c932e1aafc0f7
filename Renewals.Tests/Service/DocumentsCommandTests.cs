using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>The <c>documents</c> command, by its words; the bytes of a message from outside.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class DocumentsCommandTests(PostgresFixture postgres) : IAsyncLifetime, IDisposable
{
    private readonly SampleSettings scratch = new();
    private DocumentDraft statement = null!;
    private DocumentDraft callback = null!;
    private string connection = "";

    public async Task InitializeAsync()
    {
        connection = await postgres.CreateDatabaseAsync();
        scratch.UseServer(connection, PostgresFixture.OptionsFor(connection).Vault.Keys["k1"]);
        scratch.Write();
        await using var ledger = PostgresFixture.Open(connection);
        statement = DocumentDraft.Statement(Samples.Account, (byte[])[0x1F, 0x8B, 0xFF, 0x00], Samples.Now);
        callback = DocumentDraft.Rejected(
            Samples.Account, new Callback(new Dictionary<string, string> { ["Nonce"] = "1" }, "<xml>回调</xml>"u8.ToArray()), "no signature [at all]", 1, 1_024, Samples.Now);
        await ledger.Documents.KeepAsync(statement, default);
        await ledger.Documents.KeepAsync(callback, default);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_list_says_what_is_kept_and_what_came_of_it_and_a_message_is_shown_as_it_came()
    {
        var table = await RunAsync("list");
        table.Errors.Should().BeEmpty();
        table.ExitCode.Should().Be(0);
        table.Output.Should().Contain("rejected").And.Contain("2 documents.").And.NotContain("回调");

        // As a program sees it, and whoever copies from a file.
        var piped = await HostProgram.RunAsync(scratch.Folder, "documents", "list");
        piped.Output.Split('\n').Should().ContainSingle(line => line.Contains($"{callback.Id:N}") && line.Contains("wechat:1900000109") && line.Contains("no signature [at all]"), "nothing is broken over lines");

        var listed = JsonNode.Parse((await RunAsync("list", "--kind", "callback", "--account", "wechat:1900000109", "--json")).Output)!.AsArray();
        var one = listed.Should().ContainSingle().Subject!;
        ((string)one["id"]!, (string)one["result"]!, (string)one["note"]!, (string)one["kind"]!, (int)one["times"]!)
            .Should().Be(($"{callback.Id:N}", "rejected", "no signature [at all]", "callback", 1));

        (await HostProgram.RunAsync(scratch.Folder, "documents", "show", $"{callback.Id:N}")).Output.Should().Be("Nonce: 1\n\n<xml>回调</xml>");
        var shown = JsonNode.Parse((await RunAsync("show", $"{callback.Id:N}", "--json")).Output)!;
        ((string)shown["text"]!, (string)shown["headers"]!["Nonce"]!).Should().Be(("<xml>回调</xml>", "1"));
        var packed = JsonNode.Parse((await RunAsync("show", $"{statement.Id:N}", "--json")).Output)!;
        packed["text"].Should().BeNull("it is no text");
        Convert.FromBase64String((string)packed["base64"]!).Should().Equal(statement.Content.ToArray());
    }

    [Fact]
    public async Task What_cannot_be_shown_is_said_in_one_sentence()
    {
        (await RunAsync("show", "00000000000000000000000000000001")).ShouldBeRefusal(
            "There is no document 00000000000000000000000000000001, or it was kept long enough and erased; `documents list` names those there are.");
        (await RunAsync("show", "x")).Errors.Should().StartWith("x is no document; `documents list` names them.").And.NotContain("   at ");
        (await RunAsync("list", "--account", "wechat")).Errors.Should().StartWith("--account is wechat; write it as rail:number, such as wechat:1900000109.");

        await using (var database = NpgsqlDataSource.Create(connection))
        await using (var command = database.CreateCommand("update renewals.kept_document set key_name = 'lost'"))
            await command.ExecuteNonQueryAsync();
        var unreadable = await RunAsync("show", $"{callback.Id:N}");
        unreadable.ExitCode.Should().Be(1);
        unreadable.Errors.Should().StartWith("The document cannot be opened: ").And.Contain("Renewals:Vault:Keys").And.NotContain("   at ");
    }

    private Task<Ending> RunAsync(params string[] arguments) => HostCommand.RunAsync(scratch, ["documents", .. arguments]);
}
