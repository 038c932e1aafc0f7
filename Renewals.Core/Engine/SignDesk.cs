using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>Takes a member to the rail: checks, stores the intent, then asks the rail for what to show.</summary>
internal sealed class SignDesk(
    ISubscriptionLedger ledger, IAgreementVault vault, RegisteredGateways gateways, OutcomeDoor door, PlanCatalogue plans, EngineClock clock,
    IFreeze freeze, IOptions<EngineOptions> engine, IOptions<RenewalsOptions> renewals, EngineTraces traces)
{
    private const int LongestWaitDays = 366;

    public async Task<SignResult> SignAsync(SignRequest request, CancellationToken cancellation)
    {
        var gateway = gateways[request.Account];
        var plan = plans.GetOnSale(request.PlanId);
        var template = PlanCatalogue.TemplateOf(plan, request.Account);
        var terms = plans.TermsOf(plan, request.Account.Rail, request.Wish, renewals.Value, request.QuietHours, isNew: true);
        if (await WasMemberAsync(request, plan, terms, cancellation))
            terms = PlanCatalogue.ForKnownMember(plan, terms);
        CheckStart(request, terms);
        CheckCalendar(request, terms, gateway.Traits);
        if (PlanCatalogue.FaultOf(plan.Id, plan.CatchUp, request.Account, gateway.Traits) is { } fault)
            throw new CannotSignException(fault);
        if (await freeze.LookAsync(cancellation) is { } frozen)
            return new SignResult.TryAgain($"The ledger is frozen since {frozen.At}: {frozen.Why}. Nobody can sign until it is adopted.");
        try
        {
            if (await FindOpenAsync(request, template, cancellation) is not { } found)
            {
                if (await EnrolAsync(gateway, request, template, terms, plan.Ceiling, cancellation) is { } mine)
                    return await GoOnAsync(gateway, mine, request, cancellation);
                if (await FindWinnerAsync(request, template, cancellation) is not { } winner)
                    return new SignResult.TryAgain("The member is signing in another place at this moment.");
                found = winner;
            }

            await ThrowIfOtherAsync(found, request, terms, cancellation);
            return await GoOnAsync(gateway, found, request, cancellation);
        }
        catch (CommitUnknownException)
        {
            return new SignResult.TryAgain("The database did not confirm.");
        }
    }

    /// <summary>Says at signing, not on the due day, when law, rail and plan leave no day to renew.</summary>
    private void CheckCalendar(SignRequest request, Terms terms, RailTraits traits)
    {
        if (!terms.Renews)
            return;
        var today = request.StartsOn ?? clock.Now.InZone(RenewalZones.Get(terms.ZoneId)).Date.PlusDays(terms.TrialDays);
        var railDate = traits.Plan is { } rule ? RailPlanDates.DateFor(rule, terms.PeriodsFrom(today).FirstDay(2)) : (LocalDate?)null;
        if (RenewalCalendar.Solve(terms, traits, terms.PeriodsFrom(today), 2, 1, clock.Now, railDate) is CycleSolution.NoLawfulDay none)
            throw new CannotSignException($"Plan '{terms.PlanId}' cannot renew at this rail: {none.Rule}.");
    }

    // Who pays now has the membership now; and a start is not so far that the price would be another by then.
    private void CheckStart(SignRequest request, Terms terms)
    {
        var today = clock.Now.InZone(RenewalZones.Get(terms.ZoneId)).Date;
        if (request.PayWhileSigning && (request.StartsOn > today || terms.TrialDays > 0))
            throw new CannotSignException("A membership that begins later is not paid while signing; sign without paying, it is charged when it begins.");
        if (request.StartsOn < today || request.StartsOn > today.PlusDays(LongestWaitDays))
            throw new CannotSignException($"A membership starts between today and {LongestWaitDays} days from now, not on {request.StartsOn:uuuu-MM-dd}.");
    }

    // A double tap finds the signing in progress; a member with a running membership on this template is not asked to sign again.
    private async Task<Subscription?> FindOpenAsync(SignRequest request, string template, CancellationToken cancellation)
    {
        if (await ledger.FindAsync(request.Id, cancellation) is { } known)
        {
            return known.Member == request.Member && known.Account == request.Account
                ? known
                : throw new CannotSignException($"{request.Id} names another member's membership; choose a new id.");
        }

        foreach (var id in await ledger.FindOfMemberAsync(request.Member, request.Account, cancellation))
        {
            if (await ledger.FindAsync(id, cancellation) is { Status: SubscriptionStatus.Signing or SubscriptionStatus.Active } open
                && open.Agreement.Template == template)
                return open;
        }

        return null;
    }

    // Wherever it was: who pays at another rail is the same member.
    private async Task<bool> WasMemberAsync(SignRequest request, Plan plan, Terms terms, CancellationToken cancellation)
    {
        if (!plan.OffersForNewMembers && terms.Coupon is not { Coupon.ForNewMembers: true })
            return false;
        foreach (var id in await ledger.FindOfMemberAsync(request.Member, account: null, cancellation))
        {
            if (id != request.Id && await ledger.FindAsync(id, cancellation) is { SignedAt: not null })
                return true;
        }

        return false;
    }

    private static Money CeilingOf(Terms terms, Money? ceiling) => ceiling is { } most && most >= terms.HighestPrice ? most : terms.HighestPrice;

    private async Task<SubscriptionId?> FindPredecessorAsync(SignRequest request, CancellationToken cancellation)
    {
        foreach (var id in await ledger.FindOfMemberAsync(request.Member, request.Account, cancellation))
        {
            if (id != request.Id && await ledger.FindAsync(id, cancellation) is { SignedAt: not null, Status: SubscriptionStatus.Cancelled or SubscriptionStatus.Ended })
                return id;
        }

        return null;
    }

    // A second tap at the same moment was first: its signing is gone on with, and nothing of this one stays in the vault.
    private async Task<Subscription?> FindWinnerAsync(SignRequest request, string template, CancellationToken cancellation)
    {
        var winner = await FindOpenAsync(request, template, cancellation);
        if (winner?.Id != request.Id)
            await vault.EraseAsync(AgreementOf(request), cancellation);
        return winner;
    }

    private static AgreementId AgreementOf(SignRequest request) => new(EventIds.Named(request.Id.Value, "agreement/1"));

    private async Task<Subscription?> EnrolAsync(
        IPaymentGateway gateway, SignRequest request, string template, Terms terms, Money? ceiling, CancellationToken cancellation)
    {
        var now = clock.Now;
        var agreement = AgreementOf(request);
        var enrol = new SubscriptionCommand.Enrol(request.Id, request.Member, request.Account, agreement, template, terms, request.PayWhileSigning)
        {
            StartsOn = StartOf(request, terms),
            FreeUntilStart = request.FreeUntilStart, Consent = request.Consent, Predecessor = await FindPredecessorAsync(request, cancellation),
            Ceiling = gateway.Traits.FixesCeiling ? CeilingOf(terms, ceiling) : null,
        };
        var events = Decide.On(null, enrol, EngineClock.Context(now, gateway, engine.Value));
        var subscription = Evolve.All(null, events)!;
        if (request.PayerId is not null || request.Card is not null)
            await vault.PutAsync(agreement, request.Account, new(null, request.PayerId, request.Card?.Number), cancellation);
        var traced = traces.Begin(request.Account);
        traced?.Decided(null, events, now);
        await using var batch = await ledger.OpenAsync([request.Id], cancellation);
        batch.Write(0, events, subscription, null);
        batch.WriteAgreement(agreement, 0, [new SigningStarted(agreement, request.Id, request.Account, template, request.Scene, now)]);
        try
        {
            await batch.CommitAsync(cancellation);
            return subscription;
        }
        catch (LedgerConflictException e)
        {
            traced?.Failed(e);
            return null;
        }
        catch (CommitUnknownException e)
        {
            traced?.Failed(e);
            throw;
        }
        finally
        {
            traced?.End();
        }
    }

    private async Task<SignResult> GoOnAsync(IPaymentGateway gateway, Subscription s, SignRequest request, CancellationToken cancellation)
    {
        if (s.Status != SubscriptionStatus.Signing)
            return s.Status == SubscriptionStatus.Active ? new SignResult.AlreadyMember(s.Id) : new SignResult.Refused("This membership is over; sign a new one under a new id.");
        if (clock.Now >= s.SignBy)
            return new SignResult.TryAgain("The time to sign is over; the signing is being closed.");
        switch (await StartAsync(gateway, ToRail(gateway, s, request), cancellation))
        {
            case SigningAnswer.Ready ready:
                return new SignResult.Ready(s.Id, ready.Page);
            case SigningAnswer.Signed signed:
                await door.RecordAsync(s.Account, [new Outcome.OfAgreement(s.Id, s.Agreement.Id, signed.Agreement)], null, cancellation);
                return new SignResult.AlreadyMember(s.Id);
            case SigningAnswer.Unknown unknown:
                return new SignResult.TryAgain(unknown.Why);
            case SigningAnswer.Refused refused:
                await GiveUpAsync(s, $"{refused.RailCode}: {refused.Why}", cancellation);
                return new SignResult.Refused($"{refused.RailCode}: {refused.Why}");
            case SigningAnswer.AlreadySigned:
                return await LookUpAsync(gateway, s, cancellation);
            default:
                throw new InvalidOperationException("No such answer.");
        }
    }

    // What the member agreed to is what the signing in progress says; nothing else is signed in its name.
    private async Task ThrowIfOtherAsync(Subscription s, SignRequest request, Terms terms, CancellationToken cancellation)
    {
        if (s.Status != SubscriptionStatus.Signing || clock.Now >= s.SignBy)
            return;
        var begun = (await ledger.ReadEventsAsync(s.Id, cancellation)).OfType<Enrolled>().First();
        var other = s.Terms.PlanId != request.PlanId ? $"another plan, '{s.Terms.PlanId}'"
            : !Decide.Holds(s, terms) ? "another price, add-ons, coupon or other terms"
            : s.StartsOn != StartOf(request, terms) || s.FreeUntilStart != request.FreeUntilStart ? "another start"
            : s.PaidThrough == 0 && s.Attempts.Any(attempt => attempt.AtCashier) != request.PayWhileSigning ? "the first payment made otherwise"
            : request.Consent is { } consent && (begun.Consent?.TermsVersion, begun.Consent?.TermsHash) != (consent.TermsVersion, consent.TermsHash) ? "another consent"
            : null;
        if (other is not null)
            throw new CannotDoException($"The member is signing {s.Id} already, with {other}; cancel that signing, or let it be finished or run out at {s.SignBy}, and sign then.");
    }

    // Today is no later start.
    private LocalDate? StartOf(SignRequest request, Terms terms) =>
        request.StartsOn > clock.Now.InZone(RenewalZones.Get(terms.ZoneId)).Date ? request.StartsOn : null;

    private async Task<SigningAnswer> StartAsync(IPaymentGateway gateway, SigningRequest request, CancellationToken cancellation)
    {
        using var span = traces.Sign(gateway.Account, request.FirstPayment?.Number);
        var answer = await gateway.StartSigningAsync(request, cancellation);
        span.Answer(answer);
        return answer;
    }

    private static SigningRequest ToRail(IPaymentGateway gateway, Subscription s, SignRequest request)
    {
        var cashier = s.Attempts.FirstOrDefault(attempt => attempt.AtCashier);
        var startedAt = s.Agreement.StartedAt;
        return new(
            s.Agreement.Id, s.Agreement.Template, request.Scene, request.DisplayAccount, request.ClientAddress, request.PayerId, startedAt,
            cashier is null ? null : new FirstPaymentOrder(cashier.Order, cashier.Amount, s.Terms.Subject, s.SignBy),
            PlanAtRail(s, gateway.Traits, startedAt), request.Card);
    }

    private static SigningPlan PlanAtRail(Subscription s, RailTraits traits, Instant startedAt)
    {
        var start = s.StartWhenSigned(startedAt.InZone(RenewalZones.Get(traits.ZoneId)).Date);
        var paying = s.Attempts.Any(attempt => attempt.AtCashier);
        var due = paying ? s.Terms.PeriodsFrom(start).FirstDay(2) : start;
        return new(
            s.Terms.Interval, s.Agreement.Ceiling ?? s.Terms.HighestPrice, traits.Plan is { } rule ? RailPlanDates.FirstDate(rule, s.Terms, start, paying) : due);
    }

    private async Task GiveUpAsync(Subscription s, string why, CancellationToken cancellation)
    {
        List<Outcome> outcomes = [new Outcome.SigningRefused(s.Id, s.Agreement.Id, why)];
        if (s.Attempts.FirstOrDefault(attempt => attempt.AtCashier) is { } cashier)
        {
            var closed = new ChargeOutcome.Declined(DeclineReason.OrderClosed, "signing refused");
            outcomes.Insert(0, new Outcome.OfSubscription(s.Id, new SubscriptionCommand.RecordCharge(cashier.Order, new(closed))) { HeardBy = HeardBy.Answer });
        }

        await door.RecordAsync(s.Account, outcomes, null, cancellation);
    }

    /// <summary>
    /// The wallet holds an agreement on this template. It is one of ours: this signing's own, confirmed meanwhile, is adopted; one of an
    /// earlier membership is recorded, and as that membership is over it is ended at the rail by its own duty.
    /// </summary>
    private async Task<SignResult> LookUpAsync(IPaymentGateway gateway, Subscription s, CancellationToken cancellation)
    {
        var certain = true;
        foreach (var id in await ledger.FindOfMemberAsync(s.Member, s.Account, cancellation))
        {
            if (await ledger.FindAsync(id, cancellation) is not { } other || other.Agreement.Template != s.Agreement.Template)
                continue;
            var keys = await vault.GetAsync([other.Agreement.Id], cancellation);
            var order = Call.Of(other.Agreement, keys.GetValueOrDefault(other.Agreement.Id));
            var answer = await gateway.QueryAgreementAsync(order, cancellation);
            await door.RecordAsync(s.Account, [new Outcome.OfAgreement(id, other.Agreement.Id, answer)], null, cancellation);
            certain &= answer is not (AgreementAnswer.Unknown or AgreementAnswer.Refused or AgreementAnswer.Pending or AgreementAnswer.Suspended);
            if (answer is AgreementAnswer.Active)
            {
                return id == s.Id
                    ? new SignResult.AlreadyMember(id)
                    : new SignResult.TryAgain("An agreement of an earlier membership is still in force at the rail and is being ended.");
            }
        }

        // A question without an answer proves nothing: the agreement may be this signing's own.
        if (!certain)
            return new SignResult.TryAgain("The rail does not say which agreement the wallet holds.");
        await GiveUpAsync(s, "the wallet holds an agreement that is not ours", cancellation);
        return new SignResult.Refused("The wallet holds an agreement with this merchant that we do not know; the member can end it in the wallet and sign again.");
    }
}
