using System.CommandLine;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Host.Service;

namespace Renewals.Host.Commands;

/// <summary>What the commands about fuses and holds have alike: the ledger, who and why, and how a stop is printed.</summary>
internal sealed class StopOptions
{
    /// <summary>The exit code that says: nothing was changed, because nothing matched.</summary>
    public const int NothingMatched = 2;

    /// <summary>How exit codes are described.</summary>
    public static readonly string ExitCodes = $"Exit code 0: done; {NothingMatched}: nothing matched, nothing was changed; 1: it could not be done.";

    private readonly Option<string?> connection = new("--connection") { Description = "Connection string of the ledger's PostgreSQL server." };
    private readonly Option<string?> data = new("--data") { Description = "Data folder of the embedded PostgreSQL; the service that uses it must be stopped." };
    private readonly Option<bool> json = new("--json") { Description = "Print the result as JSON." };
    private readonly Option<string> by = new("--by") { Description = "Who does it; kept.", Required = true };
    private readonly Option<string> reason = new("--reason") { Description = "Why; kept.", Required = true };

    /// <summary>Adds the options every one of these commands has.</summary>
    public Command AddTo(Command command, bool changes)
    {
        foreach (var option in (Option[])[connection, data, json])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(connection) is null == result.GetValue(data) is null)
                result.AddError("Name the ledger with either --connection or --data.");
        });
        if (!changes)
            return command;
        foreach (var option in (Option<string>[])[by, reason])
        {
            command.Options.Add(option);
            option.Validators.Add(result =>
            {
                if (result.Tokens is [{ Value: var text }] && string.IsNullOrWhiteSpace(text))
                    result.AddError($"{option.Name} is empty; it is kept with what is done.");
            });
        }

        return command;
    }

    /// <summary>Prints stops.</summary>
    public async Task<int> ListAsync(ParseResult parsed, bool all, CancellationToken cancellation)
    {
        await using var ledger = await OpenAsync(parsed, cancellation);
        var stops = await (await ledger.FusesAsync(cancellation)).ListAsync(all, cancellation);
        if (parsed.GetValue(json))
            CommandJson.Print(stops);
        else if (stops.Count == 0)
            Console.Out.WriteLine(all ? "No fuse ever blew and nothing was ever held." : "No fuse is blown and nothing is held.");
        foreach (var stop in parsed.GetValue(json) ? [] : stops)
            Print(stop);
        return 0;
    }

    /// <summary>Changes something and prints what came of it.</summary>
    public async Task<int> ChangeAsync(
        ParseResult parsed, Func<FuseBox, string, string, CancellationToken, Task<StopResult>> change, CancellationToken cancellation)
    {
        await using var ledger = await OpenAsync(parsed, cancellation);
        var fuses = await ledger.FusesAsync(cancellation);
        switch (await change(fuses, parsed.GetValue(by)!, parsed.GetValue(reason)!, cancellation))
        {
            case StopResult.Done { Stop: var stop }:
                if (parsed.GetValue(json))
                    CommandJson.Print(stop);
                else
                    Print(stop);
                return 0;
            case StopResult.NothingMatched nothing:
                await Console.Error.WriteLineAsync(nothing.Why);
                return NothingMatched;
            default:
                throw new InvalidOperationException("No such result.");
        }
    }

    private Task<ExistingLedger> OpenAsync(ParseResult parsed, CancellationToken cancellation) =>
        ExistingLedger.OpenAsync(parsed.GetValue(connection), parsed.GetValue(data), cancellation);

    private static void Print(ChargeStop stop)
    {
        Console.Out.WriteLine($"{stop.Id}  {(stop.Rule is { } rule ? $"fuse {rule}" : "hold")}  {stop.Words}  since {stop.At} by {stop.By}: {stop.Why}");
        if (stop.End is { } end)
            Console.Out.WriteLine($"    ended {end.At} by {end.By}: {end.Why}");
    }
}
