using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>Takes a member to a rail to sign a further agreement of a running membership: checks, stores the intent, then asks the rail for what to show.</summary>
internal sealed class BackupDesk(
    ISubscriptionLedger ledger, IAgreementVault vault, RegisteredGateways gateways, OutcomeDoor door, PlanCatalogue plans, EngineClock clock, IFreeze freeze,
    IOptions<EngineOptions> engine, IOptions<RenewalsOptions> renewals) : IDisposable
{
    // Each holds a row while it writes to the vault, with two connections of one pool: all of them must never be those who wait for a second.
    private const int AtOnce = 8;

    private readonly SemaphoreSlim few = new(AtOnce);

    public async Task<SignResult?> SignAsync(BackupRequest request, CancellationToken cancellation)
    {
        if (await freeze.LookAsync(cancellation) is { } frozen)
            return new SignResult.TryAgain($"The ledger is frozen since {frozen.At}: {frozen.Why}. Nobody can sign until it is adopted.");
        if (await ledger.FindAsync(request.Subscription, cancellation) is not { } s)
            return null;
        var gateway = gateways.Find(request.Account) ?? throw new CannotSignException($"No account {request.Account} is served here; add it, or correct it in the request.");
        var (template, terms, ceiling) = Offered(s, request, gateway.Traits);

        // A double tap goes on with the signing in progress.
        if (s.Backups.FirstOrDefault(backup => IsSame(backup, request.Account, template)) is not { } backup)
        {
            if (await AddAsync(gateway, s, request, template, terms, ceiling, cancellation) is not { } added)
                return new SignResult.TryAgain("The database did not confirm, or somebody else was first.");
            (s, backup) = added;
        }

        return backup.TakesOverAfterAnyEnd != request.TakesOverAfterAnyEnd || backup.Agreement.Ceiling != ceiling
            ? throw new CannotDoException($"The member is signing {backup.Agreement.Id.SigningCode} already, for another way of taking over or another price; let that be finished or run out at {backup.SignBy}, and sign then.")
            : await GoOnAsync(gateway, s, backup, request, cancellation);
    }

    public void Dispose() => few.Dispose();

    /// <summary>The further agreement a membership would sign next. Its keys may be in the vault although the event that names it was never stored.</summary>
    public static AgreementId NextOf(Subscription s) => new(EventIds.Named(s.Id.Value, $"agreement/{s.Backups.Count + 2}"));

    private static bool IsSame(BackupAgreement backup, MerchantAccount account, string template) =>
        backup.Agreement.Status == AgreementStatus.Signing && backup.Account == account && backup.Agreement.Template == template;

    private (string Template, Terms Terms, Money? Ceiling) Offered(Subscription s, BackupRequest request, RailTraits traits)
    {
        var plan = plans.Get(request.PlanId ?? s.Terms.PlanId);
        if (PlanCatalogue.FaultOf(plan.Id, s.Terms.CatchUp, request.Account, traits) is { } fault)
            throw new CannotSignException(fault);
        var terms = plans.TermsOf(plan, request.Account.Rail, TermsWish.None, renewals.Value, s.Terms.QuietHours, isNew: false);
        var most = plan.Ceiling is { } ceiling && ceiling >= terms.HighestPrice ? ceiling : terms.HighestPrice;
        return (PlanCatalogue.TemplateOf(plan, request.Account), terms, traits.FixesCeiling ? most >= s.Terms.HighestPrice ? most : s.Terms.HighestPrice : null);
    }

    private async Task<(Subscription, BackupAgreement)?> AddAsync(
        IPaymentGateway gateway, Subscription s, BackupRequest request, string template, Terms terms, Money? ceiling, CancellationToken cancellation)
    {
        var agreement = NextOf(s);
        var wish = new SubscriptionCommand.AddBackup(agreement, request.Account, template, terms.Dunning)
        {
            Ceiling = ceiling, Interval = gateway.Traits.FixesInterval ? terms.Interval : null, TakesOverAfterAnyEnd = request.TakesOverAfterAnyEnd, Consent = request.Consent,
        };
        var now = clock.Now;
        await few.WaitAsync(cancellation);
        try
        {
            return await AddAsync(gateway, s, request, template, wish, now, cancellation);
        }
        finally
        {
            few.Release();
        }
    }

    private async Task<(Subscription, BackupAgreement)?> AddAsync(
        IPaymentGateway gateway, Subscription s, BackupRequest request, string template, SubscriptionCommand.AddBackup wish, Instant now, CancellationToken cancellation)
    {
        await using var batch = await ledger.OpenAsync([s.Id], cancellation);
        if (batch.Rows is not [{ State: { } before }])
            return null;
        var context = EngineClock.Context(now, gateway, engine.Value);
        if (Decide.WhyNot(before, wish, context) is { } reason)
            throw new CannotDoException(reason);
        var events = Decide.On(before, wish, context);
        if (events.Count == 0)
            return null;
        var after = Evolve.All(before, events)!;

        // Keys go to the vault before the event that relies on them, and not for a wish that is refused: it may be one of a member who was erased.
        if (request.PayerId is not null || request.Card is not null)
            await vault.PutAsync(wish.Agreement, request.Account, new(null, request.PayerId, request.Card?.Number), cancellation);
        batch.Write(before.Version, events, after, null);
        batch.WriteAgreement(wish.Agreement, 0, [new SigningStarted(wish.Agreement, s.Id, request.Account, template, request.Scene, now)]);
        try
        {
            await batch.CommitAsync(cancellation);
            return (after, after.Backups[^1]);
        }
        catch (Exception e) when (e is LedgerConflictException or CommitUnknownException)
        {
            return null;
        }
    }

    private async Task<SignResult> GoOnAsync(IPaymentGateway gateway, Subscription s, BackupAgreement backup, BackupRequest request, CancellationToken cancellation)
    {
        if (clock.Now >= backup.SignBy)
            return new SignResult.TryAgain("The time to sign is over; the signing is being closed.");
        switch (await gateway.StartSigningAsync(ToRail(gateway.Traits, s, backup, request), cancellation))
        {
            case SigningAnswer.Ready ready:
                return new SignResult.Ready(s.Id, ready.Page);
            case SigningAnswer.Signed signed:
                await door.RecordAsync(backup.Account, [new Outcome.OfAgreement(s.Id, backup.Agreement.Id, signed.Agreement)], null, cancellation);
                return new SignResult.AlreadyMember(s.Id);
            case SigningAnswer.Unknown unknown:
                return new SignResult.TryAgain(unknown.Why);
            case SigningAnswer.Refused refused:
                return await GiveUpAsync(s, backup, $"{refused.RailCode}: {refused.Why}", cancellation);
            case SigningAnswer.AlreadySigned:
                return await LookUpAsync(gateway, s, backup, cancellation);
            default:
                throw new InvalidOperationException("No such answer.");
        }
    }

    // The rail's date is read anew when it takes over.
    private static SigningRequest ToRail(RailTraits traits, Subscription s, BackupAgreement backup, BackupRequest request)
    {
        var next = Decide.FirstUseOf(s, backup.Agreement.StartedAt, traits);
        return new(
            backup.Agreement.Id, backup.Agreement.Template, request.Scene, request.DisplayAccount, request.ClientAddress, request.PayerId, backup.Agreement.StartedAt, null,
            new(backup.Interval ?? s.Terms.Interval, backup.Agreement.Ceiling ?? s.Terms.HighestPrice, traits.Plan is { } rule ? RailPlanDates.DateFor(rule, next) : next), request.Card);
    }

    private async Task<SignResult> GiveUpAsync(Subscription s, BackupAgreement backup, string why, CancellationToken cancellation)
    {
        await door.RecordAsync(backup.Account, [new Outcome.SigningRefused(s.Id, backup.Agreement.Id, why)], null, cancellation);
        return new SignResult.Refused(why);
    }

    // The wallet holds an agreement on this template: this one, confirmed meanwhile, or one that is none of this membership's.
    private async Task<SignResult> LookUpAsync(IPaymentGateway gateway, Subscription s, BackupAgreement backup, CancellationToken cancellation)
    {
        var keys = await vault.GetAsync([backup.Agreement.Id], cancellation);
        var answer = await gateway.QueryAgreementAsync(Call.Of(backup.Agreement, keys.GetValueOrDefault(backup.Agreement.Id)), cancellation);
        await door.RecordAsync(backup.Account, [new Outcome.OfAgreement(s.Id, backup.Agreement.Id, answer)], null, cancellation);
        return answer switch
        {
            AgreementAnswer.Active => new SignResult.AlreadyMember(s.Id),
            AgreementAnswer.NotFound or AgreementAnswer.Terminated => await GiveUpAsync(
                s, backup, "The wallet holds another agreement with this merchant on the same template; it must end first.", cancellation),
            _ => new SignResult.TryAgain("The rail does not say which agreement the wallet holds."),
        };
    }
}
