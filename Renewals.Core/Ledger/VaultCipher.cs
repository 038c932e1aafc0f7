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

    /// <summary>
    /// Finds an agreement of the rail that is held twice, without telling which; 32 bytes or more. It must stay the same for as long as there are
    /// agreements. Default null: the first of <see cref="Keys"/> by name.
    /// </summary>
    public byte[]? FingerprintKey { get; set; }
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

        if (options.FingerprintKey is { Length: < 32 } fingerprint)
            throw new InvalidOperationException($"{nameof(VaultOptions)}.{nameof(VaultOptions.FingerprintKey)} has {fingerprint.Length} bytes; it needs 32.");
        this.options = options;
    }

    public string CurrentKey => options.CurrentKey;

    public byte[] Encrypt(AgreementId agreement, RailKeys keys) => Seal(JsonSerializer.SerializeToUtf8Bytes(keys, LedgerJson.Options), agreement.ToString());

    /// <summary>Encrypts with the current key.</summary>
    /// <param name="plain">What is hidden.</param>
    /// <param name="owner">What it belongs to: it opens only under the same name.</param>
    public byte[] Seal(ReadOnlySpan<byte> plain, string owner)
    {
        var sealedBytes = new byte[NonceSize + plain.Length + TagSize];
        var nonce = sealedBytes.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(options.Keys[CurrentKey], TagSize);
        aes.Encrypt(nonce, plain, sealedBytes.AsSpan(NonceSize, plain.Length), sealedBytes.AsSpan(NonceSize + plain.Length), Bound(owner, CurrentKey));
        return sealedBytes;
    }

    /// <summary>Opens many seals; a key is prepared once. For one thread.</summary>
    public Opener Open() => new(options);

    /// <summary>See <see cref="Open"/>.</summary>
    public sealed class Opener(VaultOptions options) : IDisposable
    {
        private readonly Dictionary<string, AesGcm> prepared = new(StringComparer.Ordinal);

        /// <exception cref="CryptographicException">The bytes were changed, or belong to another agreement or key.</exception>
        public RailKeys Decrypt(AgreementId agreement, string keyName, byte[] sealedBytes) =>
            JsonSerializer.Deserialize<RailKeys>(Unseal(agreement.ToString(), keyName, sealedBytes), LedgerJson.Options)!;

        /// <summary>Opens what <see cref="Seal"/> made.</summary>
        /// <exception cref="CryptographicException">The bytes were changed, or belong to another owner or key.</exception>
        public byte[] Unseal(string owner, string keyName, byte[] sealedBytes)
        {
            var aes = Prepared(owner, keyName);
            if (sealedBytes.Length < NonceSize + TagSize)
                throw new CryptographicException($"What is sealed for {owner} is cut short.");
            var plain = new byte[sealedBytes.Length - NonceSize - TagSize];
            aes.Decrypt(
                sealedBytes.AsSpan(0, NonceSize), sealedBytes.AsSpan(NonceSize, plain.Length), sealedBytes.AsSpan(NonceSize + plain.Length), plain,
                Bound(owner, keyName));
            return plain;
        }

        public void Dispose()
        {
            foreach (var aes in prepared.Values)
                aes.Dispose();
        }

        private AesGcm Prepared(string owner, string keyName)
        {
            if (prepared.TryGetValue(keyName, out var aes))
                return aes;
            return options.Keys.TryGetValue(keyName, out var key)
                ? prepared[keyName] = new AesGcm(key, TagSize)
                : throw new CryptographicException($"The vault key '{keyName}' of {owner} is not configured.");
        }
    }

    /// <summary>A keyed hash of the rail's id: finds a second holder without telling the id.</summary>
    public byte[]? Fingerprint(MerchantAccount account, RailKeys keys) => keys.RailAgreementId is { } id ? Fingerprint(account, id) : null;

    /// <summary>A keyed hash of a code of this account.</summary>
    public byte[] Fingerprint(MerchantAccount account, string id)
    {
        // Rotation must not change fingerprints: without a key of their own they hang on the oldest by name.
        var key = options.FingerprintKey ?? options.Keys[options.Keys.Keys.Order(StringComparer.Ordinal).First()];
        return HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{account}\n{id}"));
    }

    private static byte[] Bound(string owner, string keyName) => Encoding.UTF8.GetBytes($"{owner}/{keyName}");
}
