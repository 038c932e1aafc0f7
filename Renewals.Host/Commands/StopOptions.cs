using System.CommandLine;
using Renewals.Core.Charging;
using Renewals.Core.Engine;

namespace Renewals.Host.Commands;

/// <summary>What the commands about fuses and holds have alike: the ledger, who and why, and how a stop is printed.</summary>
internal sealed class StopOptions
{
    /// <summary>The exit code that says: nothing was changed, because nothing matched.</summary>
    public const int NothingMatched = 2;

    /// <summary>How exit codes are described.</summary>
    public static readonly string ExitCodes = $"Exit code 0: done; {NothingMatched}: nothing matched, nothing was changed; 1: it could not be done.";

    private readonly LedgerOptions ledgers = new();
    private readonly Option<string> by = Options.Kept("--by", "Who does it; kept.");
    private readonly Option<string> reason = Options.Kept("--reason", "Why; kept.");

    /// <summary>Adds the options every one of these commands has.</summary>
    public Command AddTo(Command command, bool changes)
    {
        ledgers.AddTo(command);
        if (!changes)
            return command;
        command.Options.Add(by);
        command.Options.Add(reason);
        return command;
    }

    /// <summary>Prints stops.</summary>
    public async Task<int> ListAsync(ParseResult parsed, bool all, CancellationToken cancellation)
    {
        await using var ledger = await ledgers.OpenAsync(parsed, cancellation);
        var stops = await (await ledger.FusesAsync(cancellation)).ListAsync(all, cancellation);
        if (ledgers.WantsJson(parsed))
            CommandJson.Print(stops);
        else if (stops.Count == 0)
            Console.Out.WriteLine(all ? "No fuse ever blew and nothing was ever held." : "No fuse is blown and nothing is held.");
        foreach (var stop in ledgers.WantsJson(parsed) ? [] : stops)
            Print(stop);
        return 0;
    }

    /// <summary>Changes something and prints what came of it.</summary>
    public async Task<int> ChangeAsync(
        ParseResult parsed, Func<FuseBox, string, string, CancellationToken, Task<StopResult>> change, CancellationToken cancellation)
    {
        await using var ledger = await ledgers.OpenAsync(parsed, cancellation);
        var fuses = await ledger.FusesAsync(cancellation);
        switch (await change(fuses, parsed.GetValue(by)!, parsed.GetValue(reason)!, cancellation))
        {
            case StopResult.Done { Stop: var stop }:
                if (ledgers.WantsJson(parsed))
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

    private static void Print(ChargeStop stop)
    {
        Console.Out.WriteLine($"{stop.Id}  {(stop.Rule is { } rule ? $"fuse {rule}" : "hold")}  {stop.Words}  since {stop.At} by {stop.By}: {stop.Why}");
        if (stop.End is { } end)
            Console.Out.WriteLine($"    ended {end.At} by {end.By}: {end.Why}");
    }
}
