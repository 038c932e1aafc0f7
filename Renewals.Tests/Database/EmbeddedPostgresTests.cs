using System.Diagnostics;
using System.Runtime.Versioning;
using Npgsql;
using Renewals.Host.Postgres;

namespace Renewals.Tests.Database;

[UnsupportedOSPlatform("windows")]
public sealed class EmbeddedPostgresTests : IDisposable
{
    private static readonly EmbeddedPostgresOptions ThrowAway = new() { Durable = false };

    private readonly string scratch = Directory.CreateTempSubdirectory("renewals-test-").FullName;

    public EmbeddedPostgresTests() =>
        // Started by root, the server runs under another account and has to pass through here.
        File.SetUnixFileMode(scratch, File.GetUnixFileMode(scratch) | UnixFileMode.OtherExecute);

    private string Kept => Path.Combine(scratch, "kept");

    public void Dispose() => Directory.Delete(scratch, recursive: true);

    [Fact]
    public async Task A_throw_away_server_answers_and_leaves_nothing_behind()
    {
        var postgres = await EmbeddedPostgres.StartAsync(ThrowAway, default);
        var data = postgres.DataFolder;
        (await QueryAsync(postgres.ConnectionString("postgres"), "select 1")).Should().Be(1);
        IsServed(data).Should().BeTrue();

        await postgres.DisposeAsync();

        await NobodyServesAsync(data);
        Directory.Exists(Path.GetDirectoryName(data)).Should().BeFalse();
        postgres.Stopped.IsCompleted.Should().BeTrue();
    }

    [Fact]
    public async Task A_database_can_be_created_as_a_copy_of_another()
    {
        await using var postgres = await EmbeddedPostgres.StartAsync(ThrowAway, default);
        var original = await postgres.CreateDatabaseAsync("original", null, default);
        await QueryAsync(original, "create table plans as select 7 as id");

        var copy = await postgres.CreateDatabaseAsync("a \"quoted\" copy", "original", default);

        (await QueryAsync(copy, "select id from plans")).Should().Be(7);
        const string Locale =
            "select datcollate || ' ' || pg_encoding_to_char(encoding) from pg_database where datname = current_database()";
        (await QueryAsync(copy, Locale)).Should().BeOneOf("C.UTF-8 UTF8", "C UTF8");
    }

    [Theory]
    [InlineData(true, "on")]
    [InlineData(false, "off")]
    public async Task Durability_is_the_callers_choice(bool durable, string setting)
    {
        var settings = new Dictionary<string, string> { ["application_name"] = "two words; 'and' $more" };
        await using var postgres = await EmbeddedPostgres.StartAsync(new() { Durable = durable, Settings = settings }, default);
        foreach (var name in (string[])["fsync", "synchronous_commit", "full_page_writes"])
            (await QueryAsync(postgres.ConnectionString("postgres"), $"show {name}")).Should().Be(setting);
        (await QueryAsync(postgres.ConnectionString("postgres"), "show application_name")).Should().Be(settings["application_name"]);
    }

    [Fact]
    public async Task Two_servers_run_side_by_side()
    {
        var both = await Task.WhenAll(EmbeddedPostgres.StartAsync(ThrowAway, default), EmbeddedPostgres.StartAsync(ThrowAway, default));
        await using var first = both[0];
        await using var second = both[1];
        first.DataFolder.Should().NotBe(second.DataFolder);
        await first.CreateDatabaseAsync("same_name", null, default);
        await second.CreateDatabaseAsync("same_name", null, default);
    }

    [Fact]
    public async Task Only_the_servers_account_can_enter_the_folders_of_socket_and_data()
    {
        await using var postgres = await EmbeddedPostgres.StartAsync(ThrowAway, default);
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var sockets = new NpgsqlConnectionStringBuilder(postgres.ConnectionString("postgres")).Host!;
        File.GetUnixFileMode(sockets).Should().Be(Private);
        File.GetUnixFileMode(postgres.DataFolder).Should().Be(Private);
        (await QueryAsync(postgres.ConnectionString("postgres"), "show listen_addresses")).Should().Be("");
    }

    [Fact]
    public async Task A_kept_folder_keeps_its_data()
    {
        await using (var first = await EmbeddedPostgres.StartAsync(new() { DataFolder = Kept }, default))
            await QueryAsync(first.ConnectionString("postgres"), "create table plans as select 7 as id");

        await using var second = await EmbeddedPostgres.StartAsync(new() { DataFolder = Kept }, default);

        second.DataFolder.Should().StartWith(Kept);
        (await QueryAsync(second.ConnectionString("postgres"), "select id from plans")).Should().Be(7);
    }

    [Fact]
    public async Task A_folder_in_use_is_refused_and_its_holder_named()
    {
        await using var first = await EmbeddedPostgres.StartAsync(new() { DataFolder = Kept }, default);

        var second = () => EmbeddedPostgres.StartAsync(new() { DataFolder = Kept }, default);

        (await second.Should().ThrowAsync<PostgresStartException>()).Which.Message
            .Should().Be($"The data folder {Kept} is in use by process {Environment.ProcessId}: stop it, or give another folder.");
        (await QueryAsync(first.ConnectionString("postgres"), "select 1")).Should().Be(1);
    }

    [Fact]
    public async Task A_half_made_folder_and_a_misleading_pid_file_are_no_obstacle()
    {
        Directory.CreateDirectory(Path.Combine(Kept, "data.new", "base"));
        await using (var first = await EmbeddedPostgres.StartAsync(new() { DataFolder = Kept }, default))
            Directory.Exists(Path.Combine(Kept, "data.new")).Should().BeFalse();
        // As after a power cut, when the number of the dead server has come to another program.
        await File.WriteAllTextAsync(Path.Combine(Kept, "data", "postmaster.pid"), $"{Environment.ProcessId}\n");

        await using var second = await EmbeddedPostgres.StartAsync(new() { DataFolder = Kept }, default);

        (await QueryAsync(second.ConnectionString("postgres"), "select 1")).Should().Be(1);
    }

    [Fact]
    public async Task A_data_folder_of_another_server_or_version_is_refused()
    {
        Directory.CreateDirectory(Path.Combine(Kept, "data"));
        await File.WriteAllTextAsync(Path.Combine(Kept, "data", "PG_VERSION"), "9.1\n");
        (await RefusalAsync(new() { DataFolder = Kept })).Should().Contain("was made by PostgreSQL '9.1'");
        (await RefusalAsync(new() { DataFolder = Path.Combine(Kept, "data") }))
            .Should().Contain("is the data folder of another PostgreSQL server");
    }

    [Fact]
    public async Task Missing_programs_are_named_with_the_way_to_install_them() =>
        (await RefusalAsync(new() { ProgramsFolder = scratch })).Should().Be(
            $"The PostgreSQL server programs (initdb and postgres) are not in {scratch}: install them " +
            "(Debian and Ubuntu: apt-get install postgresql) or pass a connection string to a server that runs already.");

    [Fact]
    public async Task A_failed_start_shows_what_the_server_said() =>
        (await RefusalAsync(new() { Durable = false, Settings = new Dictionary<string, string> { ["no_such_setting"] = "1" } }))
            .Should().Contain("its last words say why").And.Contain("no_such_setting");

    [Fact]
    public async Task A_spoilt_template_is_no_obstacle_and_is_forgotten()
    {
        // In a temporary area of its own, as the template serves every server of this user.
        await RunOwnerAsync();
        var template = Directory.EnumerateDirectories(scratch, "template-*", SearchOption.AllDirectories).Single();
        File.Delete(Path.Combine(template, "global", "pg_control"));

        (await RunOwnerAsync()).Should().StartWith("Host=");

        Directory.Exists(template).Should().BeFalse();

        async Task<string?> RunOwnerAsync()
        {
            using var owner = StartOwner(null, scratch);
            var line = await owner.StandardOutput.ReadLineAsync();
            await EndAsync(owner);
            return line;
        }
    }

    [Fact]
    public async Task A_cancelled_start_leaves_nothing_behind()
    {
        foreach (var moment in (int[])[0, 20, 60, 120])
        {
            using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(moment));
            var start = () => EmbeddedPostgres.StartAsync(new() { DataFolder = Kept }, cancellation.Token);
            await start.Should().ThrowAsync<OperationCanceledException>();
            await NobodyServesAsync(Kept);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_does_not_outlive_its_killed_owner_and_the_next_start_cleans_up(bool kept)
    {
        using var owner = StartOwner(kept ? Kept : null);
        var line = await owner.StandardOutput.ReadLineAsync();
        var run = Path.GetDirectoryName(new NpgsqlConnectionStringBuilder(line).Host)!;
        IsServed(run).Should().BeTrue();

        // SIGKILL: the owner has no chance to stop anything.
        owner.Kill();
        await owner.WaitForExitAsync();

        await NobodyServesAsync(run);
        await using var next = await EmbeddedPostgres.StartAsync(new() { DataFolder = kept ? Kept : null }, default);
        (await QueryAsync(next.ConnectionString("postgres"), "select 1")).Should().Be(1);
        Directory.Exists(run).Should().BeFalse();
    }

    [Fact]
    public async Task An_owner_asked_to_end_takes_everything_along()
    {
        using var owner = StartOwner(Kept);
        var line = await owner.StandardOutput.ReadLineAsync();
        var run = Path.GetDirectoryName(new NpgsqlConnectionStringBuilder(line).Host)!;

        await EndAsync(owner);

        owner.ExitCode.Should().Be(0);
        Directory.Exists(run).Should().BeFalse();
        await NobodyServesAsync(run);
    }

    private static Process StartOwner(string? dataFolder, string? temporaryArea = null)
    {
        string[] data = dataFolder is null ? [] : ["--data", dataFolder];
        var start = new ProcessStartInfo("dotnet", [typeof(EmbeddedPostgres).Assembly.Location, "database", .. data])
        {
            RedirectStandardOutput = true,
        };
        if (temporaryArea is not null)
            start.Environment["TMPDIR"] = temporaryArea;
        return Process.Start(start)!;
    }

    private static async Task EndAsync(Process owner)
    {
        using var kill = Process.Start("kill", ["-TERM", owner.Id.ToString()]);
        await owner.WaitForExitAsync();
    }

    private static async Task<string> RefusalAsync(EmbeddedPostgresOptions options)
    {
        var start = () => EmbeddedPostgres.StartAsync(options, default);
        return (await start.Should().ThrowAsync<PostgresStartException>()).Which.Message;
    }

    private static async Task<object?> QueryAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    // A server, or what makes its files, names its folders in its command line; so does the owner, which is not one of them.
    // A shell that was just killed may leave a fork behind that has its words for a moment and is no server.
    private static async Task NobodyServesAsync(string folder)
    {
        var waited = Stopwatch.StartNew();
        while (IsServed(folder) && waited.Elapsed < TimeSpan.FromSeconds(3))
            await Task.Delay(20);
        IsServed(folder).Should().BeFalse();
    }

    private static bool IsServed(string folder) => Directory.EnumerateDirectories("/proc")
        .Where(entry => int.TryParse(Path.GetFileName(entry), out _))
        .Select(entry => CommandLine(Path.Combine(entry, "cmdline")))
        .Any(words => words.Contains(folder, StringComparison.Ordinal) && words.Contains("\0-D\0", StringComparison.Ordinal));

    private static string CommandLine(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
