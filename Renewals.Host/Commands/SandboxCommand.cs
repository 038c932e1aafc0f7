using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Renewals.Host.Sandbox;
using Renewals.Host.Service;

namespace Renewals.Host.Commands;

/// <summary>The <c>sandbox</c> command: the payment rails alone, on real time, for anybody's client.</summary>
public static class SandboxCommand
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var port = Options.Ranged("--port", "TCP port on the loopback address; 0 takes a free one.", 0, 0, 65_535);
        var callbacks = new Option<string?>("--callbacks")
        {
            Description = "Where the merchant's service listens, such as http://127.0.0.1:5080: rails then tell it what it did not ask for.",
        };
        var json = new Option<bool>("--json") { Description = "Print address and settings as one JSON object." };
        var command = new Command("sandbox", "Runs the payment rails' sandbox alone, on real time, for anybody's client.") { port, callbacks, json };
        command.SetAction((parsed, cancellation) =>
            RunAsync(parsed.GetValue(port), parsed.GetValue(callbacks), parsed.GetValue(json), Console.Out, Console.Error, cancellation));
        return command;
    }

    /// <summary>Starts the sandbox, prints its address and the settings that reach it, and runs until it is cancelled.</summary>
    /// <param name="port">TCP port on the loopback address; 0 takes a free one.</param>
    /// <param name="callbacks">Where the merchant's service listens; null: nobody is told of anything.</param>
    /// <param name="json">Prints JSON in place of text.</param>
    /// <param name="output">Where the address and settings go.</param>
    /// <param name="errors">Where the reason of a failure goes.</param>
    /// <param name="cancellation">Ends the sandbox.</param>
    /// <returns>0 after a cancelled run, 1 when it could not start.</returns>
    public static async Task<int> RunAsync(
        int port, string? callbacks, bool json, TextWriter output, TextWriter errors, CancellationToken cancellation)
    {
        if (callbacks is not null && !(Uri.TryCreate(callbacks, UriKind.Absolute, out var given) && given.Scheme is "http" or "https"))
        {
            await errors.WriteLineAsync($"--callbacks '{callbacks}' is no address: write it as http://127.0.0.1:5080.");
            return 1;
        }

        try
        {
            var bank = new SandboxBank(SandboxRails.OpeningBalance);
            var rails = SandboxRails.All.Select(rail => rail.Open(rail.Number, bank, TimeProvider.System)).ToList();
            var service = new Uri(callbacks ?? "http://127.0.0.1:5080");
            foreach (var rail in rails)
                rail.MerchantNotifyUrl = callbacks is null ? null : new Uri(service, Callbacks.CallbackEndpoint.PathOf(rail.Account));
            await using var sandbox = await SandboxServer.StartAsync(port, bank, rails, selfDriven: true, cancellation);
            await output.WriteLineAsync(json ? Json(sandbox, service) : Text(sandbox, service));
            await output.FlushAsync(cancellation);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        catch (IOException)
        {
            await errors.WriteLineAsync(
                $"The sandbox cannot listen on port {port}: it is taken; choose another with --port, or 0 for a free one.");
            return 1;
        }

        return 0;
    }

    private static string Text(SandboxServer sandbox, Uri service) => $"""
        The sandbox listens at {sandbox.Address} (no money moves; these keys open nothing else).
        What a script can do to it: {new Uri(sandbox.Address, "/_control/")}…

        Settings that reach it, for the file of `renewals run --config`:
        {SandboxSettings.Of(sandbox, service).ToJsonString(Indented)}
        """;

    private static string Json(SandboxServer sandbox, Uri service) => new JsonObject
    {
        ["address"] = sandbox.Address.GetLeftPart(UriPartial.Authority),
        ["settings"] = SandboxSettings.Of(sandbox, service),
    }.ToJsonString(Indented);
}
