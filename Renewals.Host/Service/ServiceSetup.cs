using Renewals.Core.Engine;
using Renewals.Core.Plans;

namespace Renewals.Host.Service;

/// <summary>The settings after every check that needs nothing running.</summary>
/// <param name="Configuration">Where they came from.</param>
/// <param name="Settings">As they were written.</param>
/// <param name="Plans">The plans; at least one.</param>
/// <param name="Accounts">The merchant accounts; empty with the sandbox, which brings its own.</param>
/// <param name="Vault">The keys that are configured; null: none.</param>
/// <param name="Notifier">Where notices go; null with the sandbox only, where a log line takes their place.</param>
/// <param name="Access">Who may use the HTTP API.</param>
/// <param name="Sandbox">Whether the sandbox takes the rail's place.</param>
internal sealed record ServiceSetup(
    IConfiguration Configuration, ServiceSettings Settings, IReadOnlyList<Plan> Plans, IReadOnlyList<RailAccount> Accounts,
    VaultKeys? Vault, WebhookAddress? Notifier, Api.ApiAccess Access, bool Sandbox)
{
    /// <summary>Where events are sent.</summary>
    public Webhooks.WebhookEndpoints Webhooks { get; } = Host.Webhooks.WebhookEndpoints.Read(Settings.Webhooks);

    /// <summary>Where traces and metrics are sent.</summary>
    public TelemetryTarget Telemetry { get; } = TelemetryTarget.Read(Settings.Telemetry, Configuration);

    private const string Help = "docs/configuration.md shows how, and `run --sandbox` needs no settings at all";

    /// <summary>Reads and checks.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="folder">Where relative paths in them begin.</param>
    /// <param name="sandbox">Whether the sandbox takes the rail's place.</param>
    /// <exception cref="CannotRunException">The message names the setting.</exception>
    public static ServiceSetup Read(IConfiguration configuration, string folder, bool sandbox)
    {
        var settings = SettingsReader.Read(configuration);
        SettingsReader.Check(settings);
        var plans = PlanReader.Read(settings.Plans, ReadLaws(settings.LawsFile, folder));
        _ = OfferReader.Coupons(settings.Coupons, plans);
        var notifier = WebhookAddress.Read(settings.Notifier);
        var vault = VaultKeys.Read(settings.Vault);
        var access = Api.ApiAccess.Read(settings.Api, people: Dashboard.OpenIdProvider.Read(settings.Dashboard.OpenId, folder));
        if (sandbox)
            return new(configuration, settings, ForSandbox(settings, plans), [], vault, notifier, access, Sandbox: true);
        var accounts = RailAccounts.ReadChecked(configuration, folder);
        Require(plans.Count > 0, $"There is no plan to sell: add one under Renewals:Plans ({Help}).");
        Require(accounts.Count > 0, $"There is no payment rail: add a merchant account under one of {RailAccounts.Sections} ({Help}).");
        RequireSale(plans, accounts);
        RequireCatchUp(plans, accounts);
        Require(notifier is not null, $"There is no notifier, and nothing may be charged unannounced: set Renewals:Notifier:Url ({Help}).");
        Require(
            string.IsNullOrEmpty(settings.ConnectionString) || vault is not null,
            "Renewals:Vault has no key, and a database server of your own needs one: " +
            "set Renewals:Vault:Keys:<name> to the output of `openssl rand -base64 32`.");
        return new(configuration, settings, plans, accounts, vault, notifier, access, Sandbox: false);
    }

    private static IReadOnlyList<Core.Calendar.MarketRules> ReadLaws(string? file, string folder)
    {
        if (string.IsNullOrEmpty(file))
            return [];
        try
        {
            var laws = Core.Calendar.LawPacks.Read(File.ReadAllBytes(Path.Combine(folder, file)));
            var taken = laws.FirstOrDefault(law => Core.Calendar.LawPacks.Names.Contains(law.Name));
            Require(taken is null, $"Renewals:LawsFile has a law '{taken?.Name}', which comes with Renewals: give yours a name of its own.");
            return laws;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CannotRunException($"Renewals:LawsFile '{file}': {e.Message.Split(" (Parameter")[0]}", e);
        }
    }

    // Plans of the settings are sold under the sandbox's template. Play money in the books of a real business would be hard to get out again.
    private static IReadOnlyList<Plan> ForSandbox(ServiceSettings settings, IReadOnlyList<Plan> plans)
    {
        Require(
            string.IsNullOrEmpty(settings.ConnectionString),
            "The sandbox does not write into a database server of yours: " +
            "leave Renewals:ConnectionString (--connection) out, or leave --sandbox out.");
        return plans.Count == 0
            ? [ServiceSandbox.SamplePlan]
            : [.. plans.Select(plan => plan with { Templates = ServiceSandbox.SamplePlan.Templates })];
    }

    // A slip in an account's number would show only when the first member cannot sign.
    private static void RequireSale(IReadOnlyList<Plan> plans, IReadOnlyList<RailAccount> accounts)
    {
        var served = accounts.Select(account => account.Account).ToHashSet();
        if (plans.FirstOrDefault(plan => !plan.Templates.Keys.Any(served.Contains)) is { } unsold)
        {
            throw new CannotRunException(
                $"Plan '{unsold.Id}' is sold at {string.Join(", ", unsold.Templates.Keys)}, and the accounts here are {string.Join(", ", served)}: " +
                "correct its Templates, or add the account.");
        }
    }

    // Only the adapter knows what its rail allows; it is made for that where a plan asks for something not every rail has.
    private static void RequireCatchUp(IReadOnlyList<Plan> plans, IReadOnlyList<RailAccount> accounts)
    {
        if (plans.All(plan => plan.CatchUp != CatchUpPolicy.OldestFirst))
            return;
        var traits = accounts.ToDictionary(account => account.Account, account => account.TraitsAsync().GetAwaiter().GetResult());
        if (new PlanCatalogue(plans).FaultAt(traits.GetValueOrDefault) is { } fault)
            throw new CannotRunException(fault);
    }

    private static void Require(bool holds, string sentence)
    {
        if (!holds)
            throw new CannotRunException(sentence);
    }
}
