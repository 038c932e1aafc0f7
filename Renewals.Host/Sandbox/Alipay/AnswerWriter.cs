using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>Writes answers in the style that is set, and signs the exact text of the node.</summary>
internal sealed class AnswerWriter(AlipayState state, RailKeys keys)
{
    private const string ErrorNode = "error_response";

    private static readonly JsonSerializerOptions Chinese = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Escaped = new();

    /// <summary>The body of an answer.</summary>
    /// <param name="method">The method answered.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="encoding">The charset of the request.</param>
    /// <param name="fault">What goes wrong with it.</param>
    public byte[] Write(string method, GatewayAnswer answer, Encoding encoding, AlipayFault? fault)
    {
        if (!answer.IsSigned)
            return encoding.GetBytes($"{{\"{ErrorNode}\":{NodeText(answer.Node)}}}");
        var (sent, signed) = Texts(answer.Node, encoding);
        var sign = fault switch
        {
            AlipayFault.Unsigned => "",
            AlipayFault.BadSignature => keys.Sign($"{signed} ", encoding),
            _ => keys.Sign(signed, encoding),
        };
        var envelope = new AlipayEnvelope(sent, sign, keys.PlatformSerial);
        return encoding.GetBytes(Has(AlipayAnswerStyle.SignFirst) && sign.Length > 0
            ? $"{{\"sign\":\"{sign}\",{(envelope with { Sign = "" }).ToBody(method)[1..]}"
            : envelope.ToBody(method));
    }

    private (string Sent, string Signed) Texts(JsonObject node, Encoding encoding)
    {
        var plain = NodeText(node);
        if (state.Options.EncryptsContent)
        {
            var quoted = $"\"{AlipayCipher.Encrypt(state.Credentials.AesKey, plain, encoding)}\"";
            return (quoted, quoted);
        }

        // Slashes stand in texts only, never in the frame of a JSON object.
        var sent = Has(AlipayAnswerStyle.EscapedSlashes) ? plain.Replace("/", "\\/", StringComparison.Ordinal) : plain;
        return (sent, Has(AlipayAnswerStyle.SignedBeforeEscaping) ? plain : sent);
    }

    private string NodeText(JsonObject node)
    {
        var text = node.ToJsonString(Has(AlipayAnswerStyle.EscapedChinese) ? Escaped : Chinese);
        return Has(AlipayAnswerStyle.Spaced) ? $"{{ {text[1..^1]} \n}}" : text;
    }

    private bool Has(AlipayAnswerStyle style) => state.Options.Style.HasFlag(style);
}
