using Microsoft.Extensions.Hosting;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Host.Service;

namespace Renewals.Host.Commands;

/// <summary>The engine's parts without its workers, for a command: nothing is claimed, and nothing is sent but what the command sends.</summary>
internal sealed class QuietEngine : IAsyncDisposable
{
    private readonly LedgerServer ledger;
    private readonly IHost engine;

    private QuietEngine(ServiceSetup setup, LedgerServer ledger, IHost engine, ErrorTerminal terminal) =>
        (Accounts, this.ledger, this.engine, Terminal) = ([.. setup.Accounts.Select(account => account.Account)], ledger, engine, terminal);

    /// <summary>The accounts of the settings, in their order.</summary>
    public IReadOnlyList<MerchantAccount> Accounts { get; }

    /// <summary>Where the command says how far it is; the engine's log goes there too.</summary>
    public ErrorTerminal Terminal { get; }

    /// <summary>The engine's parts.</summary>
    public IServiceProvider Services => engine.Services;

    /// <summary>Memberships of an account that are looked at one after another.</summary>
    /// <param name="what">What becomes of them, such as <c>memberships read</c>.</param>
    /// <param name="accounts">Whose.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<LongWork> MembershipsOfAsync(string what, IEnumerable<MerchantAccount> accounts, CancellationToken cancellation)
    {
        long? total = 0;
        foreach (var account in accounts)
            total += await Services.GetRequiredService<MembershipList>().CountAsync(new() { Account = account }, cancellation);
        return new(what, total);
    }

    /// <summary>Opens the ledger that the service uses with these settings.</summary>
    /// <param name="config">The settings file; null: the standard one of the working directory.</param>
    /// <param name="account">An account that must be among the settings'; null: none in particular.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CannotRunException">The settings do not do, or have no such account.</exception>
    public static async Task<QuietEngine> OpenAsync(string? config, MerchantAccount? account, CancellationToken cancellation)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(config ?? SettingsFile.StandardName))!;

        // The command's own output says it all; log lines would stand between it and whoever reads it. Errors go where errors are looked for.
        var settings = SettingsFile.Load(config, [KeyValuePair.Create<string, string?>("Logging:LogLevel:Renewals", "Error")]);
        var terminal = ErrorTerminal.Open();
        var setup = ServiceSetup.Read(settings, folder, sandbox: false);
        if (account is { } wanted && setup.Accounts.All(known => known.Account != wanted))
            throw new CannotRunException($"The settings have no account {wanted}; there are {string.Join(", ", setup.Accounts.Select(known => known.Account))}.");
        var ledger = await LedgerServer.StartAsync(setup, terminal.WriteLine, cancellation);
        var opened = new QuietEngine(setup, ledger, EngineHost.Build(setup, ledger, sandbox: null, services => TerminalLog.AddTo(services, terminal)), terminal);
        try
        {
            await EngineHost.PrepareAsync(opened.Services, ledger.ConnectionString, cancellation);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes the ledger.</summary>
    public async ValueTask DisposeAsync()
    {
        engine.Dispose();
        await ledger.DisposeAsync();
    }
}
