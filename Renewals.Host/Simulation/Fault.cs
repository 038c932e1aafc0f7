using System.Text.Json;

namespace Renewals.Host.Simulation;

/// <summary>Families of faults that can be left out by name, so that a failure can be made smaller.</summary>
internal enum Fault
{
    /// <summary>An engine dies: its memory and open calls are lost, the ledger stays.</summary>
    Crash,

    /// <summary>The reply to a commit is lost, or the database refuses one.</summary>
    Commit,

    /// <summary>A call or its answer is lost or late on the way to a rail.</summary>
    Wire,

    /// <summary>Callbacks are lost, delayed, reordered, duplicated.</summary>
    Callback,

    /// <summary>A rail or the notifier is gone for a while.</summary>
    Outage,

    /// <summary>All engines are gone for a while.</summary>
    Blackout,

    /// <summary>An engine stands still, also between its decision and its call.</summary>
    Pause,

    /// <summary>An engine's wall clock jumps.</summary>
    Clock,

    /// <summary>Members act at the worst time.</summary>
    WorstTime,

    /// <summary>Refunds are made on the rail's own pages.</summary>
    Elsewhere,

    /// <summary>A rail contradicts its own final word.</summary>
    BrokenWord,

    /// <summary>The database is put back to what it was when a backup was taken.</summary>
    Restore,
}

/// <summary>Which faults a world has, and how often. A part of the worlds lacks each, so that one fault does not hide another.</summary>
internal sealed class FaultPlan
{
    private readonly double[] rates = new double[Enum.GetValues<Fault>().Length];

    public FaultPlan(Dice dice, IReadOnlySet<Fault> without)
    {
        foreach (var fault in Enum.GetValues<Fault>())
        {
            var (on, scale) = (dice.Chance(fault switch { Fault.BrokenWord => 0.4, Fault.Restore => 0.5, _ => 0.75 }), Math.Exp((dice.Unit() * 3) - 2));
            rates[(int)fault] = on && !without.Contains(fault) ? scale : 0;
        }
    }

    /// <summary>Whether faults happen at this time; the end of a world is calm.</summary>
    public bool Calm { get; set; }

    /// <summary>How often, as a factor around 1; 0: never.</summary>
    public double this[Fault fault] => Calm ? 0 : rates[(int)fault];

    public static string NameOf(Fault fault) => JsonNamingPolicy.KebabCaseLower.ConvertName(fault.ToString());
}
