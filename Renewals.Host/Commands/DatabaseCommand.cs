using Renewals.Host.Postgres;

namespace Renewals.Host.Commands;

/// <summary>Runs the embedded database alone and prints its connection string, for a look with other tools.</summary>
internal static class DatabaseCommand
{
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
