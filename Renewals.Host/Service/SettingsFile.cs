using System.Text.Json;

namespace Renewals.Host.Service;

/// <summary>Where settings come from, the later winning: the settings file, the environment (<c>Renewals__…</c>), the command line.</summary>
internal static class SettingsFile
{
    /// <summary>The file that is read when none is named, if the working directory has it.</summary>
    public const string StandardName = "appsettings.json";

    /// <summary>Reads them all.</summary>
    /// <param name="file">A settings file that must be there; null: the standard one, which may be missing.</param>
    /// <param name="commandLine">Settings of the command line by their full name; null: not given.</param>
    /// <exception cref="CannotRunException">The file is missing or broken.</exception>
    public static IConfigurationRoot Load(string? file, IEnumerable<KeyValuePair<string, string?>> commandLine)
    {
        var path = Path.GetFullPath(file ?? StandardName);
        if (file is not null && !File.Exists(path))
            throw new CannotRunException($"There is no settings file {path}: correct --config.");
        try
        {
            return new ConfigurationBuilder()
                .AddJsonFile(path, optional: true)
                .AddEnvironmentVariables()
                .AddInMemoryCollection(commandLine.Where(setting => setting.Value is not null))
                .Build();
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new CannotRunException($"The settings file {path} cannot be read: {Reason(e)}", e);
        }
    }

    private static string Reason(Exception e)
    {
        if (Causes(e).OfType<JsonException>().FirstOrDefault() is { } json)
            return $"line {json.LineNumber + 1}, column {json.BytePositionInLine + 1} is not valid JSON ({FirstSentence(json.Message)}).";
        return Causes(e).Last().Message.ReplaceLineEndings(" ");
    }

    // The parser goes on with numbers counted from 0, which we have given already.
    private static string FirstSentence(string message) => message.Split(" LineNumber:")[0].TrimEnd('.', ' ');

    private static IEnumerable<Exception> Causes(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
            yield return cause;
    }
}
