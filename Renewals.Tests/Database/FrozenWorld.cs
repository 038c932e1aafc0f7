using System.Diagnostics;
using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Host.Postgres;
using Renewals.Tests.Support;

namespace Renewals.Tests.Database;

/// <summary>A rail that outlives every database, and servers whose folders can be copied and put back.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class FrozenWorld : IDisposable
{
    private readonly string scratch = Directory.CreateTempSubdirectory("renewals-test-").FullName;

    public FrozenWorld()
    {
        // Started by root, the server runs under another account and has to pass through here.
        File.SetUnixFileMode(scratch, File.GetUnixFileMode(scratch) | UnixFileMode.OtherExecute);
        Rail = new(Time) { OnStatement = Statement };
    }

    public FakeTimeProvider Time { get; } = TestHost.Clock();

    public ScriptedRail Rail { get; }

    /// <summary>Set to give a day's statement up.</summary>
    public bool StatementsFail { get; set; }

    public string Folder(string name) => Path.Combine(scratch, name);

    public Task<EmbeddedPostgres> ServeAsync(string folder) => EmbeddedPostgres.StartAsync(new() { DataFolder = Folder(folder), Durable = false }, default);

    /// <summary>A host on a ledger.</summary>
    /// <param name="connection">The ledger's database.</param>
    /// <param name="state">Its state folder, by name.</param>
    /// <param name="environment">What it is for.</param>
    /// <param name="filesBorn">What it knows of the server's files.</param>
    /// <param name="unguarded">The planted defect: nothing is ever frozen.</param>
    /// <param name="others">More accounts.</param>
    public Task<TestHost> HostAsync(
        string connection, string? state = "host", string environment = "production", string? filesBorn = null, bool unguarded = false, params ScriptedRail[] others) =>
        TestHost.StartAsync(
            connection, Time, Rail,
            options => (options.StateFolder, options.Environment, options.FilesBorn) = (state is null ? null : Folder(state), environment, filesBorn),
            services =>
            {
                if (unguarded)
                    services.AddSingleton<IFreeze>(new NeverFrozen());
            },
            others);

    public void Copy(string from, string to) => Run("cp", "-a", Folder(from), Folder(to));

    public void PutBack(string from, string to)
    {
        Directory.Delete(Folder(to), recursive: true);
        Directory.Move(Folder(from), Folder(to));
    }

    public static async Task<AdoptionReport> AdoptAsync(TestHost host, bool dryRun = false)
    {
        host.Time.Advance(TimeSpan.FromSeconds(2));
        return await host.Services.GetRequiredService<Adoption>().RunAsync("ann", "restored after a disk failure", dryRun);
    }

    /// <summary>It is frozen: an hour of sweeps sends nothing, nobody can sign, and the log says so.</summary>
    public async Task ShouldBeFrozenAsync(TestHost host, string why)
    {
        var (orders, notices) = (Rail.Orders.Count, Rail.Notices.Count);
        for (var minutes = 0; minutes < 60; minutes += 10)
        {
            Time.Advance(TimeSpan.FromMinutes(10));
            await host.SweepAsync();
        }

        (Rail.Orders.Count, Rail.Notices.Count).Should().Be((orders, notices), "a frozen ledger charges and tells nobody");
        var frozen = host.Services.GetRequiredService<IFreeze>().Known;
        frozen.Should().NotBeNull();
        frozen!.Why.Should().Contain(why);
        host.Logs.Count(1040).Should().Be(1);
        (await host.Members.SignAsync(TestHost.Request(99))).Should().BeOfType<SignResult.TryAgain>().Which.Why.Should().Contain("frozen");
    }

    public void Dispose() => Directory.Delete(scratch, recursive: true);

    private StatementAnswer Statement(LocalDate day)
    {
        if (StatementsFail)
            return new StatementAnswer.Failed("the rail's file server is away");
        var days = new StatementDays(Rail.Traits);
        List<StatementLine> lines = [];
        foreach (var order in Rail.Orders.DistinctBy(order => order.Number))
        {
            if (Rail.Take(order).Outcome is ChargeOutcome.Succeeded paid && days.Of(paid.PaidAt) == day)
                lines.Add(new(order.Number.ToString(), null, paid.Amount, paid.RailTransaction, paid.PaidAt));
        }

        return new StatementAnswer.Ready(ReadOnlyMemory<byte>.Empty, lines);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        process.ExitCode.Should().Be(0);
    }
}
