using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Renewals.Host.Service;

/// <summary>Binds one account's settings. Every text, key store or certificate may be given as a file: <c>MerchantPrivateKeyPemFile</c> for <c>MerchantPrivateKeyPem</c>.</summary>
/// <remarks>
/// A path is relative to the settings file. A certificate with its key is a PKCS #12 file; its password is the field with <c>Password</c> behind.
/// </remarks>
internal static class RailFiles
{
    private const string File = "File";
    private const string Password = "Password";

    /// <summary>What sets an account's options; the settings are bound once here, so that a wrong value is found now and named.</summary>
    /// <exception cref="CannotRunException">A file cannot be read, or a name is unknown.</exception>
    public static Action<TOptions> Configurer<TOptions>(IConfigurationSection account, string folder)
        where TOptions : new()
    {
        Dictionary<string, string?> values = [];
        Dictionary<string, X509Certificate2> certificates = [];
        foreach (var (key, value) in account.AsEnumerable(makePathsRelative: true).Where(pair => pair.Value is not null))
        {
            var field = key.Split(':')[0];
            if (IsPasswordOfFile<TOptions>(field))
                continue;
            if (FileFieldOf<TOptions>(field) is not { } target)
                values[$"{account.Path}:{key}"] = value;
            else if (TypeOf<TOptions>(target) == typeof(X509Certificate2))
                certificates[target] = Certificate(Path.Combine(folder, value!), account[target + Password], $"{account.Path}:{key}");
            else
                values[$"{account.Path}:{target}{key[field.Length..]}"] =
                    Read(Path.Combine(folder, value!), $"{account.Path}:{key}", TypeOf<TOptions>(target) == typeof(byte[]) ? Bytes : System.IO.File.ReadAllText);
        }

        var bound = new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection(account.Path);
        SettingsReader.Bind(bound, new TOptions());
        return options =>
        {
            bound.Bind(options);
            foreach (var (name, certificate) in certificates)
                Property<TOptions>(name)!.SetValue(options, certificate);
        };
    }

    // An option that is itself called …File keeps its meaning.
    private static string? FileFieldOf<TOptions>(string field) =>
        field.EndsWith(File, StringComparison.OrdinalIgnoreCase) && Property<TOptions>(field) is null && Property<TOptions>(field[..^File.Length]) is { } property
            ? property.Name
            : null;

    private static bool IsPasswordOfFile<TOptions>(string field) =>
        field.EndsWith(Password, StringComparison.OrdinalIgnoreCase) && Property<TOptions>(field) is null
        && TypeOf<TOptions>(field[..^Password.Length]) == typeof(X509Certificate2);

    private static Type? TypeOf<TOptions>(string name) => Property<TOptions>(name)?.PropertyType;

    private static System.Reflection.PropertyInfo? Property<TOptions>(string name) => typeof(TOptions).GetProperty(
        name, System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.IgnoreCase);

    // How bytes stand in settings.
    private static string Bytes(string path) => Convert.ToBase64String(System.IO.File.ReadAllBytes(path));

    private static string Read(string path, string name, Func<string, string> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CannotRunException($"{name}: the file {path} cannot be read: {e.Message}", e);
        }
    }

    private static X509Certificate2 Certificate(string path, string? password, string name)
    {
        try
        {
            return X509CertificateLoader.LoadPkcs12FromFile(path, password);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CannotRunException($"{name}: the certificate {path} cannot be opened: {e.Message} It must be a PKCS #12 file (.p12, .pfx).", e);
        }
    }
}
