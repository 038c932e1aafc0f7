using System.Collections.Concurrent;

namespace Renewals.Host.Sandbox.Stripe;

/// <summary>Something that goes wrong with the next call about one order, refund, agreement or customer.</summary>
public enum StripeFault
{
    /// <summary>The connection breaks before the call is executed.</summary>
    LoseRequest = 0,

    /// <summary>The call is executed, then the connection breaks in place of an answer.</summary>
    LoseAnswer = 1,

    /// <summary>The call is executed, the answer comes 35 seconds of real time later.</summary>
    SlowAnswer = 2,

    /// <summary>The call is executed and answered with 500, which the rail then repeats under the same idempotency key, as the real one does.</summary>
    ServerError = 3,

    /// <summary>429; the call is not executed, and nothing is kept under its key.</summary>
    RateLimit = 4,

    /// <summary>400, a fault of the request; the call is not executed, and nothing is kept under its key.</summary>
    RefuseRequest = 5,
}

/// <summary>Faults that wait for their call.</summary>
internal sealed class StripeFaults
{
    /// <summary>Longer than any sensible time-out of a client.</summary>
    public static readonly TimeSpan SlowAnswer = TimeSpan.FromSeconds(35);

    private static readonly Dictionary<string, StripeFault> ByWord = new(StringComparer.Ordinal)
    {
        ["lose-request"] = StripeFault.LoseRequest, ["lose-answer"] = StripeFault.LoseAnswer, ["slow-answer"] = StripeFault.SlowAnswer,
        ["server-error"] = StripeFault.ServerError, ["rate-limit"] = StripeFault.RateLimit, ["refuse-request"] = StripeFault.RefuseRequest,
    };

    private readonly ConcurrentDictionary<string, ConcurrentQueue<StripeFault>> waiting = new(StringComparer.Ordinal);

    /// <summary>The faults' words, as scripts post them.</summary>
    public static IReadOnlyList<string> Words => [.. ByWord.Keys];

    /// <summary>Reads the word of a fault; null for any other word.</summary>
    public static StripeFault? Parse(string word) => ByWord.TryGetValue(word, out var fault) ? fault : null;

    public void Add(string key, StripeFault fault) => waiting.GetOrAdd(key, _ => new()).Enqueue(fault);

    /// <summary>Takes the next fault of any of the keys; null (the usual case) when none waits.</summary>
    public StripeFault? Take(IEnumerable<string> keys)
    {
        if (waiting.IsEmpty)
            return null;
        foreach (var key in keys)
        {
            if (waiting.TryGetValue(key, out var queue) && queue.TryDequeue(out var fault))
                return fault;
        }

        return null;
    }
}
