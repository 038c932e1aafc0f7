using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>Says how far the memberships that were taken over at an account have come, and reads the statements they wait for.</summary>
public sealed class MoveSurvey
{
    private readonly ISubscriptionLedger ledger;
    private readonly RegisteredGateways gateways;
    private readonly OldOrders old;
    private readonly Reconciler reconciler;
    private readonly EngineClock clock;

    internal MoveSurvey(ISubscriptionLedger ledger, RegisteredGateways gateways, OldOrders old, Reconciler reconciler, EngineClock clock) =>
        (this.ledger, this.gateways, this.old, this.reconciler, this.clock) = (ledger, gateways, old, reconciler, clock);

    /// <summary>Reads the statements that are missing and can be had, in order, up to the first that cannot be read; then counts the memberships.</summary>
    /// <param name="account">Which.</param>
    /// <param name="said">Told of each day.</param>
    /// <param name="progress">Told how many memberships were looked at.</param>
    /// <param name="cancellation">Gives up; what was read stays read.</param>
    /// <exception cref="InvalidOperationException">No gateway is registered for the account.</exception>
    public async Task<MoveReport> RunAsync(MerchantAccount account, IProgress<string>? said = null, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        var gateway = gateways[account];
        string? why = null;
        foreach (var day in await old.DueAsync(gateway, clock.Now, cancellation))
        {
            var read = await reconciler.RunAsync(account, day, null, cancellation);
            said?.Report($"{account} {day:uuuu-MM-dd}: {(read.State == ReconciliationState.Complete ? $"{read.Lines:N0} lines read" : read.Why)}");
            if (read.State != ReconciliationState.Complete)
            {
                why = $"the statement of {day:uuuu-MM-dd}: {read.Why}";
                break;
            }
        }

        var report = await CountAsync(account, progress, cancellation);
        return report with { NotRead = await old.NotReadAsync(account, cancellation), Why = why };
    }

    private async Task<MoveReport> CountAsync(MerchantAccount account, IProgress<long>? progress, CancellationToken cancellation)
    {
        var (report, looked) = (new MoveReport { Account = account }, 0L);
        await foreach (var s in ledger.ReadMembershipsAsync(account, cancellation))
        {
            progress?.Report(++looked);
            if (s.MovedIn is not { } moved)
                continue;
            report = report with { Memberships = report.Memberships + 1 };
            report = s switch
            {
                { Status: SubscriptionStatus.Cancelled or SubscriptionStatus.Ended } => report with { Stopped = report.Stopped + 1 },
                { Parked: not null } => report with { Parked = report.Parked + 1 },
                { Agreement.Status: AgreementStatus.Unverified } => report with { Unverified = report.Unverified + 1 },
                _ when moved.AskAt is not null => report with { WaitForStatements = report.WaitForStatements + 1 },
                _ => report with { Renewing = report.Renewing + 1 },
            };
        }

        return report;
    }
}

/// <summary>How far the memberships that were taken over at an account have come. Each is counted once.</summary>
public sealed record MoveReport
{
    /// <summary>Which account.</summary>
    public required MerchantAccount Account { get; init; }

    /// <summary>How many were taken over.</summary>
    public long Memberships { get; init; }

    /// <summary>How many of them wait for the rail to confirm the agreement.</summary>
    public long Unverified { get; init; }

    /// <summary>How many are confirmed and wait for statements.</summary>
    public long WaitForStatements { get; init; }

    /// <summary>How many wait for a person.</summary>
    public long Parked { get; init; }

    /// <summary>How many renew as any other.</summary>
    public long Renewing { get; init; }

    /// <summary>How many were cancelled or are over.</summary>
    public long Stopped { get; init; }

    /// <summary>Statement days that must be read still; some of them may not be over yet.</summary>
    public IReadOnlyList<LocalDate> NotRead { get; init; } = [];

    /// <summary>Why a statement that should be there could not be read; null: none failed.</summary>
    public string? Why { get; init; }

    /// <summary>Whether anything is waited for.</summary>
    public bool IsDone => Unverified == 0 && WaitForStatements == 0 && Parked == 0 && NotRead.Count == 0;
}
