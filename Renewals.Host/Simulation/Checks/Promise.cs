using System.Runtime.CompilerServices;
using System.Text;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation.Checks;

/// <summary>One thing this product promises, looked after while a world lives. It sees what happens and decides nothing.</summary>
internal abstract class Promise(SimWorld world)
{
    /// <summary>More than two of our clocks may differ, or a call may be late: nobody is accused within it.</summary>
    protected static readonly Duration ClockTolerance = Duration.FromSeconds(60);

    protected static readonly Duration WireTolerance = Duration.FromMinutes(6);

    /// <summary>Longer than a sweep, its claim and its calls take while an engine is up.</summary>
    protected static readonly Duration SweepTolerance = Duration.FromMinutes(15);

    protected SimWorld World => world;

    /// <summary>Its name, as it is printed.</summary>
    public abstract string Name { get; }

    /// <summary>Something was stored.</summary>
    public virtual void Committed(bool isIntent, Track track, Subscription? before, IReadOnlyList<SubscriptionEvent> events)
    {
    }

    /// <summary>An engine is about to send an order.</summary>
    public virtual void Sending(EngineLife life, SimRail rail, ChargeOrder order)
    {
    }

    /// <summary>An engine is about to tell a member.</summary>
    public virtual void Telling(EngineLife life, ChargeNotice notice)
    {
    }

    /// <summary>An engine is about to send a rail's own notice.</summary>
    public virtual void AnnouncingAtRail(EngineLife life, RailNoticeOrder notice)
    {
    }

    /// <summary>An engine is about to do something outside that is more than a question.</summary>
    /// <param name="life">Which.</param>
    /// <param name="about">For which membership, by a sweep; null: a member's own wish to sign.</param>
    /// <param name="what">What.</param>
    public virtual void Acting(EngineLife life, SubscriptionId? about, string what)
    {
    }

    /// <summary>The database was put back to what it was: what was kept of its events is not true any more.</summary>
    /// <param name="to">The moment.</param>
    public virtual void Restored(Instant to)
    {
    }

    /// <summary>A person adopted it.</summary>
    public virtual void Adopted()
    {
    }

    /// <summary>A rail took an order in.</summary>
    public virtual void Accepted(SimRail rail, RailOrder order)
    {
    }

    /// <summary>Money was taken.</summary>
    public virtual void Taken(SimRail rail, RailOrder order)
    {
    }

    /// <summary>Money went back.</summary>
    public virtual void GivenBack(SimRail rail, RailOrder order, RailRefund refund)
    {
    }

    /// <summary>A week is over.</summary>
    public virtual void Weekly()
    {
    }

    /// <summary>A month is over: everything is looked at.</summary>
    public virtual void Monthly()
    {
    }

    /// <summary>Faults have stopped long ago: nothing may be open.</summary>
    public virtual void AtTheEnd()
    {
    }

    protected void Hold(bool holds, SubscriptionId? about, string detail)
    {
        if (!holds)
            world.Checks.Broken(Name, about, detail);
    }

    protected void Hold(bool holds, SubscriptionId? about, [InterpolatedStringHandlerArgument(nameof(holds))] Detail detail)
    {
        if (!holds)
            world.Checks.Broken(Name, about, detail.ToString());
    }

    /// <summary>How long a membership could have been carried out without a break since a moment; zero while it cannot.</summary>
    /// <param name="track">Which.</param>
    /// <param name="since">Since when.</param>
    /// <param name="question">Whether only a question is owed, which a frozen ledger asks too.</param>
    protected Duration Idle(Track track, Instant since, bool question = false)
    {
        var ledger = world.Ledger;
        if (world.Engines.UpSince is not { } up || ledger.IsLocked(track.Id) || ledger.IsAway || (ledger.IsUnadopted && !question))
            return Duration.Zero;
        var open = question ? ledger.RestoredAt : Math.Max(ledger.RestoredAt, ledger.AdoptedAt);
        var from = Instant.FromUnixTimeTicks(Math.Max(Math.Max(up, open), Math.Max(track.FreeSince, track.ClaimedUntil)));
        return world.Now - Instant.Max(Instant.Max(since, from), world.RailOf(track.State.Account).BreakerOpenUntil);
    }

    /// <summary>Words that are put together only where they are needed: promises are looked after a million times for each that is broken.</summary>
    [InterpolatedStringHandler]
    protected readonly struct Detail
    {
        private readonly StringBuilder? text;

        public Detail(int literalLength, int formattedCount, bool holds, out bool needed)
        {
            needed = !holds;
            text = needed ? new(literalLength + (formattedCount * 16)) : null;
        }

        public void AppendLiteral(string literal) => text!.Append(literal);

        public void AppendFormatted<T>(T value) => text!.Append(value);

        public void AppendFormatted(double value, string format) => text!.Append(value.ToString(format, null));

        public override string ToString() => text?.ToString() ?? "";
    }

    protected static string Word(OrderNumber order) => $"{order.Charge} attempt {order.Attempt}";
}
