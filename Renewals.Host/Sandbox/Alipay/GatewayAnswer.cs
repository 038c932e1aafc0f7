using System.Text.Json.Nodes;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>What a call is answered.</summary>
internal sealed class GatewayAnswer
{
    private GatewayAnswer(string code, string message, string subCode = "", string subMessage = "")
    {
        (Node["code"], Node["msg"]) = (code, message);
        if (subCode.Length > 0)
            (Node["sub_code"], Node["sub_msg"]) = (subCode, subMessage);
    }

    /// <summary>The node of the answer.</summary>
    public JsonObject Node { get; } = [];

    /// <summary>False for an error of the gateway itself: it goes under <c>error_response</c>, without a signature.</summary>
    public bool IsSigned { get; private init; } = true;

    /// <summary>The connection breaks in place of an answer.</summary>
    public bool Lost { get; private init; }

    /// <summary>10000.</summary>
    public static GatewayAnswer Ok() => new("10000", "Success");

    /// <summary>10003: accepted, being paid.</summary>
    public static GatewayAnswer UnderWay() => new("10003", "order success pay inprocess");

    /// <summary>20000: the rail does not know itself.</summary>
    public static GatewayAnswer Unknown() => new("20000", "Service Currently Unavailable", "isp.unknow-error", "系统繁忙");

    /// <summary>40004: a business failure.</summary>
    public static GatewayAnswer Fail(string subCode, string subMessage) => new("40004", "Business Failed", subCode, subMessage);

    /// <summary>40005: too many calls; nothing was executed.</summary>
    public static GatewayAnswer Limited() => new("40005", "Call Limited", "app-call-limited", "调用频次超限");

    /// <summary>An error of the gateway itself; the call was not passed on.</summary>
    public static GatewayAnswer Refuse(string code, string subCode, string subMessage) =>
        new(code, MessageOf(code), subCode, subMessage) { IsSigned = false };

    /// <summary>No answer: the connection breaks.</summary>
    public static GatewayAnswer Broken() => new("", "") { Lost = true };

    /// <summary>Adds a field; one without a value is left out.</summary>
    public GatewayAnswer With(string name, string value)
    {
        if (value.Length > 0)
            Node[name] = value;
        return this;
    }

    /// <summary>Adds fields.</summary>
    public GatewayAnswer With(IEnumerable<KeyValuePair<string, string>> fields)
    {
        foreach (var (name, value) in fields)
            With(name, value);
        return this;
    }

    private static string MessageOf(string code) => code switch
    {
        "20001" => "Insufficient Token Permissions",
        "40001" => "Missing Required Arguments",
        "40002" => "Invalid Arguments",
        "40006" => "Insufficient Permissions",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "The gateway has no such code here."),
    };
}
