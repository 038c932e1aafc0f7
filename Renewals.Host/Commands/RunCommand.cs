using System.CommandLine;
using Renewals.Host.Service;

namespace Renewals.Host.Commands;

/// <summary>The <c>run</c> command: the service, with worker, callback endpoint and health check.</summary>
internal static class RunCommand
{
    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var config = Text("--config", $"Settings file. Without it, {SettingsFile.StandardName} of the working directory, if there is one.");
        var connection = Text("--connection", "Connection string of a PostgreSQL server; without it the embedded one is run.");
        var data = Text(
            "--data",
            "Folder the embedded PostgreSQL keeps its data in. Default: /var/lib/renewals for root, " +
            "otherwise renewals in $XDG_DATA_HOME or ~/.local/share.");
        var urls = Text("--urls", "Where to listen, separated by semicolons. Default: http://127.0.0.1:5080.");
        var sandbox = new Option<bool>("--sandbox")
        {
            Description = "Try it without a contract: the sandbox takes the rails' place, " +
                "and the data is thrown away at the end unless --data is given.",
        };
        var command = new Command("run", "Runs the service: renews what is due and takes the rails' callbacks, until it is stopped.")
        {
            config, connection, data, urls, sandbox,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(config), parsed.GetValue(sandbox),
            [
                KeyValuePair.Create(nameof(ServiceSettings.ConnectionString), parsed.GetValue(connection)),
                KeyValuePair.Create(nameof(ServiceSettings.DataFolder), parsed.GetValue(data)),
                KeyValuePair.Create(nameof(ServiceSettings.Urls), parsed.GetValue(urls)),
            ],
            cancellation));
        return command;
    }

    private static Option<string?> Text(string name, string description) => new(name) { Description = description };

    private static async Task<int> RunAsync(
        string? config, bool sandbox, KeyValuePair<string, string?>[] commandLine, CancellationToken cancellation)
    {
        ServiceRun Make()
        {
            var configuration = SettingsFile.Load(
                config, commandLine.Select(setting => KeyValuePair.Create($"{ServiceSettings.Section}:{setting.Key}", setting.Value)));
            var folder = Path.GetDirectoryName(Path.GetFullPath(config ?? SettingsFile.StandardName))!;
            return new(ServiceSetup.Read(configuration, folder, sandbox), Console.Out);
        }

        await ServiceManager.RunAsync(Make, cancellation);
        return 0;
    }
}
