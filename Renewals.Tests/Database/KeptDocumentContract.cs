using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Npgsql;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Tests.Support;

namespace Renewals.Tests.Database;

/// <summary>What every store of raw messages promises.</summary>
public abstract class KeptDocumentContract
{
    protected static readonly MerchantAccount Other = new("alipay", "2");

    private protected IKeptDocuments Documents { get; set; } = null!;

    [Fact]
    public async Task What_was_verified_is_kept_whole_and_readable_again()
    {
        var draft = DocumentDraft.Verified(Samples.Account, Callback("the body"), "stored", Samples.Now);
        await KeepAsync(draft);
        (await Documents.DescribeAsync(draft.Id, default)).Should().Be(
            new KeptDocument(draft.Id, Samples.Account, DocumentKind.Callback, Samples.Now, draft.Content.Length, 1, "stored", null));
        var back = CallbackDocument.Read((await Documents.FindAsync(draft.Id, default))!);
        Encoding.UTF8.GetString(back.Body.Span).Should().Be("the body");
        back.Headers.Should().BeEquivalentTo(new Dictionary<string, string> { ["Content-Type"] = "text/xml", ["Wechatpay-Nonce"] = "n: 1" });
    }

    [Fact]
    public async Task The_same_message_again_is_the_same_document_with_the_newer_result()
    {
        var first = DocumentDraft.Verified(Samples.Account, Callback("again"), "not-stored", Samples.Now);
        await KeepAsync(first);
        await KeepAsync(DocumentDraft.Verified(Samples.Account, Callback("again", nonce: "another"), "stored", Samples.Now + Duration.FromHours(1)));
        await KeepAsync(DocumentDraft.Verified(Other, Callback("again"), "stored", Samples.Now));
        (await Documents.ListAsync(Samples.Account, null, 10, default)).Should().ContainSingle()
            .Which.Should().Match<KeptDocument>(d => d.Id == first.Id && d.Times == 2 && d.Result == "stored" && d.At == Samples.Now);
    }

    [Fact]
    public async Task Of_what_was_not_believed_the_first_in_a_place_stays_and_no_more_than_its_beginning()
    {
        var first = DocumentDraft.Rejected(Samples.Account, Callback(new string('x', 5_000)), "no signature", 7, 1_024, Samples.Now);
        await KeepAsync(first);
        await KeepAsync(DocumentDraft.Rejected(Samples.Account, Callback("a second one"), "too old", 7, 1_024, Samples.Now + Duration.FromMinutes(1)));
        (await Documents.ListAsync(null, null, 10, default)).Should().ContainSingle().Which.Should().Be(first.Description);
        (await Documents.FindAsync(first.Id, default)).Should().HaveCount(1_024);
        await KeepAsync(DocumentDraft.Rejected(Samples.Account, Callback("the next day"), "too old", 7, 1_024, Samples.Now + Duration.FromDays(1)));
        (await Documents.ListAsync(null, null, 10, default)).Should().HaveCount(2, "every day has places of its own");
    }

    [Fact]
    public async Task A_list_is_of_an_account_and_a_kind_the_latest_first_and_no_longer_than_asked_for()
    {
        var statement = DocumentDraft.Statement(Samples.Account, "lines"u8.ToArray(), Samples.Now);
        var early = DocumentDraft.Verified(Samples.Account, Callback("early"), "stored", Samples.Now + Duration.FromMinutes(1));
        var late = DocumentDraft.Verified(Other, Callback("late"), "stored", Samples.Now + Duration.FromMinutes(2));
        foreach (var draft in new[] { early, statement, late })
            await KeepAsync(draft);
        async Task<IEnumerable<Guid>> Listed(MerchantAccount? account, DocumentKind? kind, int limit) =>
            (await Documents.ListAsync(account, kind, limit, default)).Select(d => d.Id);
        (await Listed(null, null, 10)).Should().Equal(late.Id, early.Id, statement.Id);
        (await Listed(null, null, 2)).Should().Equal(late.Id, early.Id);
        (await Listed(Samples.Account, null, 10)).Should().Equal(early.Id, statement.Id);
        (await Listed(null, DocumentKind.Statement, 10)).Should().Equal(statement.Id);
        (await Listed(Other, DocumentKind.Statement, 10)).Should().BeEmpty();
    }

    [Fact]
    public async Task What_came_before_is_forgotten_and_nothing_else()
    {
        var old = DocumentDraft.Verified(Samples.Account, Callback("old"), "stored", Samples.Now);
        var young = DocumentDraft.Verified(Samples.Account, Callback("young"), "stored", Samples.Now + Duration.FromMinutes(1));
        await KeepAsync(old);
        await KeepAsync(young);
        (await Documents.EraseBeforeAsync(young.At, default)).Should().Be(1);
        (await Documents.FindAsync(old.Id, default)).Should().BeNull();
        (await Documents.DescribeAsync(old.Id, default)).Should().BeNull();
        (await Documents.FindAsync(young.Id, default)).Should().NotBeNull();
    }

    private protected Task KeepAsync(DocumentDraft draft) => Documents.KeepAsync(draft, default);

    private protected static Callback Callback(string body, string nonce = "n: 1") => new(
        new Dictionary<string, string> { ["Wechatpay-Nonce"] = nonce, ["Content-Type"] = "text/xml" }, Encoding.UTF8.GetBytes(body));
}

/// <summary>The contract in memory.</summary>
public sealed class InMemoryKeptDocumentTests : KeptDocumentContract
{
    public InMemoryKeptDocumentTests() => Documents = new InMemoryKeptDocuments();

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("a: b\n\n\nc")]
    public void A_callback_reads_back_as_it_was_written_whatever_its_body_is(string body)
    {
        foreach (var headers in new Dictionary<string, string>[] { [], new() { ["A"] = "1\r\n2", ["b"] = "" } })
        {
            var back = CallbackDocument.Read(CallbackDocument.Write(new(headers, Encoding.UTF8.GetBytes(body)), int.MaxValue));
            Encoding.UTF8.GetString(back.Body.Span).Should().Be(body);
            back.Headers.Keys.Should().Equal(headers.Keys);
            back.Headers.Values.Should().NotContain(value => value.Contains('\n'));
        }
    }
}

/// <summary>The contract on PostgreSQL, and what encryption adds to it.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class PostgresKeptDocumentTests(PostgresFixture postgres) : KeptDocumentContract, IAsyncLifetime
{
    private string connection = "";
    private NpgsqlDataSource database = null!;

    public async Task InitializeAsync()
    {
        database = NpgsqlDataSource.Create(connection = await postgres.CreateDatabaseAsync());
        Documents = new PostgresKeptDocuments(database, Cipher("k1"));
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task Nothing_of_a_message_lies_open_in_the_table()
    {
        await KeepAsync(DocumentDraft.Verified(Samples.Account, Callback("6222020000000000018"), "stored", Samples.Now));
        await KeepAsync(DocumentDraft.Rejected(Samples.Account, Callback("6222020000000000018"), "no signature", 1, 1_024, Samples.Now));
        (await QueryAsync("select count(*) from renewals.kept_document")).Should().Be(2L);
        (await QueryAsync("select string_agg(d::text || encode(sealed, 'escape'), '') from renewals.kept_document d")).As<string>()
            .Should().NotContain("6222020000000000018").And.NotContain("Wechatpay").And.NotContain(Convert.ToHexStringLower("6222020000000000018"u8));
    }

    [Theory]
    [InlineData("update renewals.kept_document set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)")]
    [InlineData("update renewals.kept_document set key_name = 'k2'")]
    [InlineData("update renewals.kept_document set key_name = 'gone'")]
    [InlineData("update renewals.kept_document set id = 'a0000000-0000-4000-8000-000000000002'")]
    public async Task What_was_changed_moved_or_named_after_another_key_is_refused(string tamper)
    {
        await KeepAsync(DocumentDraft.Verified(Samples.Account, Callback("body"), "stored", Samples.Now));
        await QueryAsync(tamper);
        var id = (Guid)(await QueryAsync("select id from renewals.kept_document"))!;
        await ((Func<Task>)(() => Documents.FindAsync(id, default))).Should().ThrowAsync<CryptographicException>();
        (await Documents.ListAsync(null, null, 1, default)).Should().ContainSingle("what is known of it can still be listed");
    }

    [Fact]
    public async Task After_a_rotation_old_messages_still_read()
    {
        var draft = DocumentDraft.Verified(Samples.Account, Callback("body"), "stored", Samples.Now);
        await KeepAsync(draft);
        Documents = new PostgresKeptDocuments(database, Cipher("k2"));
        (await Documents.FindAsync(draft.Id, default)).Should().Equal(draft.Content.ToArray());
    }

    [Fact]
    public async Task A_table_of_before_is_brought_up_and_what_it_kept_still_reads()
    {
        var draft = DocumentDraft.Statement(Samples.Account, "lines"u8.ToArray(), Samples.Now);
        await KeepAsync(draft);
        await QueryAsync("alter table renewals.kept_document drop column bytes, drop column times, drop column result, drop column note");
        await using var ledger = PostgresFixture.Open(connection);
        await ledger.PrepareAsync(default);
        (await ledger.Documents.ListAsync(null, null, 10, default)).Should().Equal(
            new KeptDocument(draft.Id, Samples.Account, DocumentKind.Statement, Samples.Now, 0, 1, "read", null));
        (await Documents.FindAsync(draft.Id, default)).Should().Equal("lines"u8.ToArray());
    }

    private static VaultCipher Cipher(string current)
    {
        var options = new VaultOptions { CurrentKey = current };
        options.Keys["k1"] = [.. Enumerable.Repeat((byte)1, 32)];
        options.Keys["k2"] = [.. Enumerable.Repeat((byte)2, 32)];
        return new(options);
    }

    private async Task<object?> QueryAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
