using Renewals.Gateways.UnionPay;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>The settings of our adapter that reach a sandbox.</summary>
internal static class UnionPayMerchantSettings
{
    public static IReadOnlyDictionary<string, string> Of(UnionPayState state, Uri address) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [nameof(UnionPayOptions.GatewayAddress)] = address.AbsoluteUri,
        [nameof(UnionPayOptions.FileAddress)] = new Uri(address, "/filedownload/").AbsoluteUri,
        [nameof(UnionPayOptions.MerId)] = state.Credentials.MerId,
        [nameof(UnionPayOptions.Version)] = state.Options.Version,
        [nameof(UnionPayOptions.SigningKeyStore)] = Convert.ToBase64String(state.Credentials.MerchantPfx),
        [nameof(UnionPayOptions.SigningKeyPassword)] = UnionPaySandboxCredentials.PfxPassword,
        [nameof(UnionPayOptions.MiddleCertificatePem)] = state.Credentials.MiddleCertificatePem,
        [nameof(UnionPayOptions.RootCertificatePem)] = state.Credentials.RootCertificatePem,
        [nameof(UnionPayOptions.EncryptionCertificatePem)] = state.Credentials.EncryptionCertificatePem,
    };
}
