using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Host.Service;

/// <summary>The merchant accounts at WeChat Pay: a list, or an object whose names are only for people.</summary>
/// <remarks>
/// Whatever ends in <c>Pem</c> may be given as a file instead: <c>MerchantPrivateKeyPemFile</c>. A path is relative to the settings file.
/// </remarks>
internal static class WeChatPayAccounts
{
    private const string PemFile = "PemFile";
    private const string CertificateFile = "ClientCertificateFile";
    private const string CertificatePassword = "ClientCertificatePassword";

    /// <summary>What configures each account; checked.</summary>
    /// <param name="section">The accounts; null: none.</param>
    /// <param name="folder">Where relative paths begin.</param>
    /// <exception cref="CannotRunException">The message names the account and the field.</exception>
    public static IReadOnlyList<Action<WeChatPayOptions>> Read(IConfigurationSection? section, string folder)
    {
        // One account may stand there without a list around it.
        var accounts = section is null ? []
            : section[nameof(WeChatPayOptions.MchId)] is not null ? [section]
            : section.GetChildren().ToList();
        var configured = accounts.Select(account => Configurer(account, folder)).ToList();
        Check(accounts, configured);
        return configured;
    }

    private static Action<WeChatPayOptions> Configurer(IConfigurationSection account, string folder)
    {
        Dictionary<string, string?> values = [];
        X509Certificate2? certificate = null;
        foreach (var (key, value) in account.AsEnumerable(makePathsRelative: true).Where(pair => pair.Value is not null))
        {
            var field = key.Split(':')[0];
            if (field.EndsWith(PemFile, StringComparison.OrdinalIgnoreCase))
                values[$"{account.Path}:{field[..^"File".Length]}{key[field.Length..]}"] = Text(folder, value!, $"{account.Path}:{key}");
            else if (field.Equals(CertificateFile, StringComparison.OrdinalIgnoreCase))
                certificate = Certificate(Path.Combine(folder, value!), account[CertificatePassword], $"{account.Path}:{key}");
            else if (!field.Equals(CertificatePassword, StringComparison.OrdinalIgnoreCase))
                values[$"{account.Path}:{key}"] = value;
        }

        // Bound once here, so that a wrong value is found now and named; then again whenever the options are made.
        var bound = new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection(account.Path);
        SettingsReader.Bind(bound, new WeChatPayOptions());
        return options =>
        {
            bound.Bind(options);
            options.ClientCertificate = certificate;
        };
    }

    // The adapter's own check, before anything is started.
    private static void Check(List<IConfigurationSection> accounts, List<Action<WeChatPayOptions>> configured)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < configured.Count; i++)
        {
            var options = new WeChatPayOptions();
            configured[i](options);
            if (!seen.Add(options.MchId))
                throw new CannotRunException($"{accounts[i].Path}: MchId {options.MchId} is given twice; one account serves all its plans.");
            using var probe = new ServiceCollection().AddLogging().AddWeChatPay(configured[i]).BuildServiceProvider();
            try
            {
                probe.GetRequiredService<IStartupValidator>().Validate();
            }
            catch (OptionsValidationException e)
            {
                throw new CannotRunException($"{accounts[i].Path}: {string.Join(' ', e.Failures)}", e);
            }
        }
    }

    private static string Text(string folder, string path, string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CannotRunException($"{name}: the file {Path.Combine(folder, path)} cannot be read: {e.Message}", e);
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
            throw new CannotRunException(
                $"{name}: the certificate {path} cannot be opened: {e.Message} It must be a PKCS #12 file (apiclient_cert.p12).", e);
        }
    }
}
