using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.WeChatPay;

namespace Renewals.Host.Commands;

/// <summary>The <c>sandbox</c> command: the payment rail alone, on real time, for anybody's client.</summary>
public static class SandboxCommand
{
    /// <summary>What an unknown member starts with: 1,000 yuan.</summary>
    private const long OpeningBalance = 100_000;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var port = Options.Ranged("--port", "TCP port on the loopback address; 0 takes a free one.", 0, 0, 65_535);
        var json = new Option<bool>("--json") { Description = "Print address and credentials as JSON." };
        var command = new Command("sandbox", "Runs the WeChat Pay sandbox alone, on real time, for anybody's client.") { port, json };
        command.SetAction((parsed, cancellation) =>
            RunAsync(parsed.GetValue(port), parsed.GetValue(json), Console.Out, Console.Error, cancellation));
        return command;
    }

    /// <summary>Starts the sandbox, prints its address and credentials, and runs until it is cancelled.</summary>
    /// <param name="port">TCP port on the loopback address; 0 takes a free one.</param>
    /// <param name="json">Prints JSON in place of a table.</param>
    /// <param name="output">Where the address and credentials go.</param>
    /// <param name="errors">Where the reason of a failure goes.</param>
    /// <param name="cancellation">Ends the sandbox.</param>
    /// <returns>0 after a cancelled run, 1 when it could not start.</returns>
    public static async Task<int> RunAsync(int port, bool json, TextWriter output, TextWriter errors, CancellationToken cancellation)
    {
        try
        {
            var bank = new SandboxBank(OpeningBalance);
            var wechat = new WeChatPaySandbox(new WeChatPaySandboxOptions { CallbacksAtOnce = 8 }, bank, TimeProvider.System);
            await using var sandbox = await SandboxServer.StartAsync(port, bank, [wechat], selfDriven: true, cancellation);
            await output.WriteLineAsync(json ? Json(wechat, sandbox.Address) : Table(wechat, sandbox.Address));
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

    private static IEnumerable<KeyValuePair<string, string>> Facts(WeChatPaySandbox sandbox, Uri address)
    {
        var credentials = sandbox.Credentials;
        return
        [
            new("address", address.GetLeftPart(UriPartial.Authority)), new("appid", credentials.AppId),
            new("mch_id", credentials.MchId), new("api_v2_key", credentials.ApiV2Key), new("api_v3_key", credentials.ApiV3Key),
            new("merchant_serial", credentials.MerchantSerial),
            new("merchant_private_key", credentials.MerchantPrivateKeyPem), new("platform_serial", credentials.PlatformSerial),
            new("platform_certificate", credentials.PlatformCertificatePem), new("public_key_id", credentials.PublicKeyId),
            new("platform_public_key", credentials.PlatformPublicKeyPem), new("template_with_notices", "90001"),
            new("template_24_hours", "90024"), new("note", "for the sandbox only: these keys open nothing else"),
        ];
    }

    private static string Json(WeChatPaySandbox sandbox, Uri address) =>
        new JsonObject(Facts(sandbox, address).Select(fact => KeyValuePair.Create<string, JsonNode?>(fact.Key, fact.Value))).ToJsonString(Indented);

    private static string Table(WeChatPaySandbox sandbox, Uri address) =>
        string.Join('\n', Facts(sandbox, address).Select(fact => $"{fact.Key,-22}{fact.Value.Replace("\n", "\n" + new string(' ', 22))}"));
}
