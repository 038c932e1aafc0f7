using NodaTime;
using Renewals.Core.Charging;

namespace Renewals.Core.Engine;

/// <summary>Whether the ledger is frozen: a copy, or restored, and not adopted yet. Then nothing is sent but questions.</summary>
internal interface IFreeze
{
    /// <summary>What the last look showed; null: it is not frozen.</summary>
    ChargeStop? Known { get; }

    /// <summary>When this host last saw something new in a ledger that was not frozen; null: never, or it does not know any more.</summary>
    Instant? LastSeenAt => null;

    /// <summary>Looks before anything else happens, and writes an empty ledger's identity.</summary>
    Task StartAsync(CancellationToken cancellation);

    /// <summary>Looks, at most once a second; between, what is known is told.</summary>
    ValueTask<ChargeStop?> LookAsync(CancellationToken cancellation);

    /// <summary>Keeps what this host has seen.</summary>
    Task StopAsync(CancellationToken cancellation);
}

/// <summary>A ledger in memory: what ends with its process is never copied or restored.</summary>
internal sealed class NeverFrozen : IFreeze
{
    public ChargeStop? Known => null;

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public ValueTask<ChargeStop?> LookAsync(CancellationToken cancellation) => ValueTask.FromResult<ChargeStop?>(null);

    public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;
}
