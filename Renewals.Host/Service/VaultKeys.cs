using System.Security.Cryptography;
using Renewals.Core.Ledger;

namespace Renewals.Host.Service;

/// <summary>The vault's keys: those of the settings, and the one a data folder of ours was given at its first start.</summary>
internal sealed record VaultKeys(string CurrentKey, IReadOnlyDictionary<string, byte[]> Keys)
{
    private const int KeyBytes = 32;
    private const string FileName = "vault-key";

    // It sorts before any other name one would choose: the vault's fingerprints hang on the first name.
    private const string GeneratedName = "0-generated";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The keys of the settings; null: none is configured.</summary>
    /// <exception cref="CannotRunException">A key is not base64 of 32 bytes, or the current one is not among them.</exception>
    public static VaultKeys? Read(VaultSettings settings)
    {
        var keys = settings.Keys.ToDictionary(pair => pair.Key, pair => Decode(pair.Value, $"Renewals:Vault:Keys:{pair.Key}"));
        if (keys.Count == 0)
        {
            return settings.CurrentKey is null
                ? null
                : throw new CannotRunException($"Renewals:Vault:CurrentKey is '{settings.CurrentKey}' and Renewals:Vault:Keys is empty: add the key.");
        }

        var current = settings.CurrentKey ?? (keys.Count == 1 ? keys.Keys.Single() : "");
        return keys.ContainsKey(current)
            ? new VaultKeys(current, keys)
            : throw new CannotRunException(
                $"Renewals:Vault:CurrentKey is '{current}'; it must name one of Renewals:Vault:Keys " +
                $"({string.Join(", ", keys.Keys.Order(StringComparer.Ordinal))}).");
    }

    /// <summary>Whether the data folder has a key of its own.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>The keys of the settings with the data folder's own, which is made when there is no key at all.</summary>
    /// <param name="configured">The keys of the settings.</param>
    /// <param name="folder">The data folder, held by this process.</param>
    /// <param name="made">Told where a new key was written.</param>
    public static VaultKeys InFolder(VaultKeys? configured, string folder, Action<string> made)
    {
        var path = Path.Combine(folder, FileName);
        if (configured is null && !File.Exists(path))
        {
            Make(path);
            made(path);
        }

        if (!File.Exists(path))
            return configured!;
        var own = Decode(File.ReadAllText(path).Trim(), path);
        if (configured is null)
            return new VaultKeys(GeneratedName, new Dictionary<string, byte[]> { [GeneratedName] = own });

        // What was written under the folder's key before keys were configured must still be read.
        var all = new Dictionary<string, byte[]>(configured.Keys);
        all.TryAdd(GeneratedName, own);
        return configured with { Keys = all };
    }

    /// <summary>A key that lives as long as this process, for a database that does too.</summary>
    public static VaultKeys ThrowAway() =>
        new(GeneratedName, new Dictionary<string, byte[]> { [GeneratedName] = RandomNumberGenerator.GetBytes(KeyBytes) });

    /// <summary>Hands the keys to the engine.</summary>
    public void CopyTo(VaultOptions options)
    {
        options.CurrentKey = CurrentKey;
        foreach (var (name, key) in Keys)
            options.Keys[name] = key;
    }

    // Under a name of its own until it is whole and on the disk: half a key would lock the vault for ever.
    private static void Make(string path)
    {
        var draft = path + ".new";
        File.Delete(draft);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(draft, options))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)) + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path);
    }

    private static byte[] Decode(string text, string name)
    {
        var key = new byte[KeyBytes + 1];
        return Convert.TryFromBase64String(text, key, out var length) && length == KeyBytes
            ? key[..KeyBytes]
            : throw new CannotRunException($"{name} is not base64 of {KeyBytes} random bytes: make a key with `openssl rand -base64 32`.");
    }
}
