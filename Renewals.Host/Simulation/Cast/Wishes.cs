using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;

namespace Renewals.Host.Simulation.Cast;

/// <summary>What members and the people at the merchant ask for beyond signing and leaving: every wish there is, at any time, granted or refused.</summary>
internal sealed class Wishes(SimWorld world)
{
    private const int MostTries = 3;

    private readonly Dice dice = Dice.Of(world.Seed, "wishes");
    private int names;

    public void Start()
    {
        world.Schedule(dice.Between(Duration.FromDays(1), Duration.FromDays(10)), One);
        world.Schedule(dice.Between(Duration.FromDays(100), Duration.FromDays(500)), Campaign);
    }

    // About three a day in a world of fifty members.
    private void One()
    {
        if (!world.Faults.Calm && world.Ledger.Tracks.ToList() is { Count: > 0 } tracks && dice.Of(tracks) is { State.Status: not SubscriptionStatus.Ended } track)
            Ask(WishOf(track, $"wish-{names++}"), 0);
        var apart = Duration.FromHours(400.0 / Math.Max(1, world.Options.Members));
        world.Schedule(dice.Between(Duration.FromHours(1), apart + Duration.FromHours(1)), One);
    }

    // Whom nobody answered asks the same once more, under its name.
    private void Ask(Func<Memberships, Task> wish, int tries)
    {
        var answered = false;
        world.Ask(async engine =>
        {
            try
            {
                await wish(engine.Memberships);
                world.Reach.Saw(Mark.WishGranted);
            }
            catch (Exception e) when (e is CannotDoException or CannotSignException)
            {
                world.Reach.Saw(Mark.WishRefused);
            }
            catch (DatabaseAwayException)
            {
                return;
            }

            answered = true;
        });
        world.Schedule(Duration.FromMinutes(7), () =>
        {
            if (!answered && tries < MostTries)
                Ask(wish, tries + 1);
        });
    }

    private Func<Memberships, Task> WishOf(Track track, string name)
    {
        var (id, s, today) = (track.Id, track.State, world.Now.InUtc().Date);
        if (s.Disputes.FirstOrDefault(dispute => dispute.IsOpen) is { } dispute && dice.Chance(0.5))
        {
            var won = dice.Chance(0.5);
            return m => m.SettleDisputeAsync(id, dispute.Id, won);
        }

        if (s.Refunds.FirstOrDefault(refund => refund.Status == RefundStatus.Outside) is { } outside)
            return m => m.PaidOutsideAsync(id, outside.Number, $"transfer {name}", "operator");
        if (s.Offer is { } offer && dice.Chance(0.5))
        {
            var agrees = dice.Chance(0.6);
            if (dice.Chance(0.1))
                return m => m.WithdrawOfferAsync(id, offer.Name, "operator");
            return m => m.AnswerPriceAsync(id, offer.Name, agrees, "member");
        }

        if (s.Pause is { Until: null })
            return m => m.ResumeAsync(id, "member", "back");
        if (s.Status == SubscriptionStatus.Cancelled)
            return m => m.UndoCancelAsync(id, "member", "stays after all");
        var (from, until) = (world.Now + dice.Between(Duration.Zero, Duration.FromDays(30)), today.PlusDays(10 + dice.Below(80)));
        var (amount, percent, now, way) = (1 + dice.Below(2_500), dice.Below(100), dice.Chance(0.5), dice.Below(4));
        return dice.Below(17) switch
        {
            < 4 => ChangeOf(id, name),
            4 => m => m.WithdrawChangeAsync(id, s.Change?.Name ?? name, "member", "no"),
            5 => m => m.MoveBillingDayAsync(id, (s.Periods is { } periods && s.NextCharge.Ordinal > periods.Before ? periods.FirstDay(s.NextCharge.Ordinal) : today).PlusDays(1 + (percent % 25)), "member", "payday"),
            6 or 7 => m => m.PauseAsync(id, now ? world.Now : percent < 50 ? null : from, way == 0 ? null : until, percent % 2 == 0, "member", "away"),
            8 or 9 => m => m.RefundAsync(id, name, null, way == 0 ? null : Money.Cny(amount), "operator", "goodwill"),
            10 when percent < 30 && s.PaymentOf(s.PaidThrough) is { } order => m => m.OpenDisputeAsync(id, name, order, Money.Cny(amount), "not mine"),
            11 when percent < 30 => m => m.CancelAsync(id, new CancelRequest(CancelledBy.Member, "asked") { KeepsAgreement = true }),
            12 when percent < 15 => m => m.CancelAsync(id, new CancelRequest(CancelledBy.Member, "asked") { GivesBack = (GiveBack)(1 + (way % 3)), AtOnce = true }),
            13 => m => m.StepDownAsync(id, "member", "instead of leaving"),
            > 13 => AgreementWishOf(s),
            _ => ChangeOf(id, name),
        };
    }

    // Who has one agreement signs another; who has several leaves one, and now and then the one in use runs out.
    private Func<Memberships, Task> AgreementWishOf(Subscription s)
    {
        var (rail, name, anyEnd, finishes) = (dice.Of(world.Rails), world.Members.Of(s.Id)?.Name ?? s.Member, dice.Chance(0.5), dice.Chance(0.9));
        var (signs, way) = (dice.Between(Duration.FromSeconds(20), Duration.FromMinutes(40)), dice.Below(6));
        if (s.Backups.FirstOrDefault(backup => backup.IsReady) is { Agreement.Id: var ready } && way < 5)
        {
            return way switch
            {
                0 => m => m.RetireAgreementAsync(s.Id, ready, "member", "not wanted"),
                1 => m => m.SwitchAgreementAsync(s.Id, ready, "member", "wanted"),
                _ => _ =>
                {
                    world.RailOf(s.Account).End(s.Agreement.Id.SigningCode, way == 2 ? TerminationMode.Expired : TerminationMode.AccountClosed);
                    return Task.CompletedTask;
                },
            };
        }

        var request = new BackupRequest
        {
            Subscription = s.Id, Account = rail.Account, Scene = SigningScene.App, DisplayAccount = name, PayerId = name, TakesOverAfterAnyEnd = anyEnd,
        };
        return async m =>
        {
            if (await m.AddAgreementAsync(request) is SignResult.Ready { Page: SigningPage.QrCode { Text: var code } } && finishes)
                world.Schedule(signs, () => rail.Confirm(code, name, renews: true));
        };
    }

    private Func<Memberships, Task> ChangeOf(SubscriptionId id, string name)
    {
        var request = new ChangeRequest(name, dice.Of(["monthly", "monthly", "plus", "plus", "basic", "quarterly", "fortnightly"]), "member", "wanted")
        {
            When = dice.Chance(0.5) ? ChangeTiming.Now : ChangeTiming.NextPeriod,
            Wish = new()
            {
                Coupon = dice.Chance(0.2) ? "TENTH" : null, AddOns = dice.Chance(0.2) ? new Dictionary<string, int> { ["seat"] = 1 + dice.Below(3) } : new Dictionary<string, int>(),
            },
        };
        return m => m.ChangeAsync(id, request);
    }

    // Once or twice in a world a plan becomes dearer: everybody on it is asked.
    private void Campaign()
    {
        if (world.Faults.Calm)
            return;
        var price = Money.Cny(2_600 + (100 * dice.Below(6)));
        var from = world.Now + dice.Between(Duration.FromDays(25), Duration.FromDays(60));
        var campaign = new PriceCampaign($"price-{names++}", dice.Of(["monthly", "plus", "monthly-asking"]), 2, price, from, from - Duration.FromDays(2));
        foreach (var rail in world.Rails)
        {
            world.Ask(async engine =>
            {
                try
                {
                    await foreach (var result in engine.Campaigns.RunAsync(rail.Account, campaign))
                    {
                        if (result.WhyNot is not null)
                            world.Reach.Saw(Mark.WishRefused);
                    }
                }
                catch (DatabaseAwayException)
                {
                    // Whoever runs it sees how far it came, and may run it again.
                }
            });
        }

        world.Schedule(dice.Between(Duration.FromDays(200), Duration.FromDays(500)), Campaign);
    }
}
