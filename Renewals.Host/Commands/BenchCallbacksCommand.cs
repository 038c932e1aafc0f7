using System.CommandLine;
using System.Text.Json;
using Renewals.Host.Bench;
using Renewals.Host.Postgres;

namespace Renewals.Host.Commands;

/// <summary>Measures how callbacks of a rail are taken: received, verified, recorded and kept, in a database that keeps its promises. None may be lost.</summary>
internal static class BenchCallbacksCommand
{
    private const string LostOne = "lost-one";

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var defaults = new CallbackOptions();
        var rate = Options.Ranged("--rate", "How many callbacks are sent in a second.", defaults.Rate, 1, 5_000);
        var seconds = Options.Ranged("--seconds", "For how long.", defaults.Seconds, 1, 3_600);
        var plant = new Option<string?>("--plant") { Description = "Plants a defect, which the check must see: the sender takes a callback for delivered that it never sent." };
        plant.AcceptOnlyFromAmong(LostOne);
        var json = new Option<bool>("--json") { Description = "Print the figures as one JSON object on the last line." };
        var command = new Command(
            "bench-callbacks",
            "Sends signed callbacks of WeChat Pay to the service's own listener, engine and database, and measures how long each takes until it is received. " +
            "Exit code 0: every one is recorded and kept; 1: one was lost, or it could not be done.")
        {
            rate, seconds, plant, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new()
            {
                Rate = parsed.GetValue(rate), Seconds = parsed.GetValue(seconds), LosesOne = parsed.GetValue(plant) is not null, Json = parsed.GetValue(json),
            },
            Console.Out, cancellation));
        return command;
    }

    /// <summary>Runs the load and checks what came of it.</summary>
    /// <returns>0; 1 when a callback was lost.</returns>
    public static async Task<int> RunAsync(CallbackOptions options, TextWriter output, CancellationToken cancellation)
    {
        try
        {
            await using var world = await CallbackWorld.StartAsync(cancellation);
            await Console.Error.WriteLineAsync($"signing {options.Count:N0} members, until their renewals are in flight");
            var orders = await world.OrderAsync(options.Count, cancellation);
            await Console.Error.WriteLineAsync($"sending {options.Rate:N0} callbacks a second for {options.Seconds:N0} s");
            using var load = new CallbackLoad(options, world.Address, world.Credentials);
            await load.RunAsync(orders, cancellation);
            var checks = await CallbackChecks.LookAsync(world, orders, cancellation);
            checks.Require(options.Count, load.Received);
            await WriteAsync(options, load, checks, output);
            return 0;
        }
        catch (Exception e) when (e is BenchFaultException or PostgresStartException)
        {
            await output.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static async Task WriteAsync(CallbackOptions options, CallbackLoad load, CallbackChecks checks, TextWriter output)
    {
        var (p50, p99, most) = (load.Within(0.5), load.Within(0.99), load.Within(1));
        var rate = options.Count / load.Elapsed.TotalSeconds;
        await output.WriteLineAsync(
            $"{options.Count} callbacks, {rate:F0} in a second, fsync on: received within {p50:F1} ms (median), {p99:F1} ms (99 %), {most:F1} ms (all).");
        await output.WriteLineAsync($"Checked: {checks.Recorded} recorded once, {checks.Kept} kept as they came; {load.Repeated} tries were repeated; the book equals the fold.");
        if (options.Json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(new
            {
                sent = options.Count, received = load.Received, recorded = checks.Recorded, kept = checks.Kept, repeated = load.Repeated, rate = Math.Round(rate, 1),
                p50Ms = Math.Round(p50, 2), p99Ms = Math.Round(p99, 2), maxMs = Math.Round(most, 2), askedRate = options.Rate, seconds = options.Seconds,
            }));
        }
    }
}
