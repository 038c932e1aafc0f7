using System.Net;
using System.Text;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>A posted form, decoded in the character set it names itself.</summary>
/// <param name="Fields">By name.</param>
/// <param name="Encoding">UTF-8 or GBK, by its <c>encoding</c>.</param>
/// <param name="IsReadable">False when a field stands twice or a part has no name.</param>
internal sealed record GatewayRequest(IReadOnlyDictionary<string, string> Fields, Encoding Encoding, bool IsReadable)
{
    private static readonly Encoding Gbk = CodePagesEncodingProvider.Instance.GetEncoding("GBK")!;

    /// <summary>The character set of a message.</summary>
    public static Encoding EncodingOf(string? name) => name == "GBK" ? Gbk : Encoding.UTF8;

    public static GatewayRequest Read(byte[] body)
    {
        // Names and the name of the character set are ASCII in both, so the first look may be in either.
        var parts = Encoding.ASCII.GetString(body).Split('&', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=', 2)).ToList();
        var encoding = EncodingOf(parts.Find(part => part is ["encoding", _])?[1]);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var readable = true;
        foreach (var part in parts)
            readable &= part is [{ Length: > 0 } name, var value] && fields.TryAdd(Decode(name, encoding), Decode(value, encoding));
        return new GatewayRequest(fields, encoding, readable);
    }

    private static string Decode(string text, Encoding encoding)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        return encoding.GetString(WebUtility.UrlDecodeToBytes(bytes, 0, bytes.Length)!);
    }
}
