using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Renewals.Tests.Service;

/// <summary>What a person can get wrong: each is one sentence, exit code 1, and nothing is left behind.</summary>
public sealed class RefusedStartTests : IDisposable
{
    private const string Help = "(docs/configuration.md shows how, and `run --sandbox` needs no settings at all).";
    private const string Form = "Write it as Host=…;Database=…;Username=…;Password=….";

    private readonly SampleSettings settings = new();

    public static TheoryData<string, string?, string> Wrong => new()
    {
        { "Plans", null, $"There is no plan to sell: add one under Renewals:Plans {Help}" },
        { "WeChatPay", null, $"There is no payment rail: add a merchant account under one of {Renewals.Host.Service.RailAccounts.Sections} {Help}" },
        { "Notifier", null, $"There is no notifier, and nothing may be charged unannounced: set Renewals:Notifier:Url {Help}" },
        { "Notifier/Url", "\"ftp://members\"", "Renewals:Notifier:Url is 'ftp://members'; it must be an absolute http or https address." },
        { "Engine/BatchSize", "0", "Renewals:Engine: The field BatchSize must be between 1 and 5000." },
        { "Api/CallsPerSecond", "0", "Renewals:Api: The field CallsPerSecond must be between 1 and 10000." },
        { "Engine/PollInterval", "\"soon\"", "Failed to convert configuration value 'soon' at 'Renewals:Engine:PollInterval' to type 'System.TimeSpan'." },
        { "Plans/0/Price", "\"cheap\"", "Failed to convert configuration value 'cheap' at 'Renewals:Plans:0:Price' to type 'System.Int64'." },
        {
            "Plans/0/Pirce", "2500",
            "The settings name 'Pirce', which is no setting of Renewals: correct the name or remove it (see docs/configuration.md)."
        },
        {
            "Plans/0/Interval", "\"fortnight\"",
            "Renewals:Plans:0 ('monthly'): Interval is 'fortnight'; write week, month, quarter, half-year, year, or a count and a unit such as '10 days', '6 months' or '2 years'."
        },
        {
            "Plans/0/Templates", """{"wechat:1900000108":"12535"}""",
            "Plan 'monthly' is sold at wechat:1900000108, and the accounts here are wechat:1900000109: correct its Templates, or add the account."
        },
        { "Urls", "\"localhost:5080\"", "Renewals:Urls has 'localhost:5080': write addresses such as http://127.0.0.1:5080, separated by semicolons." },
        { "Plans/0/Price", "0", "Renewals:Plans:0 ('monthly'): Price is 0; it must be 1 or more, in minor units (2500 is 25.00 yuan)." },
        {
            "Vault", """{"Keys":{"2026":"not base64"}}""",
            "Renewals:Vault:Keys:2026 is not base64 of 32 random bytes: make a key with `openssl rand -base64 32`."
        },
        { "WeChatPay/0/ApiV2Key", "\"short\"", "Renewals:WeChatPay:0: WeChatPay:ApiV2Key must have 32 characters (API密钥)." },
        { "Urls", "\"https://127.0.0.1:1\"", "Renewals:Urls has 'https://127.0.0.1:1': the service speaks plain HTTP; let a reverse proxy in front of it speak HTTPS." },
        {
            "ConnectionString", "\"Host=db.example.com\"",
            "Renewals:Vault has no key, and a database server of your own needs one: set Renewals:Vault:Keys:<name> to the output of `openssl rand -base64 32`."
        },
    };

    public void Dispose() => settings.Dispose();

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_setting_is_named(string path, string? value, string sentence)
    {
        settings.Set(path, value is null ? null : JsonNode.Parse(value));
        (await RunAsync()).ShouldBeRefusal(sentence);
    }

    [Theory]
    [InlineData("nonsense", "cannot be read: Format of the initialization string does not conform to specification starting at index 0.")]
    [InlineData("Database=renewals", "names no server.")]
    public async Task A_malformed_connection_string_is_shown_how_to_write(string connection, string what) =>
        (await RunAsync("--connection", connection)).ShouldBeRefusal($"The connection string (Renewals:ConnectionString, --connection) {what} {Form}");

    [Fact]
    public async Task A_server_that_does_not_answer_is_named()
    {
        settings.Set("Vault", JsonNode.Parse("""{"Keys":{"test-only":"YW4gZXhhbXBsZSBvbmx5OiByZXBsYWNlIHRoZSBrZXk="}}"""));
        (await RunAsync("--connection", "Host=127.0.0.1;Port=1;Database=renewals;Username=renewals")).ShouldBeRefusal(
            "The database cannot be used: Failed to connect to 127.0.0.1:1 Check ConnectionString, that the server runs, and that the account may create the schema 'renewals'.");
    }

    [Fact]
    public async Task Missing_PostgreSQL_programs_are_named_with_the_way_to_install_them()
    {
        settings.Set("PostgresPrograms", settings.Folder);
        (await RunAsync("--data", settings.DataFolder)).ShouldBeRefusal(
            $"The PostgreSQL server programs (initdb and postgres) are not in {settings.Folder}: install them " +
            "(Debian and Ubuntu: apt-get install postgresql) or pass a connection string to a server that runs already.");
    }

    [Fact]
    public async Task A_taken_port_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        (await RunAsync("--data", settings.DataFolder, "--urls", url)).ShouldBeRefusal(
            $"The service cannot listen at {url}: Failed to bind to address {url}: address already in use. Choose another address (--urls), or stop what listens there.");
    }

    [Fact]
    public async Task Broken_JSON_is_found_by_file_and_line()
    {
        var file = Path.Combine(settings.Folder, "mine.json");
        File.WriteAllText(file, "{\n  \"Renewals\": {\n    \"Plans\": [ }\n}");
        (await HostProgram.RunAsync(settings.Folder, "run", "--config", file)).ShouldBeRefusal(
            $"The settings file {file} cannot be read: line 3, column 16 is not valid JSON ('}}' is an invalid start of a value).");
    }

    [Theory]
    [InlineData("--subscribers is many; give a number from 1 to 100,000. `Renewals.Host demo --help` says what can be given.", "demo", "--subscribers", "many")]
    [InlineData("--port is 65536; give a number from 0 to 65,535. `Renewals.Host sandbox --help` says what can be given.", "sandbox", "--port", "65536")]
    [InlineData("Argument 'none' not recognized. Must be one of: 'bank-books-twice' 'bank-forgets' 'notice-late' 'notice-dropped' 'amount-above' 'event-lost' `Renewals.Host demo --help` says what can be given.", "demo", "--plant", "none")]
    [InlineData("There is no command or option 'fly'. `Renewals.Host --help` says what can be given.", "fly")]
    [InlineData("There is no command or option '--no-such'. `Renewals.Host run --help` says what can be given.", "run", "--no-such")]
    [InlineData("Name the ledger with either --connection or --data. `Renewals.Host rebuild-book --help` says what can be given.", "rebuild-book")]
    public async Task A_command_line_that_cannot_be_read_is_a_sentence(string sentence, params string[] arguments) =>
        (await HostProgram.RunAsync(settings.Folder, arguments)).ShouldBeRefusal(sentence);

    private async Task<Ending> RunAsync(params string[] arguments)
    {
        settings.Write();
        var ending = await HostCommand.RunAsync(settings, ["run", .. arguments]);
        Directory.EnumerateFileSystemEntries(settings.Folder).Should().Equal(Path.Combine(settings.Folder, "appsettings.json"));
        return ending;
    }
}
