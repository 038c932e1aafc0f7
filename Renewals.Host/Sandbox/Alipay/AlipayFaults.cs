using System.Text.Json;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>Something that goes wrong with the next call about one order, refund or agreement.</summary>
public enum AlipayFault
{
    /// <summary>The connection breaks before the call is executed.</summary>
    LoseRequest = 0,

    /// <summary>The call is executed, then the connection breaks in place of an answer.</summary>
    LoseAnswer = 1,

    /// <summary>The call is executed, the answer comes 35 seconds of real time later.</summary>
    SlowAnswer = 2,

    /// <summary>20000; the call is not executed.</summary>
    SystemError = 3,

    /// <summary>20000; the call is executed.</summary>
    SystemErrorAfter = 4,

    /// <summary>40005, too many calls; the call is not executed.</summary>
    CallLimited = 5,

    /// <summary>The call is executed, the answer's signature is not over it.</summary>
    BadSignature = 6,

    /// <summary>The call is executed, the answer has no signature.</summary>
    Unsigned = 7,

    /// <summary>HTTP status 502 from before the rail; the call is not executed.</summary>
    BadGateway = 8,

    /// <summary>40004 with <c>ACQ.INVALID_PARAMETER</c>: a fault of the request; the call is not executed.</summary>
    RefuseRequest = 9,
}

/// <summary>Faults that wait for their call.</summary>
internal sealed class AlipayFaults
{
    /// <summary>Longer than any sensible time-out of a client.</summary>
    public static readonly TimeSpan SlowAnswer = TimeSpan.FromSeconds(35);

    private static readonly string[] Keys =
        ["out_request_no", "out_trade_no", "trade_no", "agreement_no", "external_agreement_no", "bill_date", "alipay_cert_sn"];

    private static readonly Dictionary<string, AlipayFault> ByWord = new(StringComparer.Ordinal)
    {
        ["lose-request"] = AlipayFault.LoseRequest, ["lose-answer"] = AlipayFault.LoseAnswer, ["slow-answer"] = AlipayFault.SlowAnswer,
        ["system-error"] = AlipayFault.SystemError, ["system-error-after"] = AlipayFault.SystemErrorAfter,
        ["call-limited"] = AlipayFault.CallLimited, ["bad-signature"] = AlipayFault.BadSignature, ["unsigned"] = AlipayFault.Unsigned,
        ["bad-gateway"] = AlipayFault.BadGateway, ["refuse-request"] = AlipayFault.RefuseRequest,
    };

    private readonly Lock gate = new();
    private readonly Dictionary<string, Queue<AlipayFault>> waiting = new(StringComparer.Ordinal);
    private volatile bool any;

    /// <summary>The faults' words, as scripts post them.</summary>
    public static IReadOnlyList<string> Words => [.. ByWord.Keys];

    /// <summary>Reads the word of a fault; null for any other word.</summary>
    public static AlipayFault? Parse(string word) => ByWord.TryGetValue(word, out var fault) ? fault : null;

    /// <summary>Adds a fault for the next call that names this number.</summary>
    public void Add(string key, AlipayFault fault)
    {
        lock (gate)
        {
            if (!waiting.TryGetValue(key, out var queue))
                waiting[key] = queue = new Queue<AlipayFault>();
            queue.Enqueue(fault);
            any = true;
        }
    }

    /// <summary>Takes the next fault for a call's content; null (the usual case) when none waits.</summary>
    public AlipayFault? Take(JsonElement content)
    {
        if (!any)
            return null;
        lock (gate)
        {
            foreach (var key in Keys)
            {
                if (waiting.TryGetValue(content.Text(key), out var queue) && queue.TryDequeue(out var fault))
                    return fault;
            }

            return null;
        }
    }
}
