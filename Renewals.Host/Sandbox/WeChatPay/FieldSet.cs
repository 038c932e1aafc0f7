using System.Globalization;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Exactly which fields a call may and must carry, and their forms.</summary>
/// <remarks>
/// Written as the rail's tables are: <c>name! form</c> is required, <c>name? form</c> optional. Forms: <c>s32</c> text up to 32
/// characters; <c>a32</c> the same without 4-byte characters; <c>c32</c> letters and digits; <c>o32</c> an order number; <c>m</c> an
/// amount in fen, 1 or more, up to 10 digits; <c>n</c> a whole number without leading zero; <c>d14</c> exactly 14 digits; <c>u</c> an
/// http(s) address without a query; <c>=A|B</c> one of the words.
/// </remarks>
internal sealed class FieldSet
{
    private readonly Dictionary<string, Rule> rules;
    private readonly string[] required;

    private FieldSet(IEnumerable<string> lines)
    {
        rules = lines.Select(Rule.Parse).ToDictionary(rule => rule.Name, StringComparer.Ordinal);
        required = [.. rules.Values.Where(rule => rule.Required).Select(rule => rule.Name)];
    }

    /// <summary>The method of a message without <c>sign_type</c>.</summary>
    public WeChatPaySignType DefaultSignType { get; init; } = WeChatPaySignType.Md5;

    /// <summary>Whether the call may carry a <c>nonce_str</c>; where it may not, one spoils the signature.</summary>
    public bool HasNonce => rules.ContainsKey("nonce_str");

    public static FieldSet Of(params string[] lines) => new(lines);

    public static FieldSet OfHmac(params string[] lines) => new(lines) { DefaultSignType = WeChatPaySignType.HmacSha256 };

    /// <summary>What is wrong, as a code and a text; null when nothing is.</summary>
    /// <param name="fields">The message.</param>
    /// <param name="numbers">In JSON, the fields that are numbers; null in XML, where everything is text.</param>
    public (string Code, string Text)? Fault(IReadOnlyDictionary<string, string> fields, IReadOnlySet<string>? numbers = null)
    {
        foreach (var name in required)
        {
            if (!fields.TryGetValue(name, out var value) || value.Length == 0)
                return ("LACK_PARAMS", $"{name} is missing");
        }

        foreach (var (name, value) in fields)
        {
            if (!rules.TryGetValue(name, out var rule))
                return ("PARAM_ERROR", $"{name} is not a parameter of this call (参数构造错误)");
            var isNumber = numbers?.Contains(name) ?? rule.IsNumber;
            if (isNumber != rule.IsNumber || (value.Length > 0 && !rule.Fits(value)))
                return ("PARAM_ERROR", $"{name} does not have the form {rule.Form}");
        }

        return null;
    }

    private sealed record Rule(string Name, bool Required, string Form, int Length)
    {
        public bool IsNumber => Form is "m" or "n";

        public static Rule Parse(string line)
        {
            var parts = line.Split(' ', 2);
            var length = int.TryParse(parts[1].AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var max) ? max : 0;
            return new Rule(parts[0][..^1], parts[0][^1] == '!', parts[1], length);
        }

        public bool Fits(string value) => Form[0] switch
        {
            's' => value.Length <= Length,
            'a' => value.Length <= Length && !value.Any(char.IsSurrogate),
            'c' => value.Length <= Length && value.All(char.IsAsciiLetterOrDigit),
            'o' => value.Length <= Length && value.All(c => char.IsAsciiLetterOrDigit(c) || "_-|*@".Contains(c)),
            'm' => value.Length <= 10 && value[0] != '0' && value.All(char.IsAsciiDigit),
            'n' => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _) && (value.Length == 1 || value[0] != '0'),
            'd' => value.Length == Length && value.All(char.IsAsciiDigit),
            'u' => IsNotifyUrl(value),
            '=' => Form[1..].Split('|').Contains(value),
            _ => throw new InvalidOperationException($"Form {Form} is unknown."),
        };

        private static bool IsNotifyUrl(string value) =>
            value.Length <= 256 && Uri.TryCreate(value, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https")
            && url.Query.Length == 0 && url.Fragment.Length == 0;
    }
}
