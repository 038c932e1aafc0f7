using System.Globalization;
using Renewals.Host.Commands;

using var ending = new CancellationTokenSource();
Console.CancelKeyPress += (_, stop) =>
{
    stop.Cancel = true;
    ending.Cancel();
};

if (args is ["sandbox", .. var rest])
{
    var at = Array.IndexOf(rest, "--port");
    var port = at >= 0 && at + 1 < rest.Length ? int.Parse(rest[at + 1], CultureInfo.InvariantCulture) : 0;
    return await SandboxCommand.RunAsync(port, rest.Contains("--json"), Console.Out, Console.Error, ending.Token);
}

return 0;
