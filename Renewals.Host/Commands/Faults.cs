using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Npgsql;
using Renewals.Core.Engine;
using Renewals.Core.Ledger;
using Renewals.Host.Postgres;
using Renewals.Host.Service;

namespace Renewals.Host.Commands;

/// <summary>Turns what a person can mend into one sentence and an exit code; a fault of our own keeps its stack trace.</summary>
internal static class Faults
{
    /// <summary>Runs a command.</summary>
    /// <returns>Its exit code; 1 with a sentence on <paramref name="errors"/> for something a person can mend; 130 when it was interrupted.</returns>
    public static async Task<int> SayAsync(Func<Task<int>> command, TextWriter errors)
    {
        try
        {
            return await command();
        }
        catch (OperationCanceledException)
        {
            await errors.WriteLineAsync("Stopped.");
            return 130;
        }
        catch (Exception e) when (Sentence(e) is { } sentence)
        {
            await errors.WriteLineAsync(sentence);
            return 1;
        }
    }

    private static string? Sentence(Exception e) => e switch
    {
        PostgresStartException or LedgerUnavailableException or CannotSignException or CannotRunException or CannotImportException => e.Message,
        OptionsValidationException options => string.Join(' ', options.Failures),
        AggregateException { InnerExceptions: [var only] } => Sentence(only),
        NpgsqlException => $"The database failed: {e.Message.ReplaceLineEndings(" ")} Look at its log and run the command again.",
        IOException { InnerException: SocketException or Microsoft.AspNetCore.Connections.AddressInUseException } => $"{e.Message} Choose another port, or stop what listens there.",
        _ => null,
    };
}
