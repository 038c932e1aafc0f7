using System.Security.Cryptography;
using NodaTime;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>The keys of API v3, loaded once: RSA objects are costly to make and safe to use from many threads.</summary>
internal sealed class PlatformKeys : IDisposable
{
    private readonly WeChatPaySandboxCredentials credentials;
    private readonly PlatformKeyMode mode;
    private readonly RSA platform = RSA.Create();

    public PlatformKeys(WeChatPaySandboxCredentials credentials, PlatformKeyMode mode)
    {
        (this.credentials, this.mode) = (credentials, mode);
        platform.ImportFromPem(credentials.PlatformPrivateKeyPem);
        Merchant = RSA.Create();
        Merchant.ImportFromPem(credentials.MerchantPrivateKeyPem);
    }

    /// <summary>Verifies the merchant's requests.</summary>
    public RSA Merchant { get; }

    private string Serial => mode == PlatformKeyMode.PublicKey ? credentials.PublicKeyId : credentials.PlatformSerial;

    /// <summary>Signs an answer or a callback.</summary>
    /// <param name="body">The bytes sent.</param>
    /// <param name="now">The time in the signature.</param>
    /// <param name="asked">The serial a request asked for; it is followed when it is one of ours, as while keys are switched.</param>
    public WeChatPaySignedHeaders Sign(ReadOnlySpan<byte> body, Instant now, string? asked = null)
    {
        var serial = asked == credentials.PublicKeyId || asked == credentials.PlatformSerial ? asked : Serial;
        var nonce = RandomNumberGenerator.GetHexString(32, lowercase: true);
        return WeChatPaySignedHeaders.Sign(platform, serial, now.ToUnixTimeSeconds().ToString(), nonce, body);
    }

    public void Dispose()
    {
        platform.Dispose();
        Merchant.Dispose();
    }
}
