using System.CommandLine;
using Npgsql;
using Renewals.Host.Bench;
using Renewals.Host.Postgres;

namespace Renewals.Host.Commands;

/// <summary>Measures the engine beside the job most teams would write and beside bare set-based SQL, in one database that keeps its promises.</summary>
/// <remarks>
/// The ways take turns in another order each round. The engine goes first in the first round, and that round, start-up included, is the one its
/// ratios are made of. Signing the memberships is not measured; it compiles the parts it shares with renewing (fold, JSON, batch write).
/// Every round of the engine is checked; a round that was not right fails the run.
/// </remarks>
internal static class BenchCommand
{
    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var defaults = new BenchOptions();
        var subscriptions = Options.Ranged("--subscriptions", "How many memberships are renewed in each round.", defaults.Subscriptions, 100, 1_000_000);
        var rounds = Options.Ranged("--rounds", "How many rounds; the figures are medians.", defaults.Rounds, 1, 99);
        var batch = Options.Ranged("--batch", "How many memberships one sweep claims.", defaults.Batch, 1, 5_000);
        var sweeps = Options.Ranged("--sweeps", "How many sweeps run side by side.", defaults.Sweeps, 1, 64);
        var json = new Option<bool>("--json") { Description = "Print the figures as one JSON object on the last line." };
        var command = new Command("bench", "Measures renewals per second beside two ways of doing it by hand.") { subscriptions, rounds, batch, sweeps, json };
        BenchOptions Read(ParseResult parsed) => new()
        {
            Subscriptions = parsed.GetValue(subscriptions), Rounds = parsed.GetValue(rounds), Batch = parsed.GetValue(batch), Sweeps = parsed.GetValue(sweeps),
            Json = parsed.GetValue(json),
        };
        command.SetAction((parsed, cancellation) => RunAsync(Read(parsed), Console.Out, cancellation));
        return command;
    }

    /// <summary>Runs the benchmark.</summary>
    /// <returns>0; 1 when a check failed.</returns>
    public static async Task<int> RunAsync(BenchOptions options, TextWriter output, CancellationToken cancellation)
    {
        try
        {
            var result = await MeasureAsync(options, cancellation);
            await result.WriteTableAsync(output);
            if (options.Json)
                await output.WriteLineAsync(result.ToJson());
            return 0;
        }
        catch (Exception e) when (e is BenchFaultException or PostgresStartException)
        {
            await output.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static async Task<BenchResult> MeasureAsync(BenchOptions options, CancellationToken cancellation)
    {
        await using var server = await EmbeddedPostgres.StartAsync(new() { Durable = true }, cancellation);
        var connectionString = await server.CreateDatabaseAsync("bench", null, cancellation);
        await using var tables = NpgsqlDataSource.Create(connectionString);
        await using var engine = await EngineBench.StartAsync(options, connectionString, tables, cancellation);
        IBenchWay[] ways = [engine, new ScanBench(options, tables), new BulkBench(options, tables)];
        var checks = new BenchChecks(options, tables);
        var result = new BenchResult(options, checks);
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var way in ways.Skip(round % ways.Length).Concat(ways.Take(round % ways.Length)))
            {
                await RunRoundAsync(way, round, options, tables, result, cancellation);
                if (way == engine)
                    await checks.CheckAsync(engine, cancellation);
            }
        }

        return result;
    }

    private static async Task RunRoundAsync(
        IBenchWay way, int round, BenchOptions options, NpgsqlDataSource database, BenchResult result, CancellationToken cancellation)
    {
        await Console.Error.WriteAsync($"round {round + 1} of {options.Rounds}: {way.Name} ");
        await way.PrepareAsync(round, cancellation);

        // No way pays for the pages another one left behind.
        await using (var checkpoint = database.CreateCommand("checkpoint"))
            await checkpoint.ExecuteNonQueryAsync(cancellation);
        var before = Environment.CpuUsage.TotalTime;
        var elapsed = await way.RenewAsync(cancellation);
        var own = Environment.CpuUsage.TotalTime - before;
        result.Add(way.Name, elapsed);
        await Console.Error.WriteLineAsync(
            $"{options.Subscriptions / elapsed.TotalSeconds:F0}/s, {own.TotalMicroseconds / options.Subscriptions:F0} µs of processor time each on this side of the database");
    }
}
