using Renewals.Host.Demo.Rails;

namespace Renewals.Host.Torture;

/// <summary>How much is done to the hosts and their database while members renew.</summary>
internal sealed record TortureOptions
{
    /// <summary>How often a host dies by SIGKILL.</summary>
    public int Kills { get; init; } = 200;

    /// <summary>How often the connection to the database is cut around a commit.</summary>
    public int Cuts { get; init; } = 60;

    /// <summary>How often the database is restarted under load, every second time as after a crash.</summary>
    public int Restarts { get; init; } = 10;

    /// <summary>The most hosts at once; there are always two, and more in turn.</summary>
    public int Hosts { get; init; } = 4;

    /// <summary>How many members sign.</summary>
    public int Members { get; init; } = 60;

    /// <summary>How many months pass.</summary>
    public int Months { get; init; } = 12;

    /// <summary>Decides members, their bank's answers and who dies where; how the processes interleave is the machine's.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The rails.</summary>
    public IReadOnlyList<string> Rails { get; init; } = DemoRail.Default;
}
