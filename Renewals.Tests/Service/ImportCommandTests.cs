using System.Runtime.Versioning;
using System.Text.Json;
using Renewals.Host.Commands;
using Renewals.Host.MovingIn;
using Renewals.Tests.Database;

namespace Renewals.Tests.Service;

/// <summary>The commands on a real database: a book is checked line by line, taken over, exported, and taken over elsewhere.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class ImportCommandTests(PostgresFixture postgres) : IDisposable
{
    private const string Account = "wechat:1900000109";

    private const string Header = "member,plan,anchor,paid_until,agreement,price";

    /// <summary>A card number for tests only, of a range that is never issued.</summary>
    private const string Card = "6200000000000000000";

    private readonly SampleSettings scratch = new();

    private static string Day => TimeProvider.System.GetUtcNow().AddDays(20).ToString("yyyy-MM-dd");

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task What_was_imported_is_exported_and_what_is_imported_of_that_is_exported_the_same()
    {
        await UseNewDatabaseAsync();
        Write("book.csv", Header, $"m-1,monthly,{Day},{Day},C-1,2500", $"\"m,\"\"2\"\"\",monthly,{Day},{Day},C-2,CNY 1990");
        var imported = await RunAsync("import", "book.csv", "--account", Account);
        imported.ExitCode.Should().Be(0, imported.Errors + imported.Output);
        imported.Output.Should().Contain("2 lines, 2 taken over, 0 there already, 0 refused");
        var repeated = await RunAsync("import", "book.csv", "--account", Account);
        repeated.Output.Should().Contain("0 taken over, 2 there already, 0 refused", repeated.Errors);

        (await RunAsync("export", "--account", Account, "--out", "one.csv")).ExitCode.Should().Be(0);
        var one = File.ReadAllLines(scratch.At("one.csv"));
        one.Should().BeEquivalentTo([$"{Header},payer", $"m-1,monthly,{Day},{Day},C-1,CNY 2500,", $"\"m,\"\"2\"\"\",monthly,{Day},{Day},C-2,CNY 1990,"]);
        File.GetUnixFileMode(scratch.At("one.csv")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await RunAsync("export", "--account", Account, "--out", "one.csv")).FirstError.Should().Be($"{scratch.At("one.csv")} is there already; give another name, or move it away.");

        await UseNewDatabaseAsync();
        (await RunAsync("import", "one.csv", "--account", Account)).ExitCode.Should().Be(0);
        var again = await RunAsync("export", "--account", Account);
        (again.ExitCode, again.Output).Should().Be((0, string.Concat(one.Select(line => line + "\n"))), again.Errors);
    }

    [Fact]
    public async Task At_a_terminal_it_is_seen_how_far_they_are_and_the_output_is_what_it_always_was()
    {
        await UseNewDatabaseAsync();

        // Seven lines of text: one is empty, and a cell is broken over two, both of which are refused.
        Write("book.csv", Header, $"m-1,monthly,{Day},{Day},C-1,2500", "", $"\"m\n-2\",monthly,{Day},{Day},C-2,2500", $"m-3,gold,{Day},{Day},C-3,2500", $"m-4,monthly,{Day},{Day},C-4,2500");
        var imported = await RunAtTerminalAsync("import", scratch.At("book.csv"), "--account", Account, "--json");
        imported.Errors.Should().Contain("7 of 7 lines looked at, 100 %");
        JsonDocument.Parse(imported.Output).RootElement.GetProperty("imported").GetInt64().Should().Be(2);

        var exported = await RunAtTerminalAsync("export", "--account", Account, "--out", scratch.At("new.csv"), "--json");
        exported.Errors.Should().Contain("2 of 2 memberships read, 100 %");
        exported.Output.Should().Be($"{{\"account\":\"{Account}\",\"written\":2,\"leftOut\":{{}},\"runningLeftOut\":0}}\n");
        var printed = await RunAtTerminalAsync("export", "--account", Account);
        printed.Output.Should().Be(File.ReadAllText(scratch.At("new.csv")));
        printed.Errors.Should().EndWith($"{Account}: 2 memberships written.\n");

        (await RunAtTerminalAsync("agreements", "--account", Account, "--json")).Errors.Should().Contain($"2 of 2 memberships at {Account} read, 100 %");
        (await RunAtTerminalAsync("catch-up", "--dry-run", "--json")).Errors.Should().Contain($"2 of 2 memberships at {Account} read, 100 %");
        (await RunAtTerminalAsync("import", "--verify", "--account", Account, "--json")).Errors.Should().Contain("2 of 2 memberships read, 100 %").And.Contain(": transport fault", "what is said of each statement stands above");
    }

    [Theory]
    [InlineData("a", 1)]
    [InlineData("a\n", 1)]
    [InlineData("a\r\nb\r\n", 2)]
    [InlineData("a\rb", 2)]
    [InlineData("a\n\nb\n\n", 4)]
    public void Lines_of_a_file_are_counted_however_they_end(string text, long lines)
    {
        File.WriteAllText(scratch.At("book.csv"), text);
        BookFile.CountLines(scratch.At("book.csv")).Should().Be(lines);
    }

    [Fact]
    public async Task Every_refused_line_is_said_with_its_reason_and_can_be_mended_and_no_card_is_repeated()
    {
        await UseNewDatabaseAsync();
        Write(
            "book.csv", Header, $"m-1,monthly,{Day},{Day},C-1,2500", $"m-2,gold,{Day},{Day},C-2,2500", $"m-3,monthly,yesterday,{Day},C-3,2500", $"m-4,monthly,{Day},{Day},C-4,25.00",
            $"m-5,monthly,{Day},{Day},{Card},2500", $"m-6,monthly,{Day},{Day},C-1,2500", "m-7,monthly", $",monthly,{Day},{Day},C-8,2500", $"m-9,monthly,{Day},{Day},vault:9,2500");
        var ending = await RunAsync("import", "book.csv", "--account", Account, "--refused", "refused.csv", "--json");
        ending.ExitCode.Should().Be(ImportCommand.NotAll, ending.Errors);
        using var said = JsonDocument.Parse(ending.Output);
        (said.RootElement.GetProperty("imported").GetInt64(), said.RootElement.GetProperty("refused").GetInt64()).Should().Be((1, 8));
        said.RootElement.GetProperty("firstRefused").EnumerateArray().Select(line => line.GetProperty("line").GetInt64()).Should().Equal(3, 4, 5, 6, 7, 8, 9, 10);
        var refused = File.ReadAllLines(scratch.At("refused.csv"));
        refused[0].Should().Be($"{Header},line,reason");
        string[] reasons = ["There is no plan 'gold'", "anchor is 'yesterday'", "price is '25.00'", "looks like a card number", "stands in an earlier line", "2 cells under 6 columns", "member is empty", "no reference to the vault"];
        refused.Skip(1).Zip(reasons).Should().OnlyContain(pair => pair.First.Contains(pair.Second, StringComparison.Ordinal));
        (ending.Output + ending.Errors + string.Concat(refused)).Should().NotContain(Card);

        File.WriteAllLines(scratch.At("mended.csv"), [refused[0], refused[1].Replace("m-2,gold", "m-2,monthly", StringComparison.Ordinal)]);
        var mended = await RunAsync("import", "mended.csv", "--account", Account);
        mended.Output.Should().Contain("1 taken over", mended.Errors);
    }

    [Fact]
    public void A_stray_quotation_mark_spoils_its_own_line_and_no_other()
    {
        var good = string.Join("\n", Enumerable.Range(0, 50_000).Select(i => $"m-{i},monthly,{Day},{Day},C-{i},2500"));
        File.WriteAllText(scratch.At("book.csv"), $"""
            {Header}
            m-a,monthly,{Day},{Day},C-a,2500
            "m-b,monthly,{Day},{Day},C-b,2500
            {good}
            m-c,monthly,{Day},{Day},"C-c
            c",monthly,{Day},{Day},C-d,2500
            "m-e"x,monthly,{Day},{Day},C-e,2500

            "{Card},monthly
            {new string('x', 1_000_000)}
            m-f,monthly,{Day},{Day},"C""f",2500
            """);
        using var book = BookFile.Open(scratch.At("book.csv"));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (read, refused, most) = (0, new List<BookLine>(), 0L);
        foreach (var line in book.Read())
        {
            if (line.Line is null)
                refused.Add(line);
            else if (++read % 10_000 == 0)
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        }

        read.Should().Be(50_002);
        refused.Select(line => (line.Number, line.Why)).Should().Equal(
            (3, "a quotation mark is opened and not closed on its line"), (50_004, "a quotation mark is opened and not closed on its line"),
            (50_005, "a quotation mark stands inside of a cell that does not begin with one"), (50_006, "a cell goes on after its closing quotation mark; inside of a cell it is written twice"),
            (50_008, "a quotation mark is opened and not closed on its line"), (50_009, "the line has more than 8192 bytes"));
        refused[0].Cells.Should().StartWith(["\"m-b", "monthly"], "so that it can be mended in the file of refused lines");
        refused[4].Cells.Should().Equal(BookColumns.Removed, "monthly");
        most.Should().BeLessThan(4_000_000, "memory does not grow with the file");
    }

    [Fact]
    public async Task Only_checked_nothing_is_there_afterwards_and_how_far_a_move_is_can_be_asked()
    {
        await UseNewDatabaseAsync();
        Write("book.csv", Header, $"m-1,monthly,{Day},{Day},C-1,2500");
        (await RunAsync("import", "book.csv", "--account", Account, "--dry-run")).Output.Should().Contain("1 could be taken over").And.Contain("Nothing was written (--dry-run).");
        var none = await RunAsync("import", "--verify", "--account", Account, "--json");
        (none.ExitCode, none.Output.Contains("\"memberships\":0", StringComparison.Ordinal)).Should().Be((0, true), none.Errors);

        await RunAsync("import", "book.csv", "--account", Account);
        var waits = await RunAsync("import", "--verify", "--account", Account);
        waits.ExitCode.Should().Be(ImportCommand.NotAll, waits.Errors);
        waits.Output.ReplaceLineEndings(" ").Should().Contain("1 memberships taken over; 1 wait for the rail's word").And.Contain("31 statement days are to be read").And.Contain("in the way: the statement of ");
    }

    [Theory]
    [InlineData("member,plan,anchor,paid_until,agreement", "The header has no column price")]
    [InlineData("member;plan;anchor;paid_until;agreement;price", "The header has a column 'member;plan;anchor")]
    [InlineData("member,plan,anchor,paid_until,agreement,price,price", "The header has the column price twice.")]
    [InlineData("", "is empty; its first line names the columns.")]
    public async Task A_file_with_another_header_is_refused_before_anything_starts(string header, string words)
    {
        File.WriteAllText(scratch.At("book.csv"), header);
        var ending = await RunAsync("import", "book.csv", "--account", Account);
        ending.FirstError.Should().Contain(words);
        ending.ExitCode.Should().Be(1);
    }

    [Fact]
    public async Task A_command_that_cannot_be_understood_says_what_to_give()
    {
        (await RunAsync("import", "--account", Account)).FirstError.Should().StartWith("Name the file to import, or --verify without one.");
        (await RunAsync("import", "book.csv", "--verify", "--account", Account)).FirstError.Should().StartWith("Name the file to import, or --verify without one.");
        (await RunAsync("import", "book.csv", "--account", Account, "--cut-over", "yesterday")).FirstError.Should().StartWith("--cut-over is yesterday: write it as 2026-04-01T02:00:00Z");
        (await RunAsync("import", "nowhere.csv", "--account", Account)).ShouldBeRefusal($"There is no file {scratch.At("nowhere.csv")}.");
        (await RunAsync("export", "--account", Account, "--json")).FirstError.Should().StartWith("--json prints to the standard output");
    }

    private async Task UseNewDatabaseAsync()
    {
        scratch.UseServer(await postgres.CreateDatabaseAsync());
        scratch.Write();
    }

    private void Write(string name, params string[] lines) => File.WriteAllLines(scratch.At(name), lines);

    private Task<Ending> RunAtTerminalAsync(params string[] arguments) => HostCommand.RunAtTerminalAsync([.. arguments, "--config", scratch.SettingsFile]);

    // A name of a file is one in the folder.
    private Task<Ending> RunAsync(params string[] arguments) => HostCommand.RunAsync(
        scratch, [.. arguments.Select(argument => argument.EndsWith(".csv", StringComparison.Ordinal) ? scratch.At(argument) : argument)]);
}
