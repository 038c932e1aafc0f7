using System.Collections.Frozen;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>The adapters of this host, by merchant account.</summary>
public sealed class RegisteredGateways
{
    private readonly FrozenDictionary<MerchantAccount, IPaymentGateway> byAccount;

    /// <summary>Takes every registered adapter.</summary>
    /// <exception cref="InvalidOperationException">Two adapters serve one account.</exception>
    public RegisteredGateways(IEnumerable<IPaymentGateway> gateways)
    {
        var all = gateways.ToList();
        foreach (var twice in all.GroupBy(gateway => gateway.Account).Where(group => group.Count() > 1))
            throw new InvalidOperationException($"Two gateways are registered for {twice.Key}; register one.");
        byAccount = all.ToFrozenDictionary(gateway => gateway.Account);
    }

    /// <summary>The accounts served here.</summary>
    public IReadOnlyList<MerchantAccount> Accounts => byAccount.Keys;

    /// <summary>The adapter of an account; null: none is registered.</summary>
    internal IPaymentGateway? Find(MerchantAccount account) => byAccount.GetValueOrDefault(account);

    /// <summary>The adapter of an account.</summary>
    /// <exception cref="InvalidOperationException">None is registered.</exception>
    public IPaymentGateway this[MerchantAccount account] => byAccount.TryGetValue(account, out var gateway)
        ? gateway
        : throw new InvalidOperationException($"No gateway is registered for merchant account {account}; add it, or correct the account in the plan.");
}

/// <summary>Now, as an instant, and the context every decision takes it from.</summary>
public sealed class EngineClock(TimeProvider time)
{
    /// <summary>Now; in production by the database's clock, so that hosts agree.</summary>
    public Instant Now => Instant.FromDateTimeOffset(time.GetUtcNow()) + (Database?.Offset ?? Duration.Zero);

    /// <summary>False while this machine's clock is so far off the database's that neither can be trusted.</summary>
    internal bool MayClaim => Database?.MayClaim ?? true;

    /// <summary>Null: there is no database, this machine's clock counts.</summary>
    internal DatabaseClock? Database { get; init; }

    /// <summary>A point on the monotonic clock.</summary>
    public long Stamp() => time.GetTimestamp();

    /// <summary>Time since that point, whatever happened to the wall clock.</summary>
    public TimeSpan Since(long stamp) => time.GetElapsedTime(stamp);

    internal static DecisionContext Context(Instant now, IPaymentGateway gateway, EngineOptions options) => new(now, gateway.Traits, options.Limits) { Account = gateway.Account };
}
