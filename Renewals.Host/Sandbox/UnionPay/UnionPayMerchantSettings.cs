using Renewals.Gateways.UnionPay;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>The settings of our adapter that reach a sandbox: as text to be pasted, and set at once.</summary>
internal static class UnionPayMerchantSettings
{
    public static IReadOnlyDictionary<string, string> Of(UnionPayState state, Uri address)
    {
        var options = new UnionPayOptions();
        Configure(options, state, address);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [nameof(UnionPayOptions.GatewayAddress)] = options.GatewayAddress.AbsoluteUri,
            [nameof(UnionPayOptions.FileAddress)] = options.FileAddress.AbsoluteUri,
            [nameof(UnionPayOptions.MerId)] = options.MerId,
            [nameof(UnionPayOptions.Generation)] = options.Generation.ToString(),
            [nameof(UnionPayOptions.Version)] = options.Version,
            [nameof(UnionPayOptions.SignMethod)] = options.SignMethod.ToString(),
            [nameof(UnionPayOptions.ReturnUrl)] = options.ReturnUrl!.AbsoluteUri,
        };
        if (options.EncryptionCertificatePem.Length > 0)
            settings[nameof(UnionPayOptions.EncryptionCertificatePem)] = options.EncryptionCertificatePem;
        if (options.SignMethod != UnionPaySignMethod.Rsa)
        {
            settings[nameof(UnionPayOptions.SecureKey)] = options.SecureKey;
            return settings;
        }

        settings[nameof(UnionPayOptions.SigningKeyStore)] = Convert.ToBase64String(options.SigningKeyStore);
        settings[nameof(UnionPayOptions.SigningKeyPassword)] = options.SigningKeyPassword;
        settings[nameof(UnionPayOptions.MiddleCertificatePem)] = options.MiddleCertificatePem;
        settings[nameof(UnionPayOptions.RootCertificatePem)] = options.RootCertificatePem;
        foreach (var (place, certificate) in options.PlatformCertificatesPem.Index())
            settings[$"{nameof(UnionPayOptions.PlatformCertificatesPem)}:{place}"] = certificate;
        return settings;
    }

    public static void Configure(UnionPayOptions options, UnionPayState state, Uri address)
    {
        var (credentials, set) = (state.Credentials, state.Options);
        options.GatewayAddress = address;
        options.FileAddress = new Uri(address, GatewayPaths.Files);
        options.MerId = credentials.MerId;
        options.Generation = set.Generation switch
        {
            EntrustGeneration.A => UnionPayGeneration.A,
            EntrustGeneration.B => UnionPayGeneration.B,
            EntrustGeneration.C => UnionPayGeneration.C,
            _ => throw new InvalidOperationException($"Generation {set.Generation} is unknown."),
        };
        options.Version = set.Version;
        options.SignMethod = set.SignMethod switch
        {
            "01" => UnionPaySignMethod.Rsa,
            "11" => UnionPaySignMethod.Sha256,
            "12" => UnionPaySignMethod.Sm3,
            _ => throw new InvalidOperationException($"Method {set.SignMethod} is unknown."),
        };
        options.ReturnUrl = new Uri(address, GatewayPaths.Returned);
        if (set.EncryptedFields)
            options.EncryptionCertificatePem = credentials.EncryptionCertificatePem;
        if (options.SignMethod != UnionPaySignMethod.Rsa)
        {
            options.SecureKey = credentials.SecureKey;
            return;
        }

        (options.SigningKeyStore, options.SigningKeyPassword) = (credentials.MerchantPfx, UnionPaySandboxCredentials.PfxPassword);
        (options.MiddleCertificatePem, options.RootCertificatePem) = (credentials.MiddleCertificatePem, credentials.RootCertificatePem);
        if (set.Version == UnionPaySigner.Version500)
            options.PlatformCertificatesPem.Add(credentials.PlatformCertificatePem);
    }
}
