using System.IO.Compression;
using System.Text;
using Npgsql;
using Renewals.Core.Ledger;

namespace Renewals.Tests.Privacy;

/// <summary>Everything a database holds, as somebody reads it who has the vault's key: every row of every table, and what is sealed opened and unpacked.</summary>
internal sealed class OpenedDump
{
    private static readonly string[] Sealed = ["renewals.vault", "renewals.kept_document", "renewals.orphan_agreement", "renewals.api_answer"];

    private readonly List<(string Place, string Text)> parts = [];

    public static async Task<OpenedDump> OfAsync(string connection, VaultOptions keys)
    {
        await using var database = NpgsqlDataSource.Create(connection);
        var dump = new OpenedDump();
        var tables = await TextsAsync(database, "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')");
        foreach (var table in tables)
            dump.parts.AddRange((await TextsAsync(database, $"select t::text from {table} t")).Select(row => (table, row)));

        // A sealed column that this does not open would hide what it is looking for.
        (await TextsAsync(database, "select distinct table_schema || '.' || table_name from information_schema.columns where column_name = 'sealed'")).Should().BeEquivalentTo(Sealed);
        using var opener = new VaultCipher(keys).Open();
        await dump.OpenAsync(database, opener, "renewals.vault", "select agreement_id, key_name, sealed from renewals.vault", id => $"{id:N}");
        await dump.OpenAsync(database, opener, "renewals.kept_document", "select id, key_name, sealed from renewals.kept_document", id => $"document {id:N}");
        foreach (var unused in Sealed[2..])
            (await TextsAsync(database, $"select count(*)::text from {unused}")).Should().Equal("0");
        return dump;
    }

    /// <summary>The places where a value stands.</summary>
    public IReadOnlyList<string> PlacesOf(string value) =>
        [.. parts.Where(part => new[] { value, Uri.EscapeDataString(value) }.Any(writing => part.Text.Contains(writing, StringComparison.Ordinal))).Select(part => part.Place).Distinct()];

    /// <summary>How many rows, opened documents and keys there are in a place.</summary>
    public int Count(string place) => parts.Count(part => part.Place == place);

    private async Task OpenAsync(NpgsqlDataSource database, VaultCipher.Opener opener, string table, string sql, Func<Guid, string> owner)
    {
        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            parts.AddRange(Unpacked(opener.Unseal(owner(reader.GetGuid(0)), reader.GetString(1), reader.GetFieldValue<byte[]>(2))).Select(text => ($"{table} opened", text)));
    }

    private static IEnumerable<string> Unpacked(byte[] bytes)
    {
        if (bytes is [0x1F, 0x8B, ..])
        {
            using var gzip = new StreamReader(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress), Encoding.Latin1);
            return [gzip.ReadToEnd()];
        }

        if (bytes is not [(byte)'P', (byte)'K', ..])
            return [Encoding.Latin1.GetString(bytes)];
        using var zip = new ZipArchive(new MemoryStream(bytes));
        return [.. zip.Entries.Select(entry =>
        {
            using var file = new StreamReader(entry.Open(), Encoding.Latin1);
            return file.ReadToEnd();
        })];
    }

    private static async Task<List<string>> TextsAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> found = [];
        while (await reader.ReadAsync())
            found.Add(reader.GetString(0));
        return found;
    }
}
