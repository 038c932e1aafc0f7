using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Npgsql;

namespace Renewals.Host.Service;

/// <summary>Binds and checks the settings before anything is started, so that a wrong one leaves no trace.</summary>
internal static partial class SettingsReader
{
    /// <summary>Binds the section; a name that is no setting is refused, because a misspelt setting is a setting that is not in force.</summary>
    /// <exception cref="CannotRunException">A value cannot be read, or a name is unknown.</exception>
    public static ServiceSettings Read(IConfiguration configuration) =>
        Bind(configuration.GetSection(ServiceSettings.Section), new ServiceSettings());

    /// <inheritdoc cref="Read"/>
    public static T Bind<T>(IConfiguration section, T target)
    {
        try
        {
            section.Bind(target, binder => binder.ErrorOnUnknownConfiguration = true);
            return target;
        }
        catch (InvalidOperationException e)
        {
            throw new CannotRunException(Sentence(e), e);
        }
    }

    /// <summary>Checks what does not depend on a rail.</summary>
    /// <exception cref="CannotRunException">The message names the setting.</exception>
    public static void Check(ServiceSettings settings)
    {
        if (settings.ConnectionString is { Length: > 0 } && settings.DataFolder is { Length: > 0 })
        {
            throw new CannotRunException(
                "Renewals:ConnectionString and Renewals:DataFolder (--connection and --data) exclude each other: leave one out.");
        }

        if (settings.ConnectionString is { Length: > 0 } connection)
            CheckConnection(connection);
        CheckBounds(settings.Engine, nameof(ServiceSettings.Engine));
        CheckBounds(settings.Audit, nameof(ServiceSettings.Audit));
        CheckBounds(settings.Api, nameof(ServiceSettings.Api));
        CheckBounds(settings.Dashboard, nameof(ServiceSettings.Dashboard));
        if (NodaTime.DateTimeZoneProviders.Tzdb.GetZoneOrNull(settings.Dashboard.Zone) is null)
            throw new CannotRunException($"Renewals:Dashboard:Zone is '{settings.Dashboard.Zone}': write a zone of the TZDB, such as Asia/Shanghai.");
        CheckBounds(settings.Webhooks, nameof(ServiceSettings.Webhooks));
        CheckBounds(settings.Telemetry, nameof(ServiceSettings.Telemetry));
        foreach (var url in Urls(settings))
            CheckUrl(url);
    }

    /// <summary>The addresses to listen on.</summary>
    public static IReadOnlyList<string> Urls(ServiceSettings settings) =>
        settings.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } urls
            ? urls
            : throw new CannotRunException("Renewals:Urls is empty: write an address such as http://127.0.0.1:5080.");

    /// <summary>Checks the form of a connection string; whether somebody answers is seen later.</summary>
    /// <exception cref="CannotRunException">It cannot be read or names no server.</exception>
    public static void CheckConnection(string connection)
    {
        const string Form = "Write it as Host=…;Database=…;Username=…;Password=….";
        try
        {
            if (string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(connection).Host))
                throw new CannotRunException($"The connection string (Renewals:ConnectionString, --connection) names no server. {Form}");
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            throw new CannotRunException(
                $"The connection string (Renewals:ConnectionString, --connection) cannot be read: {e.Message.ReplaceLineEndings(" ")} {Form}", e);
        }
    }

    private static void CheckBounds(object bounds, string name)
    {
        List<ValidationResult> faults = [];
        if (!Validator.TryValidateObject(bounds, new ValidationContext(bounds), faults, validateAllProperties: true))
            throw new CannotRunException($"{ServiceSettings.Section}:{name}: {string.Join(' ', faults.Select(fault => fault.ErrorMessage))}");
    }

    private static void CheckUrl(string url)
    {
        if (url.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
        {
            throw new CannotRunException(
                $"Renewals:Urls has '{url}': the service speaks plain HTTP; let a reverse proxy in front of it speak HTTPS.");
        }

        try
        {
            // A free port is taken for one address, and "localhost" is two.
            if (BindingAddress.Parse(url) is { Scheme: "http", PathBase: "", IsUnixPipe: false, IsNamedPipe: false, Port: >= 0 and <= 65_535 } address
                && (address.Port > 0 || address.Host != "localhost"))
            {
                return;
            }
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw new CannotRunException($"Renewals:Urls has '{url}': write addresses such as http://127.0.0.1:5080, separated by semicolons.");
    }

    private static string Sentence(InvalidOperationException fault)
    {
        // Inside a list the binder wraps what it has to say.
        var e = fault;
        while (e.InnerException is InvalidOperationException inner)
            e = inner;
        var unknown = UnknownNames().Match(e.Message);
        return unknown.Success
            ? $"The settings name {unknown.Groups[1].Value}, which is no setting of Renewals: " +
              "correct the name or remove it (see docs/configuration.md)."
            : e.Message.ReplaceLineEndings(" ");
    }

    [GeneratedRegex("were not found on the instance of [^:]*: (.*)$", RegexOptions.Singleline)]
    private static partial Regex UnknownNames();
}
