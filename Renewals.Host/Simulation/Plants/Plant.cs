using Renewals.Core.Charging;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;

namespace Renewals.Host.Simulation.Plants;

/// <summary>A defect at a port of the engine, planted to see that a promise catches it. This one is none.</summary>
internal class Plant
{
    private static readonly Dictionary<string, (string Promise, Func<SimWorld, Plant> Make)> Known = new(StringComparer.Ordinal)
    {
        ["double-booking"] = ("one-success-per-charge", BankPlants.DoubleBooking),
        ["forgotten-payment"] = ("ledgers-equal", BankPlants.ForgottenPayment),
        ["notice-skipped"] = ("authority-before-money", _ => new NoticeSkipped()),
        ["cancel-ignored"] = ("nothing-sent-after-cancel", _ => new CancelIgnored()),
        ["second-attempt-on-unknown"] = ("one-order-in-flight", _ => new SecondAttemptOnUnknown()),
        ["late-sender"] = ("sent-before-it-is-late", _ => new LateSender()),
        ["charge-put-off"] = ("due-charge-explained", _ => new ChargePutOff()),
        ["duty-lost"] = ("duty-on-time", _ => new DutyLost()),
        ["park-ignored"] = ("parked-is-quiet", _ => new ParkIgnored()),
        ["periods-overlap"] = ("periods-tile", _ => new PeriodsOverlap()),
        ["decision-lost"] = ("decided-twice", _ => new DecisionLost()),
        ["book-spoilt"] = ("folded-twice", _ => new BookSpoilt()),
        ["refund-forgotten"] = ("doubles-go-back", _ => new RefundForgotten()),
        ["bill-all-missed"] = ("caught-up-by-the-terms", _ => new BillAllMissed()),
        ["late-money-uncounted"] = ("late-money-within-limit", _ => new LateMoneyUncounted()),
        ["night-forgotten"] = ("told-by-day", _ => new NightForgotten()),
        ["call-throws"] = ("engine-sound", _ => new CallThrows()),
        ["lost-money-unnamed"] = ("ledgers-equal", _ => new LostMoneyUnnamed()),
        ["hold-unread"] = ("held-is-not-charged", _ => new HoldUnread()),
        ["share-misreckoned"] = ("money-equals-spans", _ => new ShareMisreckoned()),
        ["freeze-ignored"] = ("frozen-is-still", _ => new FreezeIgnored()),
        ["old-payments-unread"] = ("moved-in-once", _ => new OldPaymentsUnread()),
        ["erased-keys-kept"] = ("erased-is-gone", _ => new ErasedKeysKept()),
    };

    /// <summary>The plants, and the promise each of them breaks.</summary>
    public static IReadOnlyDictionary<string, string> Promises { get; } = Known.ToDictionary(known => known.Key, known => known.Value.Promise, StringComparer.Ordinal);

    /// <summary>The plant of a name; null: none.</summary>
    public static Plant Named(string? name, SimWorld world) => name is null ? new() : Known[name].Make(world);

    /// <summary>The alarm the book shows of a membership.</summary>
    public virtual long? AlarmOf(Subscription after) => Duty.Alarm(after) is { } alarm ? BookRow.Ticks(alarm) : null;

    /// <summary>What is stored in the place of what was decided.</summary>
    public virtual Written Write(Subscription? before, Written written) => written;

    /// <summary>After a commit, what becomes of the book.</summary>
    public virtual void Stored(InMemoryLedger ledger, Track track)
    {
    }

    /// <summary>What a claim is told of its account.</summary>
    public virtual AccountGuard Guard(AccountGuard guard) => guard;

    public virtual IPaymentGateway Gateway(IPaymentGateway gateway) => gateway;

    public virtual INotifier Notifier(INotifier notifier) => notifier;

    public virtual ReconciliationReport Saved(ReconciliationReport report) => report;

    public virtual IMoves Moves(IMoves moves) => moves;

    /// <summary>What an erasure does in the place of what it was to do.</summary>
    public virtual ErasureWork Erased(ErasureWork work) => work;

    public virtual IFreeze Freeze(IFreeze freeze) => freeze;

    public virtual TimeProvider Clock(TimeProvider clock) => clock;

    /// <summary>Events in the place of others, and the membership they lead to.</summary>
    protected static Written Instead(Subscription before, Written written, IEnumerable<SubscriptionEvent> events)
    {
        var list = events.ToList();
        return written with { Events = list, After = Evolve.All(before, list)! };
    }
}
