using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation.Cast;

/// <summary>One member: signs, runs out of money, leaves at the worst time, signs again.</summary>
internal sealed class SimMember(SimWorld world, int number)
{
    private const int MostTries = 20;

    private static readonly string[] Plans =
    [
        "monthly", "monthly", "monthly", "monthly", "monthly", "monthly", "monthly-offer", "monthly-offer", "monthly-offer", "quarterly", "quarterly", "yearly",
        "once", "monthly-new-york", "monthly-india", "monthly-california", "yearly-california", "yearly-no-law", "monthly-forgiving", "monthly-forgiving", "monthly-asking", "monthly-asking", "trial", "trial", "plus", "plus", "basic", "fortnightly",
    ];

    private readonly Dice dice = Dice.Of(world.Seed, "member", (ulong)number);
    private int accounts;
    private int signings;
    private SubscriptionId? current;
    private Action? waiting;
    private bool isElsewhere;

    public int Number => number;

    /// <summary>The bank's and the merchant's name of the member; a closed account is followed by another.</summary>
    public string Name => $"m{number:D4}-{accounts}";

    public void Start()
    {
        world.Bank.OpenAccount(Name, 40_000);
        var joins = dice.Between(Duration.Zero, Duration.FromDays(45));
        isElsewhere = world.Movers.Begin(this);
        if (!isElsewhere)
            world.Schedule(joins, Join);
        Live();
    }

    public void OnAccepted(RailOrder order)
    {
        if (waiting is not { } act || order.Number.Charge.Subscription != current)
            return;
        waiting = null;
        world.Schedule(dice.Between(Duration.Zero, Duration.FromSeconds(20)), act);
    }

    /// <summary>Renewal goes on although it was stopped: whoever stopped it hears of it within days and stops it again.</summary>
    public void SayAgain(SubscriptionId id) =>
        world.Schedule(dice.Between(Duration.FromHours(1), Duration.FromDays(20)), () =>
        {
            if (world.Ledger.Track(id) is { State.Status: SubscriptionStatus.Signing or SubscriptionStatus.Active })
                Cancel(id, false, 0);
        });

    // Money comes and goes; who has no membership may want one again.
    private void Live() => world.Schedule(dice.Between(Duration.FromDays(15), Duration.FromDays(30)), () =>
    {
        if (!world.Faults.Calm && dice.Chance(0.12))
        {
            world.Bank.Deposit(Name, -1_000_000);
            world.Schedule(dice.Between(Duration.FromHours(12), Duration.FromDays(9)), () => world.Bank.Deposit(Name, 60_000));
        }
        else if (world.Bank.BalanceOf(Name) < 30_000)
        {
            world.Bank.Deposit(Name, 30_000);
        }

        if (IsOver && dice.Chance(0.2))
            Join();
        Live();
    });

    private bool IsOver => !isElsewhere && (current is not { } id || world.Ledger.Track(id) is not { State.Status: SubscriptionStatus.Signing or SubscriptionStatus.Active });

    private void Join()
    {
        if (world.Faults.Calm || !IsOver)
            return;
        var rail = dice.Of(world.Rails);
        var plan = rail.Traits.SeveralSuccessesPerPeriod && dice.Chance(0.4) ? SimWorld.OldestFirst : dice.Of(Plans);
        var later = plan != "trial" && dice.Chance(0.06);
        var pays = rail is not UnionPayRail && plan != "trial" && !later && dice.Chance(0.3);
        var request = new SignRequest
        {
            Id = new(dice.Name()), Member = Name, PlanId = plan, Account = rail.Account, Scene = SigningScene.App, DisplayAccount = Name, PayerId = Name,
            PayWhileSigning = pays, StartsOn = later ? world.Now.InUtc().Date.PlusDays(2 + dice.Below(40)) : null, FreeUntilStart = dice.Chance(0.5),
            Wish = plan is "monthly" or "plus" && dice.Chance(0.1) ? new() { Coupon = "TENTH" } : TermsWish.None,
        };
        AskToSign(rail, request, 0);
        if (world.Dice.Chance(0.08 * world.Faults[Fault.WorstTime]))
        {
            world.Reach.Saw(Mark.SignedInTwoPlaces);
            AskToSign(rail, request with { Id = new(dice.Name()) }, 0);
        }
    }

    private void AskToSign(SimRail rail, SignRequest request, int tries)
    {
        if (tries > MostTries)
            return;
        var answered = false;
        world.Members.Belongs(request.Id, this);
        world.Ask(async engine =>
        {
            var result = await TrySignAsync(engine, request);
            answered = true;
            Take(rail, request, result, tries);
        });

        // An engine that died answers nobody; the member tries again.
        world.Schedule(Duration.FromMinutes(10), () =>
        {
            if (!answered)
                AskToSign(rail, request, tries + 1);
        });
    }

    private static async Task<SignResult> TrySignAsync(SimEngine engine, SignRequest request)
    {
        try
        {
            return await engine.Memberships.SignAsync(request);
        }
        catch (Exception e) when (e is CommitUnknownException or LedgerConflictException or DatabaseAwayException or CannotDoException)
        {
            // Also who is signing something else: that runs out.
            return new SignResult.TryAgain(e.Message);
        }
    }

    private void Take(SimRail rail, SignRequest request, SignResult result, int tries)
    {
        switch (result)
        {
            case SignResult.Ready { Id: var id, Page: SigningPage.QrCode { Text: var code } }:
                current = id;
                if (!dice.Chance(0.06))
                    world.Schedule(dice.Between(Duration.FromSeconds(20), Duration.FromMinutes(dice.Chance(0.05) ? 150 : 40)), () => Confirm(rail, id, code));
                break;
            case SignResult.AlreadyMember { Id: var id }:
                current = id;
                break;
            case SignResult.TryAgain:
                world.Schedule(dice.Between(Duration.FromMinutes(20), Duration.FromHours(3)), () => AskToSign(rail, request, tries + 1));
                break;
            case SignResult.Refused:
                break;
            default:
                throw new InvalidOperationException($"The member does not understand {result}.");
        }
    }

    private void Confirm(SimRail rail, SubscriptionId id, string code)
    {
        rail.Confirm(code, Name, renews: !dice.Chance(0.04));
        if (rail.AgreementOf(code) is not { InForce: true })
            return;
        world.Reach.Saw(signings++ == 0 ? Mark.Signed : Mark.SignedAgain);
        world.Story?.Say(id, $"{Name} signed at {rail.Account}");
        world.Schedule(dice.Until(Duration.FromDays(260)), () => Leave(rail, id, code));
    }

    private void Leave(SimRail rail, SubscriptionId id, string code)
    {
        if (world.Faults.Calm || world.Ledger.Track(id) is not { State.Status: SubscriptionStatus.Active })
            return;
        Action act = dice.Unit() switch
        {
            < 0.5 => () => Cancel(id, dice.Chance(0.3), 0),
            < 0.92 => () => LeaveInWallet(rail, id, code),
            _ => () => CloseAccount(rail),
        };
        if (!dice.Chance(0.6) || world.Faults[Fault.WorstTime] == 0)
        {
            act();
            return;
        }

        // The worst time is while an order is in flight; who never gets there leaves anyway.
        var worst = () =>
        {
            world.Reach.Saw(Mark.LeftInFlight);
            act();
        };
        waiting = worst;
        world.Schedule(Duration.FromDays(100), () =>
        {
            if (waiting != worst)
                return;
            waiting = null;
            act();
        });
    }

    /// <summary>The membership of another system goes on here.</summary>
    public void TakenOver(SimRail rail, SubscriptionId id, string code)
    {
        (current, isElsewhere) = (id, false);
        world.Schedule(dice.Until(Duration.FromDays(260)), () => Leave(rail, id, code));
    }

    /// <summary>The membership of another system is over; the member may sign here some day.</summary>
    public void NotTakenOver() => isElsewhere = false;

    /// <summary>Nothing names the member any more: whoever comes again is somebody else.</summary>
    public void Erased(string name)
    {
        if (name != Name)
            return;
        accounts++;
        world.Bank.OpenAccount(Name, 40_000);
    }

    /// <summary>Leaves at this moment, whatever was planned.</summary>
    public void LeaveNow()
    {
        if (current is not { } id || world.Ledger.Track(id) is not { State: { Status: SubscriptionStatus.Active } state })
            return;
        if (dice.Chance(0.5))
            Cancel(id, false, 0);
        else
            LeaveInWallet(world.RailOf(state.Account), id, state.Agreement.Id.SigningCode);
    }

    private void Cancel(SubscriptionId id, bool atOnce, int tries)
    {
        var (answered, asked) = (false, world.Ledger.Commits);
        world.Ask(async engine =>
        {
            try
            {
                await engine.Memberships.CancelAsync(id, "asked", atOnce);
            }
            catch (Exception e) when (e is CommitUnknownException or LedgerConflictException)
            {
                return;
            }

            answered = true;
            if (world.Ledger.Track(id) is not { } track)
            {
                // Nobody knows this membership any more; the wallet still does.
                return;
            }

            // Who has taken it back meanwhile knows that it goes on.
            if (!(track.UndoneAt >= asked))
                track.CancelConfirmed ??= world.Ledger.Commits;
            world.Reach.Saw(Mark.CancelledWithMerchant);
            world.Story?.Say(id, $"{Name} was told that renewal is stopped");
        });
        world.Schedule(Duration.FromMinutes(5), () =>
        {
            if (!answered && tries < MostTries)
                Cancel(id, atOnce, tries + 1);
        });
    }

    private void LeaveInWallet(SimRail rail, SubscriptionId id, string code)
    {
        rail.End(code, TerminationMode.Member);
        world.Reach.Saw(Mark.EndedInWallet);
        if (world.Ledger.Track(id) is { State.InFlight: true })
            world.Reach.Saw(Mark.EndedInWalletInFlight);
    }

    private void CloseAccount(SimRail rail)
    {
        world.Bank.CloseAccount(Name);
        foreach (var other in world.Rails)
            other.CloseAccount(Name);
        world.Reach.Saw(Mark.AccountClosed);
        accounts++;
        world.Bank.OpenAccount(Name, 40_000);
        world.Story?.Say(current, $"the account at {rail.Account} was closed");
    }
}
