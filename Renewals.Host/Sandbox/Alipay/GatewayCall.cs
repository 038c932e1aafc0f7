using System.Text;
using System.Text.Json;
using NodaTime;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>A call that proved to be the app's.</summary>
/// <param name="Parameters">All parameters, decoded once.</param>
/// <param name="Encoding">Of the charset it names.</param>
/// <param name="Text">The content (<c>biz_content</c>), decrypted.</param>
/// <param name="Content">The same, parsed.</param>
/// <param name="Now">When it came.</param>
internal sealed record GatewayCall(
    IReadOnlyDictionary<string, string> Parameters, Encoding Encoding, string Text, JsonElement Content, Instant Now)
{
    /// <summary>A field of the content, empty when it is absent.</summary>
    public string this[string name] => Content.Text(name);

    /// <summary>The method that is called.</summary>
    public string Method => Parameter("method");

    /// <summary>Where the merchant wants to hear of it; null: nowhere.</summary>
    public Uri? NotifyUrl => Address(Parameter("notify_url"));

    /// <summary>A parameter of the protocol, empty when it is absent.</summary>
    public string Parameter(string name) => Parameters.GetValueOrDefault(name, "");

    /// <summary>An absolute web address; null for any other text.</summary>
    public static Uri? Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address : null;
}
