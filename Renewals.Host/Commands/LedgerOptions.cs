using System.CommandLine;
using Renewals.Host.Service;

namespace Renewals.Host.Commands;

/// <summary>How a command names a ledger that is there, and how it prints.</summary>
internal sealed class LedgerOptions
{
    private readonly Option<string?> connection = new("--connection") { Description = "Connection string of the ledger's PostgreSQL server." };
    private readonly Option<string?> data = new("--data") { Description = "Data folder of the embedded PostgreSQL; the service that uses it must be stopped." };
    private readonly Option<bool> json = new("--json") { Description = "Print the result as JSON." };

    /// <summary>Adds the options to a command.</summary>
    public Command AddTo(Command command)
    {
        foreach (var option in (Option[])[connection, data, json])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(connection) is null == result.GetValue(data) is null)
                result.AddError("Name the ledger with either --connection or --data.");
        });
        return command;
    }

    /// <summary>Opens the ledger that was named.</summary>
    /// <inheritdoc cref="ExistingLedger.OpenAsync"/>
    public Task<ExistingLedger> OpenAsync(ParseResult parsed, CancellationToken cancellation) =>
        ExistingLedger.OpenAsync(parsed.GetValue(connection), parsed.GetValue(data), cancellation);

    /// <summary>Whether JSON is wanted.</summary>
    public bool WantsJson(ParseResult parsed) => parsed.GetValue(json);
}
