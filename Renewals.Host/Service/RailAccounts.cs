using Microsoft.Extensions.Options;
using Renewals.Core.Calendar;
using Renewals.Core.Gateways;
using Renewals.Gateways.Alipay;
using Renewals.Gateways.Stripe;
using Renewals.Gateways.UnionPay;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Host.Service;

/// <summary>One merchant account of the settings.</summary>
/// <param name="Place">Where in the settings it stands, such as <c>Renewals:WeChatPay:0</c>.</param>
/// <param name="Account">Its name.</param>
/// <param name="AddTo">Adds its adapter to the engine's services.</param>
internal sealed record RailAccount(string Place, MerchantAccount Account, Action<IServiceCollection> AddTo)
{
    /// <summary>What the adapter's own check finds wrong with it; empty when it can be started.</summary>
    public IReadOnlyList<string> Faults()
    {
        using var probe = With(new ServiceCollection().AddLogging()).BuildServiceProvider();
        try
        {
            probe.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException e)
        {
            return [.. e.Failures];
        }
    }

    /// <summary>What the rail allows under these settings.</summary>
    public async Task<RailTraits> TraitsAsync()
    {
        await using var probe = With(new ServiceCollection().AddLogging()).BuildServiceProvider();
        return probe.GetRequiredKeyedService<IPaymentGateway>(Account.ToString()).Traits;
    }

    private IServiceCollection With(IServiceCollection services)
    {
        AddTo(services);
        return services;
    }
}

/// <summary>The merchant accounts of the settings, of every rail: each section a list, or an object whose names are only for people.</summary>
internal static class RailAccounts
{
    private static readonly IReadOnlyList<IRailKind> Kinds =
    [
        new RailKind<WeChatPayOptions>(nameof(ServiceSettings.WeChatPay), nameof(WeChatPayOptions.MchId), o => o.Account, (s, c) => s.AddWeChatPay(c)),
        new RailKind<AlipayOptions>(nameof(ServiceSettings.Alipay), nameof(AlipayOptions.SellerId), o => o.Account, (s, c) => s.AddAlipay(c)),
        new RailKind<UnionPayOptions>(nameof(ServiceSettings.UnionPay), nameof(UnionPayOptions.MerId), o => o.Account, (s, c) => s.AddUnionPay(c)),
        new RailKind<StripeOptions>(nameof(ServiceSettings.Stripe), nameof(StripeOptions.AccountId), o => o.Account, (s, c) => s.AddStripe(c)),
    ];

    /// <summary>The sections there are, for people.</summary>
    public static string Sections => string.Join(", ", Kinds.Select(kind => $"{ServiceSettings.Section}:{kind.Section}"));

    /// <summary>Reads them; nothing of what a rail itself wants is checked yet.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="folder">Where relative paths begin.</param>
    /// <exception cref="CannotRunException">The message names the account and the field.</exception>
    public static IReadOnlyList<RailAccount> Read(IConfiguration configuration, string folder)
    {
        List<RailAccount> accounts = [];
        foreach (var kind in Kinds)
        {
            foreach (var account in kind.Read(configuration.GetSection($"{ServiceSettings.Section}:{kind.Section}"), folder))
            {
                if (accounts.Any(other => other.Account == account.Account))
                    throw new CannotRunException($"{account.Place}: {kind.NumberField} {account.Account.Number} is given twice; one account serves all its plans.");
                accounts.Add(account);
            }
        }

        return accounts;
    }

    /// <summary>Reads them, and refuses one that its adapter would refuse.</summary>
    /// <inheritdoc cref="Read"/>
    public static IReadOnlyList<RailAccount> ReadChecked(IConfiguration configuration, string folder)
    {
        var accounts = Read(configuration, folder);
        foreach (var account in accounts)
        {
            if (account.Faults() is { Count: > 0 } faults)
                throw new CannotRunException($"{account.Place}: {string.Join(' ', faults)}");
        }

        return accounts;
    }

    private interface IRailKind
    {
        string Section { get; }

        string NumberField { get; }

        IEnumerable<RailAccount> Read(IConfigurationSection section, string folder);
    }

    private sealed record RailKind<TOptions>(
        string Section, string NumberField, Func<TOptions, MerchantAccount> AccountOf, Action<IServiceCollection, Action<TOptions>> Add) : IRailKind
        where TOptions : new()
    {
        public IEnumerable<RailAccount> Read(IConfigurationSection section, string folder)
        {
            // One account may stand there without a list around it.
            var accounts = section[NumberField] is not null ? [section] : section.GetChildren();
            foreach (var account in accounts)
            {
                var configure = RailFiles.Configurer<TOptions>(account, folder);
                var options = new TOptions();
                configure(options);
                yield return new(account.Path, AccountOf(options), services => Add(services, configure));
            }
        }
    }
}
