using Renewals.Host.Demo;

namespace Renewals.Host.Torture;

/// <summary>What was done to the hosts, and what the bank, the rails and the notifier say of it afterwards.</summary>
internal sealed record TortureStatement
{
    /// <summary>What was asked for.</summary>
    public required TortureOptions Asked { get; init; }

    /// <summary>How many hosts died by SIGKILL.</summary>
    public required int Kills { get; init; }

    /// <summary>Where they died.</summary>
    public required IReadOnlyDictionary<string, int> Deaths { get; init; }

    /// <summary>How often the connection to the database was cut, by place.</summary>
    public required IReadOnlyDictionary<string, int> Cuts { get; init; }

    /// <summary>How often the database was stopped and started again.</summary>
    public required int Restarts { get; init; }

    /// <summary>How many of those were crashes, with recovery at the next start.</summary>
    public required int Crashes { get; init; }

    /// <summary>The most hosts at once.</summary>
    public required int Hosts { get; init; }

    /// <summary>How often a host found the database away while it worked.</summary>
    public required int Faults { get; init; }

    /// <summary>The figures of the demo, from the bank's side.</summary>
    public required DemoFigures Figures { get; init; }

    /// <summary>Where the book differs from the events.</summary>
    public required IReadOnlyList<string> BookDifferences { get; init; }

    /// <summary>Memberships a person would have to look at.</summary>
    public required int Parked { get; init; }

    /// <summary>How long it took.</summary>
    public required double Seconds { get; init; }

    /// <summary>Whether the three promises were kept and the book is right.</summary>
    public bool IsClean => Figures.IsClean && BookDifferences.Count == 0;

    /// <summary>Whether everything asked for was done to them. What did not happen proves nothing.</summary>
    public bool IsComplete => Kills >= Asked.Kills && Cuts.Values.Sum() >= Asked.Cuts && Restarts >= Asked.Restarts && Figures.Charged > 0;
}
