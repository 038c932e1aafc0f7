using NodaTime;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Simulation;

/// <summary>What happened in a world, written down: the lines of one membership can be read alone.</summary>
internal sealed class Story(Scheduler scheduler)
{
    private readonly List<(Instant At, SubscriptionId? About, string Text)> lines = [];

    public void Say(SubscriptionId? about, string text) => lines.Add((scheduler.Now, about, text));

    /// <summary>The last lines about some memberships and about nobody.</summary>
    public IReadOnlyList<string> Of(IReadOnlySet<SubscriptionId> memberships, int most)
    {
        // What is about nobody (an outage, a death) counts only where it is near to what is about somebody.
        var kept = new List<string>();
        for (var i = 0; i < lines.Count; i++)
        {
            var (at, about, text) = lines[i];
            if (about is { } id ? memberships.Contains(id) : IsNear(i, memberships))
                kept.Add($"{at:uuuu-MM-dd HH:mm:ss.fff}  {text}");
        }

        return kept.Count <= most ? kept : [$"… {kept.Count - most} lines before", .. kept[^most..]];
    }

    private bool IsNear(int line, IReadOnlySet<SubscriptionId> memberships)
    {
        var (from, until) = (lines[line].At - Duration.FromMinutes(2), lines[line].At + Duration.FromMinutes(2));
        for (var i = line - 1; i >= 0 && lines[i].At >= from; i--)
        {
            if (lines[i].About is { } id && memberships.Contains(id))
                return true;
        }

        for (var i = line + 1; i < lines.Count && lines[i].At <= until; i++)
        {
            if (lines[i].About is { } id && memberships.Contains(id))
                return true;
        }

        return false;
    }
}
