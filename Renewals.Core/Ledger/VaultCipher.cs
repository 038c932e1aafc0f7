using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;

namespace Renewals.Core.Ledger;

/// <summary>The keys that encrypt the vault. The current one writes, the others still read (rotation).</summary>
public sealed class VaultOptions
{
    /// <summary>Name of the key that encrypts; required.</summary>
    public string CurrentKey { get; set; } = "";

    /// <summary>Keys by name, 32 bytes each; required.</summary>
    public Dictionary<string, byte[]> Keys { get; } = [];
}

/// <summary>AES-256-GCM with a random nonce; the agreement and the key's name are bound to the ciphertext.</summary>
internal sealed class VaultCipher
{
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private readonly VaultOptions options;

    public VaultCipher(VaultOptions options)
    {
        if (!options.Keys.ContainsKey(options.CurrentKey))
            throw new InvalidOperationException($"{nameof(VaultOptions)}.{nameof(VaultOptions.CurrentKey)} '{options.CurrentKey}' is not among the vault's keys.");
        foreach (var (name, key) in options.Keys)
        {
            if (key.Length != 32)
                throw new InvalidOperationException($"{nameof(VaultOptions)}.{nameof(VaultOptions.Keys)}['{name}'] has {key.Length} bytes; a vault key has 32.");
        }

        this.options = options;
    }

    public string CurrentKey => options.CurrentKey;

    public byte[] Encrypt(AgreementId agreement, RailKeys keys)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(keys, LedgerJson.Options);
        var sealedBytes = new byte[NonceSize + plain.Length + TagSize];
        var nonce = sealedBytes.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(options.Keys[CurrentKey], TagSize);
        aes.Encrypt(nonce, plain, sealedBytes.AsSpan(NonceSize, plain.Length), sealedBytes.AsSpan(NonceSize + plain.Length), Bound(agreement, CurrentKey));
        return sealedBytes;
    }

    /// <summary>Opens many seals; a key is prepared once. For one thread.</summary>
    public Opener Open() => new(options);

    /// <summary>See <see cref="Open"/>.</summary>
    public sealed class Opener(VaultOptions options) : IDisposable
    {
        private readonly Dictionary<string, AesGcm> prepared = new(StringComparer.Ordinal);

        /// <exception cref="CryptographicException">The bytes were changed, or belong to another agreement or key.</exception>
        public RailKeys Decrypt(AgreementId agreement, string keyName, byte[] sealedBytes)
        {
            var aes = Prepared(agreement, keyName);
            if (sealedBytes.Length < NonceSize + TagSize)
                throw new CryptographicException($"The keys of agreement {agreement} in the vault are cut short.");
            var plain = new byte[sealedBytes.Length - NonceSize - TagSize];
            aes.Decrypt(
                sealedBytes.AsSpan(0, NonceSize), sealedBytes.AsSpan(NonceSize, plain.Length), sealedBytes.AsSpan(NonceSize + plain.Length), plain,
                Bound(agreement, keyName));
            return JsonSerializer.Deserialize<RailKeys>(plain, LedgerJson.Options)!;
        }

        public void Dispose()
        {
            foreach (var aes in prepared.Values)
                aes.Dispose();
        }

        private AesGcm Prepared(AgreementId agreement, string keyName)
        {
            if (prepared.TryGetValue(keyName, out var aes))
                return aes;
            return options.Keys.TryGetValue(keyName, out var key)
                ? prepared[keyName] = new AesGcm(key, TagSize)
                : throw new CryptographicException($"The vault key '{keyName}' of agreement {agreement} is not configured.");
        }
    }

    /// <summary>A keyed hash of the rail's id: finds a second holder without telling the id.</summary>
    public byte[]? Fingerprint(MerchantAccount account, RailKeys keys)
    {
        if (keys.RailAgreementId is not { } id)
            return null;

        // Rotation must not change fingerprints: they hang on the oldest key by name.
        var key = options.Keys[options.Keys.Keys.Order(StringComparer.Ordinal).First()];
        return HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{account}\n{id}"));
    }

    private static byte[] Bound(AgreementId agreement, string keyName) => Encoding.UTF8.GetBytes($"{agreement}/{keyName}");
}
