using System.Text.Json;

namespace Renewals.Gateways.Alipay;

/// <summary>An answer of the gateway, cut into its parts and not yet believed (Alipay OpenAPI, "verifying an answer").</summary>
/// <param name="Content">The raw text of the answer's node as it was received: what is signed. With its quotes when it is encrypted.</param>
/// <param name="Sign">The signature; empty when there is none.</param>
/// <param name="CertificateSerial"><c>alipay_cert_sn</c>, in certificate mode; empty elsewhere. It is not signed.</param>
public sealed record AlipayEnvelope(string Content, string Sign, string CertificateSerial)
{
    private const string ErrorNode = "error_response";

    /// <summary>Without the content: it may name the member.</summary>
    public override string ToString() => $"{Content.Length} characters, {(Sign.Length > 0 ? "signed" : "not signed")}";

    /// <summary>The name of a method's node: <c>alipay_trade_pay_response</c>.</summary>
    public static string NodeOf(string method) => $"{method.Replace('.', '_')}_response";

    /// <summary>The answer as the rail writes it.</summary>
    /// <param name="method">The method answered.</param>
    public string ToBody(string method) =>
        $"{{\"{NodeOf(method)}\":{Content}"
        + (CertificateSerial.Length > 0 ? $",\"alipay_cert_sn\":\"{CertificateSerial}\"" : "")
        + (Sign.Length > 0 ? $",\"sign\":\"{Sign}\"" : "") + "}";

    /// <summary>Cuts an answer. Nothing is parsed and written again: white space, escapes and order belong to the signed text.</summary>
    /// <param name="body">The answer.</param>
    /// <param name="method">The method that was called.</param>
    /// <returns>Null when it is not one object with exactly one node of the method or of errors, or a name stands twice.</returns>
    public static AlipayEnvelope? TryRead(string body, string method)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        var scanner = new Scanner(body);
        if (!scanner.Take('{'))
            return null;
        do
        {
            if (scanner.Value() is not ['"', .., '"'] name || !scanner.Take(':'))
                return null;
            if (scanner.Value() is not { } value || !members.TryAdd(name[1..^1], value))
                return null;
        }
        while (scanner.Take(','));
        if (!scanner.Take('}') || !scanner.AtEnd)
            return null;
        var (own, error) = (members.GetValueOrDefault(NodeOf(method)), members.GetValueOrDefault(ErrorNode));
        if ((own is null) == (error is null))
            return null;
        return Unquote(members.GetValueOrDefault(AlipaySigner.SignField)) is { } sign
            && Unquote(members.GetValueOrDefault("alipay_cert_sn")) is { } serial
                ? new(own ?? error!, sign, serial)
                : null;
    }

    /// <summary>The text of a JSON string; empty when there is none, null when it is no string.</summary>
    internal static string? Unquote(string? json)
    {
        if (json is null or "null")
            return "";
        try
        {
            return JsonSerializer.Deserialize<string>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Walks over JSON values without reading them.</summary>
    private ref struct Scanner(string text)
    {
        private int at;

        public bool AtEnd
        {
            get
            {
                SkipSpace();
                return at == text.Length;
            }
        }

        public bool Take(char one)
        {
            SkipSpace();
            if (at >= text.Length || text[at] != one)
                return false;
            at++;
            return true;
        }

        /// <summary>The raw text of the next value; null when there is none or it does not end.</summary>
        public string? Value()
        {
            SkipSpace();
            var (start, depth) = (at, 0);
            for (; at < text.Length; at++)
            {
                switch (text[at])
                {
                    case '"' when !SkipString():
                        return null;
                    case '{' or '[':
                        depth++;
                        continue;
                    case '}' or ']' or ',' or ':' when depth == 0:
                        return at > start ? text[start..at].TrimEnd(' ', '\t', '\r', '\n') : null;
                    case '}' or ']':
                        depth--;
                        break;
                }

                // An object, a list or a text ends with its own last character.
                if (depth == 0 && text[at] is '}' or ']' or '"')
                    return text[start..++at];
            }

            return null;
        }

        // Leaves off on the closing quote.
        private bool SkipString()
        {
            for (at++; at < text.Length && text[at] != '"'; at++)
            {
                if (text[at] == '\\')
                    at++;
            }

            return at < text.Length;
        }

        private void SkipSpace()
        {
            while (at < text.Length && text[at] is ' ' or '\t' or '\r' or '\n')
                at++;
        }
    }
}
