namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Something that goes wrong with the next call about one order or contract.</summary>
public enum SandboxFault
{
    /// <summary>The call is executed, then the connection breaks in place of an answer.</summary>
    LoseAnswer = 0,

    /// <summary>The call is executed, the answer comes 35 seconds of real time later.</summary>
    SlowAnswer = 1,

    /// <summary><c>SYSTEMERROR</c>; the call is not executed.</summary>
    SystemError = 2,

    /// <summary><c>return_code</c> FAIL (API v3: an error without a signature); the call is not executed.</summary>
    ReturnFail = 3,

    /// <summary>The call is executed, the answer's signature is wrong.</summary>
    BadSignature = 4,

    /// <summary>Refused as a fault of the request (<c>PARAM_ERROR</c>); the call is not executed.</summary>
    RefuseRequest = 5,
}

/// <summary>Faults that wait for their call.</summary>
internal sealed class Faults
{
    /// <summary>Longer than any sensible time-out of a client.</summary>
    public static readonly TimeSpan SlowAnswer = TimeSpan.FromSeconds(35);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Queue<SandboxFault>> waiting = new(StringComparer.Ordinal);
    private volatile bool any;

    /// <summary>Adds a fault for the next call that names this order number, contract id or contract code.</summary>
    public void Add(string key, SandboxFault fault)
    {
        lock (gate)
        {
            if (!waiting.TryGetValue(key, out var queue))
                waiting[key] = queue = new Queue<SandboxFault>();
            queue.Enqueue(fault);
            any = true;
        }
    }

    /// <summary>Takes the next fault for any of the keys; null (the usual case) when none waits.</summary>
    public SandboxFault? Take(params ReadOnlySpan<string?> keys)
    {
        if (!any)
            return null;
        lock (gate)
        {
            foreach (var key in keys)
            {
                if (!string.IsNullOrEmpty(key) && waiting.TryGetValue(key, out var queue) && queue.TryDequeue(out var fault))
                    return fault;
            }

            return null;
        }
    }

    /// <summary>The faults' words, as scripts post them.</summary>
    public static IReadOnlyList<string> Words => [.. ByWord.Keys];

    /// <summary>Reads the word of a fault; null for any other word.</summary>
    public static SandboxFault? Parse(string word) => ByWord.TryGetValue(word, out var fault) ? fault : null;

    private static readonly Dictionary<string, SandboxFault> ByWord = new(StringComparer.Ordinal)
    {
        ["lose-answer"] = SandboxFault.LoseAnswer, ["slow-answer"] = SandboxFault.SlowAnswer, ["system-error"] = SandboxFault.SystemError,
        ["return-fail"] = SandboxFault.ReturnFail, ["bad-signature"] = SandboxFault.BadSignature, ["refuse-request"] = SandboxFault.RefuseRequest,
    };
}
