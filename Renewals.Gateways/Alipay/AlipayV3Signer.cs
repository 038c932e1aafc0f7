using System.Text;

namespace Renewals.Gateways.Alipay;

/// <summary>Signs and verifies messages of the REST protocol (OpenAPI v3). The adapter's own calls use the form protocol.</summary>
/// <remarks>Pure functions, for those who speak v3 beside it: every method but the pages exists in both protocols.</remarks>
public static class AlipayV3Signer
{
    /// <summary>The scheme of the <c>Authorization</c> header.</summary>
    public const string Scheme = "ALIPAY-SHA256withRSA";

    /// <summary>The part of the header that names the caller and is signed with the request.</summary>
    /// <param name="appId">Our app.</param>
    /// <param name="appCertificateSerial">In certificate mode, the serial of the app's certificate; null in key mode.</param>
    /// <param name="nonce">Never twice.</param>
    /// <param name="milliseconds">Unix time.</param>
    public static string AuthString(string appId, string? appCertificateSerial, string nonce, long milliseconds) =>
        $"app_id={appId},{(appCertificateSerial is null ? "" : $"app_cert_sn={appCertificateSerial},")}nonce={nonce},timestamp={milliseconds}";

    /// <summary>The text of a request that is signed.</summary>
    /// <param name="authString">See <see cref="AuthString"/>.</param>
    /// <param name="method">HTTP method in capitals.</param>
    /// <param name="uri">Path and query exactly as sent.</param>
    /// <param name="body">As sent: the ciphertext when it is encrypted; empty for GET.</param>
    /// <param name="appAuthToken">For third-party apps; null elsewhere.</param>
    public static string RequestText(string authString, string method, string uri, string body, string? appAuthToken) =>
        $"{authString}\n{method}\n{uri}\n{body}\n{(string.IsNullOrEmpty(appAuthToken) ? "" : appAuthToken + "\n")}";

    /// <summary>The <c>Authorization</c> header of a request.</summary>
    /// <param name="authString">See <see cref="AuthString"/>.</param>
    /// <param name="key">The app's private key.</param>
    /// <param name="requestText">See <see cref="RequestText"/>.</param>
    public static string Authorize(string authString, AlipayKey key, string requestText) =>
        $"{Scheme} {authString},sign={key.Sign(requestText, Encoding.UTF8)}";

    /// <summary>The text of an answer that is signed; an encrypted one is signed as ciphertext.</summary>
    /// <param name="timestamp">Header <c>alipay-timestamp</c>.</param>
    /// <param name="nonce">Header <c>alipay-nonce</c>.</param>
    /// <param name="body">As received.</param>
    public static string ResponseText(string timestamp, string nonce, string body) => $"{timestamp}\n{nonce}\n{body}\n";

    /// <summary>Whether an answer is the rail's.</summary>
    /// <param name="key">The rail's public key.</param>
    /// <param name="timestamp">Header <c>alipay-timestamp</c>.</param>
    /// <param name="nonce">Header <c>alipay-nonce</c>.</param>
    /// <param name="body">As received.</param>
    /// <param name="signature">Header <c>alipay-signature</c>; null when there is none, as with some errors: then it proves nothing.</param>
    public static bool Verify(AlipayKey key, string timestamp, string nonce, string body, string? signature) =>
        signature is not null && key.Verify(ResponseText(timestamp, nonce, body), signature, Encoding.UTF8);
}
