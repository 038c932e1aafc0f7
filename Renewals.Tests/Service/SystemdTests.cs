using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using Renewals.Host.Commands;
using Renewals.Host.Postgres;
using Renewals.Host.Service;
using Renewals.Tests.Rules;

namespace Renewals.Tests.Service;

/// <summary>The service under systemd: what it is told and when, and the unit that starts it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SystemdTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SampleSettings scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task It_is_ready_when_it_can_work_gives_signs_of_life_logs_by_priority_and_says_that_it_stops()
    {
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        var socket = Path.Combine(scratch.Folder, "notify");
        manager.Bind(new UnixDomainSocketEndPoint(socket));
        using var started = Start(socket);
        var service = int.Parse((await started.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        try
        {
            (await UntilAsync(manager, "READY=1")).Should().NotContain("STOPPING=1");

            // Nobody else may have said it: PostgreSQL would, as soon as it runs itself.
            var said = await SaidAsync(started.StandardOutput);
            using var http = new HttpClient();
            (await http.GetAsync(new Uri(new Uri(said["health"]), "/health/ready"))).StatusCode.Should().Be(HttpStatusCode.OK);
            await UntilAsync(manager, "WATCHDOG=1");
            await UntilAsync(manager, "WATCHDOG=1");

            using (Process.Start("kill", ["-TERM", $"{service}"]))
                await UntilAsync(manager, "STOPPING=1");
            var rest = await started.StandardOutput.ReadToEndAsync();
            await started.WaitForExitAsync().WaitAsync(Patience);

            started.ExitCode.Should().Be(0);
            rest.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.Contains("Microsoft.", StringComparison.Ordinal))
                .Should().NotBeEmpty("every level of the log is on").And.OnlyContain(line => line.StartsWith('<') && line[2] == '>');
        }
        finally
        {
            using (Process.Start("sh", ["-c", $"kill -KILL {service} 2>/dev/null"]))
                await started.WaitForExitAsync().WaitAsync(Patience);
        }
    }

    [Theory]
    [InlineData("60000000", null, 7, 30_000)]
    [InlineData("60000000", "7", 7, 30_000)]
    [InlineData("60000000", "8", 7, null)]
    [InlineData("0", "7", 7, null)]
    [InlineData("soon", null, 7, null)]
    [InlineData(null, null, 7, null)]
    public void A_sign_of_life_is_given_twice_in_its_time_by_whom_it_is_wanted(string? limit, string? process, int own, int? milliseconds) =>
        LifeSign.Read(limit, process, own).Should().Be(milliseconds is { } every ? TimeSpan.FromMilliseconds(every) : null);

    [Fact]
    public void The_unit_starts_what_the_command_line_knows_and_waits_longer_than_the_service_does()
    {
        var unit = File.ReadAllLines(Unit);
        string Value(string name) => unit.Single(line => line.StartsWith($"{name}=", StringComparison.Ordinal))[(name.Length + 1)..];
        var words = Value("ExecStart").Split(' ');
        words[1].Should().Be("run");
        RunCommand.Create().Parse(words[2..]).Errors.Should().BeEmpty();
        Value("Type").Should().Be("notify");
        Value("Restart").Should().Be("on-failure", "a person who stopped it does not want it back");
        Value("TimeoutStopSec").Should().Be("90s");
        EngineHost.StopWithin.Should().BeLessThan(TimeSpan.FromSeconds(80));
        DataFolders.Standard(name => name == "XDG_DATA_HOME" ? Value("Environment").Split('=')[1] : null, privileged: false)
            .Should().Be("/var/lib/renewals").And.EndWith(Value("StateDirectory").Split(' ')[0]);
        Path.GetFileName(DataFolders.State("/var/lib/renewals")).Should().Be(Value("StateDirectory").Split(' ')[1]);
    }

    [SystemdFact]
    public async Task The_unit_is_one_that_systemd_takes_without_a_word() => (await VerifyAsync(File.ReadAllText(Unit))).Should().Be((0, ""));

    [SystemdTheory]
    [InlineData("ProtectSystem=strict", "ProtectSystem=very")]
    [InlineData("Type=notify", "Type=notice")]
    [InlineData("[Install]", "Restrat=always\n[Install]")]
    public async Task A_slip_in_the_unit_is_found(string right, string wrong)
    {
        var unit = File.ReadAllText(Unit);
        unit.Should().Contain(right);
        (await VerifyAsync(unit.Replace(right, wrong, StringComparison.Ordinal))).Should().NotBe((0, ""));
    }

    private static string Unit => Path.Combine(SourceRules.Root(), "Renewals.Host", "Deploy", "systemd", "renewals.service");

    // The program is not installed where the tests run; all else is as it stands.
    private async Task<(int ExitCode, string Words)> VerifyAsync(string unit)
    {
        var file = Path.Combine(scratch.Folder, "renewals.service");
        await File.WriteAllTextAsync(file, unit.Replace("ExecStart=/opt/renewals/Renewals.Host", "ExecStart=/bin/true", StringComparison.Ordinal));
        using var verify = Process.Start(new ProcessStartInfo(SystemdFactAttribute.Program, ["verify", "--man=no", file]) { RedirectStandardError = true })!;
        var words = await verify.StandardError.ReadToEndAsync();
        await verify.WaitForExitAsync();

        // It also looks at what the machine itself has.
        return (verify.ExitCode, string.Join('\n', words.Split('\n').Where(line => line.Contains("renewals", StringComparison.Ordinal))));
    }

    // Who is started by a process of the name "systemd" is a service of it; a shell plays it. It says the service's number first.
    private Process Start(string socket)
    {
        var systemd = Path.Combine(scratch.Folder, "systemd");
        File.Copy("/bin/sh", systemd);
        string[] words = ["dotnet", typeof(EmbeddedPostgres).Assembly.Location, "run", "--sandbox", "--urls", "http://127.0.0.1:0"];
        return Process.Start(new ProcessStartInfo(systemd, ["-c", "trap '' TERM; \"$@\" & echo $!; wait $!", "systemd", .. words])
        {
            WorkingDirectory = scratch.Folder, RedirectStandardOutput = true,
            Environment = { ["NOTIFY_SOCKET"] = socket, ["WATCHDOG_USEC"] = "1000000", ["Logging__LogLevel__Microsoft"] = "Trace" },
        })!;
    }

    private static async Task<Dictionary<string, string>> SaidAsync(StreamReader output)
    {
        Dictionary<string, string> said = [];
        while (!said.ContainsKey("plans") && await output.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("  ", StringComparison.Ordinal) && line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var name, var value, ..])
                said.TryAdd(name, value);
        }

        return said;
    }

    private static async Task<IReadOnlyList<string>> UntilAsync(Socket manager, string wanted)
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[4_096];
        List<string> before = [];
        while (true)
        {
            var words = Encoding.UTF8.GetString(buffer, 0, await manager.ReceiveAsync(buffer, SocketFlags.None, patience.Token));
            if (words.Split('\n').Contains(wanted))
                return before;
            before.Add(words);
        }
    }
}

/// <summary>A test that wants systemd's own program.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SystemdFactAttribute : FactAttribute
{
    public const string Program = "/usr/bin/systemd-analyze";

    public SystemdFactAttribute() => Skip = WhyNot;

    internal static string? WhyNot => File.Exists(Program) ? null : $"There is no {Program} on this machine to ask (Debian: apt-get install systemd).";
}

/// <summary>Several of them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SystemdTheoryAttribute : TheoryAttribute
{
    public SystemdTheoryAttribute() => Skip = SystemdFactAttribute.WhyNot;
}
