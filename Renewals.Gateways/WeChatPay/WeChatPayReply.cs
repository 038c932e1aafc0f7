namespace Renewals.Gateways.WeChatPay;

/// <summary>A raw answer of the rail, as far as it proved genuine. What it means is judged in <see cref="WeChatPayVerdicts"/>.</summary>
public abstract record WeChatPayReply
{
    private WeChatPayReply()
    {
    }

    /// <summary>An API v2 message: <c>return_code</c> is SUCCESS and the signature holds.</summary>
    /// <param name="Fields">All fields; not yet compared with our account or order.</param>
    /// <param name="Repeated">True when it answers a repeat: the first try was lost and may have been taken.</param>
    public sealed record Message(IReadOnlyDictionary<string, string> Fields, bool Repeated = false) : WeChatPayReply;

    /// <summary>An API v3 answer whose signature holds.</summary>
    /// <param name="Status">HTTP status.</param>
    /// <param name="Body">Raw JSON; empty with 204.</param>
    public sealed record Json(int Status, ReadOnlyMemory<byte> Body) : WeChatPayReply;

    /// <summary>No answer, or none that can be believed: a time-out, <c>return_code</c> FAIL, broken XML, a wrong signature.</summary>
    /// <param name="Why">For people.</param>
    public sealed record Unclear(string Why) : WeChatPayReply;

    /// <summary>Nothing left this machine.</summary>
    /// <param name="Why">For people.</param>
    public sealed record NotSent(string Why) : WeChatPayReply;
}
