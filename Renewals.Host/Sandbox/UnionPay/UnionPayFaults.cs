namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Something that goes wrong with the next call about one order or entrust.</summary>
public enum UnionPayFault
{
    /// <summary>The connection breaks before the call is executed.</summary>
    LoseRequest = 0,

    /// <summary>The call is executed, then the connection breaks in place of an answer.</summary>
    LoseAnswer = 1,

    /// <summary>The call is executed, the answer comes 35 seconds of real time later.</summary>
    SlowAnswer = 2,

    /// <summary>Answered 06, busy; the call is not executed.</summary>
    Busy = 3,

    /// <summary>The call is executed, the answer's signature is not over it.</summary>
    BadSignature = 4,

    /// <summary>The call is executed, the answer is signed with another merchant's certificate.</summary>
    WrongCommonName = 5,

    /// <summary>HTTP status 500 without a message; the call is not executed.</summary>
    ServerError = 6,

    /// <summary>Answered 10, a defect of the message; the call is not executed.</summary>
    RefuseRequest = 7,
}

/// <summary>Faults that wait for their call.</summary>
internal sealed class UnionPayFaults
{
    /// <summary>Longer than the 30 seconds a client waits.</summary>
    public static readonly TimeSpan SlowAnswer = TimeSpan.FromSeconds(35);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Queue<UnionPayFault>> waiting = new(StringComparer.Ordinal);

    private static readonly Dictionary<string, UnionPayFault> ByWord = new(StringComparer.Ordinal)
    {
        ["lose-request"] = UnionPayFault.LoseRequest, ["lose-answer"] = UnionPayFault.LoseAnswer, ["slow-answer"] = UnionPayFault.SlowAnswer,
        ["busy"] = UnionPayFault.Busy, ["bad-signature"] = UnionPayFault.BadSignature, ["wrong-common-name"] = UnionPayFault.WrongCommonName,
        ["server-error"] = UnionPayFault.ServerError, ["refuse-request"] = UnionPayFault.RefuseRequest,
    };

    /// <summary>The faults' words, as scripts post them.</summary>
    public static IReadOnlyList<string> Words => [.. ByWord.Keys];

    /// <summary>Reads the word of a fault; null for any other word.</summary>
    public static UnionPayFault? Parse(string word) => ByWord.TryGetValue(word, out var fault) ? fault : null;

    /// <summary>Adds a fault for the next call that names this order number, user number or binding.</summary>
    public void Add(string key, UnionPayFault fault)
    {
        lock (gate)
        {
            if (!waiting.TryGetValue(key, out var queue))
                waiting[key] = queue = new Queue<UnionPayFault>();
            queue.Enqueue(fault);
        }
    }

    /// <summary>Takes the next fault for a call; null (the usual case) when none waits.</summary>
    public UnionPayFault? Take(GatewayCall call)
    {
        lock (gate)
        {
            foreach (var name in new[] { "orderId", "billNo", "bindId", "settleDate" })
            {
                if (waiting.TryGetValue(call[name], out var queue) && queue.TryDequeue(out var fault))
                    return fault;
            }

            return null;
        }
    }
}
