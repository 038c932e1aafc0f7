using NodaTime;
using Renewals.Host.Demo;

namespace Renewals.Host.Torture;

/// <summary>The hosts that stand and those that are on their way; whoever dies is replaced.</summary>
/// <param name="settings">The settings file of all of them.</param>
/// <param name="draws">Decides where each life ends.</param>
/// <param name="clock">The clock new hosts start with.</param>
/// <param name="most">The most hosts at once.</param>
internal sealed class HostCrew(string settings, Draws draws, MovableClock clock, int most) : IDisposable
{
    /// <summary>What a random death is counted as.</summary>
    public const string AtRandom = "at-random";

    // So many deaths with two hosts, then with three, then with four, and again.
    private const int DeathsOfASize = 20;
    private const int MaxRefusedStarts = 20;

    private readonly List<HostProcess> standing = [];
    private readonly List<HostProcess> coming = [];
    private readonly SortedDictionary<string, int> deaths = new(StringComparer.Ordinal);
    private readonly Dictionary<HostProcess, Instant> statements = [];
    private Uri[] addresses = [];
    private int lives;
    private int relayed;

    /// <summary>How many died, by where.</summary>
    public IReadOnlyDictionary<string, int> Deaths => deaths;

    /// <summary>How many died.</summary>
    public int Killed => deaths.Values.Sum();

    /// <summary>The most that stood at once.</summary>
    public int MostAtOnce { get; private set; }

    /// <summary>How often a host found the database away while it worked.</summary>
    public int Faults { get; private set; }

    /// <summary>How often one could not start because the database was away.</summary>
    public int RefusedStarts { get; private set; }

    /// <summary>When a host's reconciliation is next due; null: none is.</summary>
    public Instant? NextStatement => statements.Values.Select(at => (Instant?)at).Min();

    /// <summary>One that stands, each in turn; null: none does.</summary>
    public Uri? Next() => Volatile.Read(ref addresses) is { Length: > 0 } all ? all[(uint)Interlocked.Increment(ref relayed) % (uint)all.Length] : null;

    /// <summary>Has every place filled; waits until at least one stands, or until all do.</summary>
    public async Task StandAsync(bool all, CancellationToken cancellation)
    {
        var wanted = Math.Min(most, 2 + (Killed / DeathsOfASize % 3));
        while (standing.Count + coming.Count < wanted)
            coming.Add(HostProcess.Start(settings, clock.Now, PlanOf(lives++)));
        await TakeInAsync(cancellation);
        while (standing.Count == 0 || (all && coming.Count > 0))
        {
            await Task.WhenAny(coming.Select(host => host.Ready)).WaitAsync(cancellation);
            await TakeInAsync(cancellation);
        }

        MostAtOnce = Math.Max(MostAtOnce, standing.Count);
    }

    /// <summary>Has every host that stands do what is due, all at once.</summary>
    /// <param name="shotAfter">One of them is shot so long after it began; null: none is.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<CrewRound> GoAsync(TimeSpan? shotAfter, CancellationToken cancellation)
    {
        var hosts = standing.ToList();
        var going = hosts.Select(host => host.GoAsync(clock.Now, cancellation)).ToList();
        if (shotAfter is { } wait)
        {
            await Task.Delay(wait, TimeProvider.System, cancellation);
            (hosts.Find(host => host.PlannedDeath is null) ?? hosts[^1]).Shoot();
        }

        var rounds = await Task.WhenAll(going);
        var (done, faults, died) = (0, 0, 0);
        foreach (var (host, round) in hosts.Zip(rounds))
        {
            if (round is null)
                died += Bury(host);
            else
                (done, faults) = (done + round.Done, faults + (round.Fault is null ? 0 : 1));
            if (round?.NextStatement is { } next)
                statements[host] = next;
        }

        Faults += faults;
        return new(done, faults, died);
    }

    public void Dispose()
    {
        foreach (var host in standing.Concat(coming))
            host.Dispose();
    }

    // Half of the lives end at a named point, the others where a shot finds them.
    private string? PlanOf(int life)
    {
        var name = $"life {life}";
        if (draws.Of(name, "plan") < 0.4)
            return null;
        var (point, reach) = DeathPoints.Reach.ElementAt(draws.Below(DeathPoints.Reach.Count, name, "point"));
        return $"{point}:{1 + draws.Below(reach, name, "passing")}";
    }

    private async Task TakeInAsync(CancellationToken cancellation)
    {
        foreach (var host in coming.Where(host => host.Ready.IsCompleted).ToList())
        {
            coming.Remove(host);
            if (await ReadyAsync(host).WaitAsync(cancellation))
                standing.Add(host);
            else
                coming.Add(HostProcess.Start(settings, clock.Now, host.PlannedDeath));
        }

        List<Uri> ready = [];
        foreach (var host in standing)
            ready.Add((await host.Ready.WaitAsync(cancellation))!);
        Volatile.Write(ref addresses, [.. ready]);
    }

    // A service that finds no database at its start says so and ends; whoever runs it starts it again.
    private async Task<bool> ReadyAsync(HostProcess host)
    {
        try
        {
            return await host.Ready is not null;
        }
        catch (InvalidOperationException) when (++RefusedStarts <= MaxRefusedStarts)
        {
            host.Dispose();
            return false;
        }
    }

    private int Bury(HostProcess host)
    {
        var where = host.WasShot ? AtRandom : host.PlannedDeath!.Split(':')[0];
        deaths[where] = deaths.GetValueOrDefault(where) + 1;
        standing.Remove(host);
        statements.Remove(host);
        host.Dispose();
        return 1;
    }
}

/// <summary>What all hosts did in one round.</summary>
/// <param name="Done">How many memberships and statement days.</param>
/// <param name="Faults">How many hosts found the database away.</param>
/// <param name="Died">How many died over it.</param>
internal readonly record struct CrewRound(int Done, int Faults, int Died);
