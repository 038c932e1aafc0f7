using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation.Cast;

/// <summary>What another system took for a period, on the bank's list.</summary>
/// <param name="Order">Its number of the order.</param>
/// <param name="Transaction">The rail's number of the payment.</param>
/// <param name="FirstDay">The first day of the period.</param>
/// <param name="NextDay">The first day after it.</param>
/// <param name="At">When.</param>
internal sealed record OldTaking(string Order, string Transaction, LocalDate FirstDay, LocalDate NextDay, Instant At);

/// <summary>How far the move of a membership has come.</summary>
internal enum MoveStage
{
    /// <summary>The other system has it.</summary>
    There,

    /// <summary>It is exported and waits to be taken over.</summary>
    Exported,

    /// <summary>It was taken over.</summary>
    Here,

    /// <summary>It was not, and is over.</summary>
    Refused,
}

/// <summary>A membership of another system: signed and charged by it until its cut-over, rarely once more, and exported.</summary>
internal sealed class OldMembership(SimWorld world, SimMember member, Dice dice, Instant cutOver)
{
    // Statements are read 31 days back; what lies further back no export may leave out.
    private static readonly Duration StaleAtMost = Duration.FromDays(25);
    private static readonly Duration EarlyAtMost = Duration.FromDays(6);

    private static readonly string[] Plans = ["monthly", "monthly", "monthly", "monthly-forgiving", "plus", "basic", "quarterly"];

    private readonly string name = member.Name;
    private readonly Plan plan = world.Plans.Get(dice.Of(Plans));
    private readonly LocalDate anchor = AnchorOf(dice, cutOver);
    private RailAgreement? agreement;
    private int paid;
    private bool isMended = !dice.Chance(0.25);

    public SimMember Member => member;

    public SimRail Rail { get; } = dice.Of(world.Rails);

    public MoveStage Stage { get; set; }

    /// <summary>What it is here; null: it is not here.</summary>
    public SubscriptionId? Id { get; set; }

    /// <summary>What the other system took.</summary>
    public List<OldTaking> Payments { get; } = [];

    /// <summary>As it was exported.</summary>
    public ImportLine? Line { get; private set; }

    public RailAgreement? Agreement => agreement;

    public string Name => name;

    public void Start()
    {
        world.Schedule(Duration.Max(Duration.FromMinutes(1), At(anchor) - world.Now), () =>
        {
            agreement = Rail.SignElsewhere($"OLD-{name}", name, new(plan.Interval, plan.Price, anchor));
            Take();
        });
        world.Schedule(cutOver - world.Now, Export);
    }

    /// <summary>The line as it is handed in: some are wrong at first, and are mended.</summary>
    public ImportLine NextLine() => isMended ? Line! : Line! with { PaidUntil = Line.PaidUntil.PlusDays(1) };

    /// <summary>A person mends a line that was refused; false: there is nothing to mend.</summary>
    public bool Mend()
    {
        var was = isMended;
        isMended = true;
        return !was;
    }

    /// <summary>Nobody has it any more.</summary>
    public void Refuse()
    {
        Stage = MoveStage.Refused;
        if (agreement is not null)
            Rail.End(agreement.Code, Core.Gateways.TerminationMode.Platform);
        member.NotTakenOver();
    }

    private static LocalDate AnchorOf(Dice dice, Instant cutOver)
    {
        var day = dice.Between(Duration.FromDays(1), Duration.FromDays(Math.Max(2, (cutOver - SimWorld.Begin).TotalDays - 3)));
        var date = (SimWorld.Begin + day).InUtc().Date;
        return date.Day <= 28 ? date : date.PlusDays(28 - date.Day);
    }

    private Instant At(LocalDate day) => day.AtStartOfDayInZone(RenewalZones.Get(plan.ZoneId)).ToInstant() + Duration.FromHours(10);

    private LocalDate FirstDay(int period) => plan.Interval.After(anchor, period);

    // Once a day until it is paid: then for the next period.
    private void Take()
    {
        if (world.Now >= cutOver || !agreement!.InForce)
            return;
        var isPaid = TakeOne();
        world.Schedule(isPaid ? Duration.Max(Duration.FromHours(1), At(FirstDay(paid)) - world.Now) : Duration.FromDays(1), Take);
    }

    private bool TakeOne()
    {
        var order = OrderOf(paid);
        if (Rail.TakeElsewhere(agreement!, order, plan.Price) is not { } entry)
            return false;
        Payments.Add(new(order, entry.TransactionId, FirstDay(paid), FirstDay(paid + 1), world.Now));
        paid++;
        if (Id is { } id)
            world.Story?.Say(id, $"the other system takes {plan.Price} once more, with {order}");
        return true;
    }

    private string OrderOf(int period) => $"OLD-{name}-{period:D4}";

    // Some exports are one payment behind. Where statements name no payer, the number of the newest order is exported, whose outcome was not known.
    private void Export()
    {
        if (agreement is not { SignedAt: not null })
        {
            Refuse();
            return;
        }

        var namesPayer = Rail is WeChatRail;
        var behind = dice.Chance(0.35) && Payments.Count > 0 && Payments[^1].At > cutOver - StaleAtMost;
        var newest = paid > 0 ? OrderOf(paid - 1) : null;
        if (dice.Chance(0.3) && (namesPayer || !behind) && OnceMore(namesPayer) is { } hanging)
            newest = hanging;
        Line = new(name, plan.Id, anchor, FirstDay(behind ? paid - 1 : paid), agreement.Id, null, plan.Price.MinorUnits)
        {
            Payer = namesPayer && dice.Chance(0.7) ? name : null, OldOrder = namesPayer ? null : newest,
        };
        Stage = MoveStage.Exported;
    }

    // An order that was on its way at the cut-over, or a scheduler nobody stopped. Without a payer in the statement only the former is ever seen.
    private string? OnceMore(bool namesPayer)
    {
        var soon = cutOver + dice.Between(Duration.FromHours(1), Duration.FromHours(60));
        var at = At(FirstDay(paid)) - soon <= EarlyAtMost ? soon : At(FirstDay(paid));
        if (at != soon && !namesPayer)
            return null;
        world.Schedule(at - world.Now, () =>
        {
            if (Stage != MoveStage.Refused && agreement!.InForce)
                TakeOne();
        });
        return OrderOf(paid);
    }
}
