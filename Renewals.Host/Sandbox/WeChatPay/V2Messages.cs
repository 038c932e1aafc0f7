using System.Text;
using NodaTime;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>A verified API v2 request.</summary>
/// <param name="Fields">As sent.</param>
/// <param name="SignType">The method it was signed with; its answer is signed with the same.</param>
/// <param name="Now">When it arrived.</param>
internal sealed record V2Call(IReadOnlyDictionary<string, string> Fields, WeChatPaySignType SignType, Instant Now)
{
    private static readonly string[] NotCompared = ["sign", "nonce_str", "sign_type"];

    /// <summary>A field's value, empty when it is absent.</summary>
    public string this[string name] => Fields.GetValueOrDefault(name, "");

    public Uri Url(string name) => new(this[name]);

    /// <summary>An amount the field table has checked.</summary>
    public long Fen(string name) => long.Parse(this[name]);

    /// <summary>Everything a repeat must equal: all but what changes with each signature.</summary>
    public string Fingerprint(params ReadOnlySpan<string> alsoIgnored)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in Fields.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!NotCompared.Contains(name) && !alsoIgnored.Contains(name))
                text.Append(name).Append('=').Append(value).Append('\n');
        }

        return text.ToString();
    }
}

/// <summary>An answer of API v2, before it is signed.</summary>
internal sealed class V2Answer
{
    private readonly List<KeyValuePair<string, string>> fields = [];

    private V2Answer()
    {
    }

    /// <summary>The fields in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields => fields;

    /// <summary>False when the message was not understood: such an answer carries no signature (<c>return_code</c> FAIL).</summary>
    public bool Understood { get; private init; } = true;

    /// <summary>True when the connection is to break in place of an answer.</summary>
    public bool Lost { get; private init; }

    /// <summary>Set for answers that are not XML: a bill, or a page.</summary>
    public (string ContentType, byte[] Body)? Raw { get; private init; }

    public static V2Answer Ok() => new V2Answer().With("return_code", "SUCCESS").With("return_msg", "OK").With("result_code", "SUCCESS");

    /// <summary>A business failure, signed like any other answer.</summary>
    public static V2Answer Fail(string code, string text) => new V2Answer()
        .With("return_code", "SUCCESS").With("return_msg", "OK").With("result_code", "FAIL")
        .With("err_code", code).With("err_code_des", text);

    public static V2Answer NotUnderstood(string why) =>
        new V2Answer { Understood = false }.With("return_code", "FAIL").With("return_msg", why);

    public static V2Answer Broken() => new() { Lost = true };

    public static V2Answer Document(string contentType, byte[] body) => new() { Raw = (contentType, body) };

    /// <summary>An unsigned XML of the caller's own fields.</summary>
    public static V2Answer Unsigned(params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var answer = new V2Answer { Understood = false };
        foreach (var (name, value) in fields)
            answer.With(name, value);
        return answer;
    }

    /// <summary>Adds a field; empty values are left out, as the rail does.</summary>
    public V2Answer With(string name, string value)
    {
        if (value.Length > 0)
            fields.Add(new(name, value));
        return this;
    }

    public V2Answer With(string name, long value) => With(name, value.ToString());
}
