using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Host.Demo;
using Renewals.Host.Service;

namespace Renewals.Host.Torture;

/// <summary>Members renew for months while hosts are killed, the database is restarted and commits are cut; then the bank is asked.</summary>
/// <remarks>
/// Hosts are processes of their own with the service's settings, adapters, listener and ledger; rails, bank, members and the message service live in
/// this one, on one movable clock. Members sign at a front of the shop that is not killed.
/// </remarks>
/// <param name="options">How much.</param>
/// <param name="progress">Told the virtual date, how many days have passed, and how many hosts died.</param>
internal sealed class TortureRun(TortureOptions options, Action<LocalDate, int, int> progress)
{
    /// <summary>From this part of the time on nothing is done to anybody: what was begun must come to its end.</summary>
    private const double CalmFrom = 0.8;

    private static readonly TimeSpan LongestAim = TimeSpan.FromMilliseconds(80);

    private readonly Draws draws = new(options.Seed);
    private readonly MovableClock clock = new(DemoRun.Start);
    private Instant end;
    private int restarts;
    private int rounds;

    public async Task<TortureStatement> RunAsync(CancellationToken cancellation)
    {
        var took = Stopwatch.StartNew();
        var zone = RenewalZones.Get(RenewalZones.Shanghai);
        end = clock.Now.InZone(zone).Date.PlusMonths(options.Months).AtStartOfDayInZone(zone).ToInstant();
        var scratch = Directory.CreateTempSubdirectory("renewals-torture-");
        try
        {
            // The server's own account must pass through to its data.
            if (!OperatingSystem.IsWindows())
                scratch.UnixFileMode |= UnixFileMode.OtherExecute;
            var settings = Path.Combine(scratch.FullName, "hosts.json");
            using var crew = new HostCrew(settings, draws, clock, options.Hosts);
            await using var database = await RestartedPostgres.StartAsync(Path.Combine(scratch.FullName, "data"), cancellation);
            await using var proxy = new CuttingProxy(() => database.Place);
            await using var desk = await MerchantDesk.StartAsync(clock, crew.Next, cancellation);
            var connection = $"Host=127.0.0.1;Port={proxy.Port};Username=postgres;Database=postgres;SSL Mode=Disable;GSS Encryption Mode=Disable";

            // The shop opens a connection for each thing it does: one it had would be broken by the next restart.
            await using var world = await DemoWorld.StartAsync(
                clock, options.Rails, draws, new NobodyIsTold(), new($"{connection};Pooling=false", desk.Address), cancellation);
            await File.WriteAllTextAsync(settings, Settings(world, desk, connection).ToJsonString(), cancellation);
            return await LiveAsync(new(database, proxy, crew, world, desk), took, cancellation);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private double Done => (clock.Now - DemoRun.Start) / (end - DemoRun.Start);

    private async Task<TortureStatement> LiveAsync(Parts parts, Stopwatch took, CancellationToken cancellation)
    {
        var (_, proxy, crew, world, desk) = parts;
        var members = Enumerable.Range(1, options.Members).Select(number => DemoMember.Draw(draws, number, options.Rails, DemoRun.Start, options.Months)).ToList();
        using var cast = new DemoCast(world, members, []);
        await new DemoDays(clock, cast, (day, passed) => progress(day, passed, crew.Killed)).PassAsync(
            end, token => NextAsync(parts, token), token => SettleAsync(parts, token), cancellation);
        var evidence = await DemoEvidence.GatherAsync(world, desk.Receipts, members, cast.Cancelled, [], end, cancellation);
        return new()
        {
            Asked = options, Kills = crew.Killed, Deaths = crew.Deaths,
            Cuts = proxy.Cuts.ToDictionary(cut => JsonNamingPolicy.KebabCaseLower.ConvertName(cut.Key.ToString()), cut => cut.Value),
            Restarts = restarts, Crashes = restarts / 2, Hosts = crew.MostAtOnce, Faults = crew.Faults, Figures = DemoFigures.From(evidence),
            BookDifferences = await world.Ledger.VerifyBookAsync(cancellation), Parked = await ParkedAsync(world, members, cancellation),
            Seconds = Math.Round(took.Elapsed.TotalSeconds, 1),
        };
    }

    private static async Task<Instant?> NextAsync(Parts parts, CancellationToken cancellation) =>
        new[] { await parts.World.Ledger.NextAlarmAsync(cancellation), parts.World.Sandbox.NextDue, parts.Crew.NextStatement }.Min();

    // Everything that can be done on the clock as it stands, whatever dies meanwhile.
    private async Task SettleAsync(Parts parts, CancellationToken cancellation)
    {
        var (database, proxy, crew, world, _) = parts;
        CrewRound round;
        int atRails;
        do
        {
            var kills = Owed(options.Kills) - crew.Killed;
            await crew.StandAsync(all: kills > 0, cancellation);
            if (Owed(options.Cuts) > proxy.Cuts.Values.Sum())
                proxy.Arm((Cut)(1 + draws.Below(3, $"round {rounds}", "cut")));
            var restarting = Owed(options.Restarts) > restarts ? RestartAsync(database, cancellation) : Task.CompletedTask;
            var rails = world.Sandbox.RunDueAsync(cancellation);
            round = await crew.GoAsync(ShotAfter(kills), cancellation);
            atRails = await rails;
            await restarting;
            proxy.Disarm();
            rounds++;
        }
        while (round.Done + round.Faults + round.Died + atRails > 0);
    }

    /// <summary>How much of what was asked for is owed by now.</summary>
    private int Owed(int asked) => (int)Math.Ceiling(asked * Math.Min(1, Done / CalmFrom));

    // A planned death is waited for a little; when too many are owed, whoever stands is shot.
    private TimeSpan? ShotAfter(int kills) =>
        kills > 2 || (kills > 0 && draws.Of($"round {rounds}", "shot") < 0.3) ? LongestAim * draws.Of($"round {rounds}", "aim") : null;

    private async Task RestartAsync(RestartedPostgres database, CancellationToken cancellation)
    {
        await Task.Delay(LongestAim * draws.Of($"round {rounds}", "restart"), TimeProvider.System, cancellation);
        restarts++;
        await database.RestartAsync(crash: restarts % 2 == 0, cancellation);
    }

    private static JsonObject Settings(DemoWorld world, MerchantDesk desk, string connection)
    {
        var all = SandboxSettings.Of(world.Sandbox, desk.Address);
        var renewals = all[ServiceSettings.Section]!.AsObject();
        renewals["ConnectionString"] = connection;
        renewals["Environment"] = DemoWorld.LedgerEnvironment;

        // The shop sells; its 'monthly' is not the sample's, and one version means one thing.
        renewals["Plans"]![0]!["Id"] = "nobody-signs-here";
        renewals["Urls"] = "http://127.0.0.1:0";
        renewals["Notifier"] = new JsonObject { ["Url"] = desk.Notices.AbsoluteUri };
        renewals["Vault"] = new JsonObject
        {
            ["CurrentKey"] = DemoWorld.VaultKeyName, ["Keys"] = new JsonObject { [DemoWorld.VaultKeyName] = Convert.ToBase64String(DemoWorld.VaultKey) },
        };
        renewals["Audit"] = new JsonObject
        {
            ["ReconcileAgainAfter"] = DemoWorld.AskAgainAfter.ToString(), ["ReconcileAgainAtMost"] = DemoWorld.AskAgainAtMost.ToString(),
        };

        // On a clock that stands while everybody signs, a minute and a second hold more than in earnest, as in the demo.
        renewals["Engine"] = new JsonObject { ["ChargesPerSecond"] = 10_000, ["MaxOverForecast"] = 1_000_000 };

        // Calls take no virtual time; see DemoWorld.Hurry.
        foreach (var accounts in renewals.Select(section => section.Value).OfType<JsonArray>().SelectMany(list => list).Where(account => account!["NotifyUrl"] is not null))
            accounts!["Resilience"] = new JsonObject { ["CallsPerSecond"] = 10_000, ["Burst"] = 10_000, ["RetryDelay"] = "00:00:00.010", ["FailureRatio"] = 1 };
        all["Logging"] = new JsonObject { ["LogLevel"] = new JsonObject { ["Default"] = "None" } };
        return all;
    }

    private static async Task<int> ParkedAsync(DemoWorld world, IReadOnlyList<DemoMember> members, CancellationToken cancellation)
    {
        var parked = 0;
        foreach (var member in members)
            parked += (await world.Memberships.FindAsync(member.Id, cancellation))?.Parked is null ? 0 : 1;
        return parked;
    }

    /// <summary>What a run is made of.</summary>
    private sealed record Parts(RestartedPostgres Database, CuttingProxy Proxy, HostCrew Crew, DemoWorld World, MerchantDesk Desk);

    /// <summary>The shop never sweeps, so it never tells anybody.</summary>
    private sealed class NobodyIsTold : INotifier
    {
        public Task<NoticeResult> TellAsync(ChargeNotice notice, CancellationToken cancellation) => throw new InvalidOperationException("The front of the shop told a member.");
    }
}
