using System.Diagnostics;

namespace Renewals.Host.Torture;

/// <summary>Where a host can be made to die. The names are what the statement counts by.</summary>
internal static class DeathPoints
{
    public const string BeforeCommit = "before-commit";
    public const string AfterCommit = "after-commit";
    public const string BeforeCharge = "before-charge";
    public const string AfterCharge = "after-charge";
    public const string AfterAsking = "after-asking";
    public const string BeforeNotice = "before-notice";
    public const string AfterNotice = "after-notice";
    public const string AfterRailNotice = "after-rail-notice";
    public const string AfterTermination = "after-termination";

    /// <summary>Every point, with how often a year of members passes it: rare ones are aimed at by their first passing.</summary>
    public static IReadOnlyDictionary<string, int> Reach { get; } = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        [BeforeCommit] = 8, [AfterCommit] = 8, [BeforeCharge] = 3, [AfterCharge] = 3, [AfterAsking] = 3, [BeforeNotice] = 3, [AfterNotice] = 3,
        [AfterRailNotice] = 3, [AfterTermination] = 1,
    };
}

/// <summary>The death of a process at its n-th passing of a point: by SIGKILL, so that nothing is said, flushed or rolled back.</summary>
/// <param name="point">One of <see cref="DeathPoints"/>; null: it lives until it is shot.</param>
/// <param name="passing">At which passing.</param>
internal sealed class Death(string? point, int passing)
{
    private int left = passing;

    /// <summary>Reads <c>point:passing</c>; null is a life without a planned end.</summary>
    public static Death Read(string? text) =>
        text?.Split(':') is [var point, var passing] ? new(point, int.Parse(passing, System.Globalization.CultureInfo.InvariantCulture)) : new(null, 0);

    /// <summary>Told at each point.</summary>
    public void Pass(string at)
    {
        if (at != point || Interlocked.Decrement(ref left) != 0)
            return;
        using var self = Process.GetCurrentProcess();
        self.Kill();
        self.WaitForExit();
    }
}
