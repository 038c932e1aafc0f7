using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>Says how far the agreements of an account are known to be in force. Asks no rail: it reports what the engine's own looks found.</summary>
public sealed class AgreementSurvey
{
    // A look is due exactly when its time is over, and takes its turn within the account's share.
    private static readonly Duration Turn = Duration.FromHours(1);

    private readonly ISubscriptionLedger ledger;
    private readonly RegisteredGateways gateways;
    private readonly IOrphanAgreements orphans;
    private readonly EngineClock clock;
    private readonly IOptions<EngineOptions> engine;
    private readonly IOptions<AuditOptions> audit;

    internal AgreementSurvey(
        ISubscriptionLedger ledger, RegisteredGateways gateways, IOrphanAgreements orphans, EngineClock clock, IOptions<EngineOptions> engine,
        IOptions<AuditOptions> audit) =>
        (this.ledger, this.gateways, this.orphans, this.clock, this.engine, this.audit) = (ledger, gateways, orphans, clock, engine, audit);

    /// <summary>Reads every membership of the account.</summary>
    /// <param name="account">Which.</param>
    /// <param name="progress">Told after each membership how many were read.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidOperationException">No gateway is registered for the account.</exception>
    public async Task<AgreementReport> RunAsync(MerchantAccount account, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        var canAsk = gateways[account].Traits.CanAskForAgreements;
        var now = clock.Now;
        var since = now - Duration.FromTimeSpan(engine.Value.VerifyEvery) - Turn;
        var report = new AgreementReport { Account = account, At = now, CannotBeKnown = [.. Unknowable(canAsk)] };
        List<DoubtfulAgreement> doubtful = [];
        var read = 0L;
        await foreach (var membership in ledger.ReadMembershipsAsync(account, cancellation))
        {
            report = Count(report, membership.Agreement, since);
            if (IsDoubtful(membership.Agreement, canAsk, since) && doubtful.Count < audit.Value.MaxListed)
                doubtful.Add(Doubt(membership));
            progress?.Report(++read);
        }

        return report with { Doubtful = doubtful, Orphans = await orphans.ListAsync(account, audit.Value.MaxListed, cancellation) };
    }

    private static AgreementReport Count(AgreementReport report, AgreementInUse agreement, Instant since) => agreement.Status switch
    {
        AgreementStatus.Active => report with
        {
            InForce = report.InForce + 1,
            Confirmed = report.Confirmed + (agreement.VerifiedAt >= since ? 1 : 0),
            OldestConfirmation = agreement.VerifiedAt is { } at && !(report.OldestConfirmation <= at) ? at : report.OldestConfirmation,
        },
        AgreementStatus.Suspended => report with { Suspended = report.Suspended + 1 },
        AgreementStatus.Unverified => report with { Unverified = report.Unverified + 1 },
        AgreementStatus.Terminating => report with { Ending = report.Ending + 1 },
        AgreementStatus.Signing or AgreementStatus.Abandoned or AgreementStatus.Terminated => report,
        _ => throw new InvalidOperationException($"An agreement is {agreement.Status}, which no report knows."),
    };

    // Where the rail cannot be asked every agreement would be listed; one sentence says it instead.
    private static bool IsDoubtful(AgreementInUse agreement, bool canAsk, Instant since) =>
        agreement.Status == AgreementStatus.Suspended || (agreement.Status == AgreementStatus.Active && canAsk && !(agreement.VerifiedAt >= since));

    private static DoubtfulAgreement Doubt(Subscription s) =>
        new(s.Agreement.Id, s.Id, s.Agreement.Status, s.Agreement.VerifiedAt, s.Agreement.CheckedAt);

    private static IEnumerable<string> Unknowable(bool canAsk)
    {
        if (!canAsk)
            yield return "whether an agreement is still in force: this rail cannot be asked; a charge finds out";
        yield return "agreements that only the rail has and never told us of: no rail lists its agreements";
    }
}
