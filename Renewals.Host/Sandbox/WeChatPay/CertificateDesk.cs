using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using NodaTime;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Hands out the platform certificate, encrypted with the API v3 key (<c>/v3/certificates</c>).</summary>
internal sealed class CertificateDesk(WeChatPayState state)
{
    private const string AssociatedData = "certificate";

    public V3Answer List(V3Call call)
    {
        var pem = state.Credentials.PlatformCertificatePem;
        using var certificate = X509Certificate2.CreateFromPem(pem);
        var nonce = StableId.Hex(12, "certificate", call.Now.ToString());
        return V3Answer.Ok(new JsonObject
        {
            ["data"] = new JsonArray(new JsonObject
            {
                ["serial_no"] = state.Credentials.PlatformSerial,
                ["effective_time"] = BeijingTime.Rfc3339(Instant.FromDateTimeUtc(certificate.NotBefore.ToUniversalTime())),
                ["expire_time"] = BeijingTime.Rfc3339(Instant.FromDateTimeUtc(certificate.NotAfter.ToUniversalTime())),
                ["encrypt_certificate"] = new JsonObject
                {
                    ["algorithm"] = WeChatPayCipher.AeadAlgorithm,
                    ["nonce"] = nonce,
                    ["associated_data"] = AssociatedData,
                    ["ciphertext"] = WeChatPayCipher.EncryptAead(
                        state.Credentials.ApiV3Key, nonce, AssociatedData, Encoding.UTF8.GetBytes(pem)),
                },
            }),
        });
    }
}
