using System.Collections.Concurrent;

namespace Renewals.Host.Sandbox;

/// <summary>Declines that wait for a member's next charge, by the rail's own code; each is taken once.</summary>
internal sealed class ScriptedDeclines
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> waiting = new(StringComparer.Ordinal);

    /// <summary>Adds one.</summary>
    public void Add(string member, string code) => waiting.GetOrAdd(member, _ => new()).Enqueue(code);

    /// <summary>Takes the oldest; null (the usual case) when none waits.</summary>
    public string? Take(string member) => waiting.TryGetValue(member, out var queue) && queue.TryDequeue(out var code) ? code : null;
}
