using System.CommandLine;
using Renewals.Host.Postgres;

namespace Renewals.Host.Commands;

/// <summary>Runs the embedded database alone and prints its connection string, for a look with other tools.</summary>
internal static class DatabaseCommand
{
    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "Folder to keep the data in; without it the data is thrown away at the end." };
        var command = new Command("database", "Runs the embedded PostgreSQL alone and prints its connection string.") { data };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(data), Console.Out, cancellation));
        return command;
    }

    /// <summary>Runs until it is cancelled (exit code 0) or the server stops by itself (exit code 1).</summary>
    public static async Task<int> RunAsync(string? dataFolder, TextWriter output, CancellationToken ct)
    {
        try
        {
            await using var postgres = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = dataFolder }, ct);
            await output.WriteLineAsync(postgres.ConnectionString("postgres"));
            await output.FlushAsync(ct);
            await postgres.Stopped.WaitAsync(ct);
            await output.WriteLineAsync("The database server stopped by itself.");
            return 1;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return 0;
        }
        catch (PostgresStartException e)
        {
            await output.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
