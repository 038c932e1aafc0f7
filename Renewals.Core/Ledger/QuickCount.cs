using Npgsql;

namespace Renewals.Core.Ledger;

/// <summary>Counts for somebody who wants to know how long something else will take: within seconds, or not at all.</summary>
internal static class QuickCount
{
    private const int Seconds = 3;

    /// <summary>Runs a command that counts.</summary>
    /// <returns>What it counted; null: it would have taken longer.</returns>
    public static async Task<long?> RunAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        command.CommandTimeout = Seconds;
        try
        {
            return (long)(await command.ExecuteScalarAsync(cancellation))!;
        }
        catch (NpgsqlException e) when (e.InnerException is TimeoutException)
        {
            return null;
        }
    }
}
