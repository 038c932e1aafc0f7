using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Model;

/// <summary>The last thing that happened, and what was decided on it.</summary>
/// <param name="Act">In words.</param>
/// <param name="Arg">Which of its kind.</param>
/// <param name="Command">What was asked.</param>
/// <param name="Context">When, where, within which bounds.</param>
/// <param name="Story">What was decided, each event with the membership as it was before it.</param>
/// <param name="Again">What was decided when the same was asked again.</param>
/// <param name="Fault">A decision or a fold that failed.</param>
internal sealed record Step(
    string Act, object? Arg, SubscriptionCommand Command, DecisionContext Context, IReadOnlyList<(Subscription? Before, SubscriptionEvent Event)> Story,
    IReadOnlyList<SubscriptionEvent> Again, string? Fault)
{
    public IEnumerable<SubscriptionEvent> Events => Story.Select(x => x.Event);

    /// <summary>What was decided, in words.</summary>
    public string Sentence => string.Join(", ", Events.Select(Words.Of));

    public bool Has<T>()
        where T : SubscriptionEvent => Events.Any(e => e is T);

    public T? First<T>()
        where T : SubscriptionEvent => Events.OfType<T>().FirstOrDefault();
}

/// <summary>One membership, as the real code has it. Two lives are the same when nobody in business could tell them apart: see <see cref="Picture"/>.</summary>
internal sealed class Life : IEquatable<Life>
{
    private static readonly Duration Moment = Duration.FromSeconds(1);
    private readonly Lazy<Picture> _picture;

    private Life(World world, Subscription? state, Instant now, bool frozen, int surprises, Facts facts, Step? last)
    {
        (World, State, Now, IsFrozen, Surprises, Facts, Last) = (world, state, now, frozen, surprises, facts, last);
        _picture = new(() => Picture.Of(this));
    }

    public World World { get; }

    /// <summary>Null before it begins.</summary>
    public Subscription? State { get; }

    public Instant Now { get; }

    /// <summary>When the next thing happens at the earliest.</summary>
    public Instant Next => Now + Moment;

    /// <summary>Whether the ledger was restored and nobody has adopted it yet.</summary>
    public bool IsFrozen { get; }

    /// <summary>How many surprises are left.</summary>
    public int Surprises { get; }

    public Facts Facts { get; }

    public Step? Last { get; }

    public Picture Picture => _picture.Value;

    public static Life Of(World world) => new(world, null, World.Birth, false, world.Surprises, Facts.None, null);

    /// <summary>Something happens: decided, folded, and asked a second time.</summary>
    public Life Meets(string act, object? arg, SubscriptionCommand command, Instant? at = null, Func<DecisionContext, DecisionContext>? under = null, bool surprise = false)
    {
        var now = at ?? Next;
        var context = new DecisionContext(now, World.Traits, World.Limits) { Frozen = IsFrozen };
        context = under?.Invoke(context) ?? context;
        var (step, state) = Decided(act, arg, command, context);
        var facts = step.Fault is null ? Facts.After(State, step, World.Traits) : Facts;
        return new(World, state, now, IsFrozen, Surprises - (surprise ? 1 : 0), facts, step);
    }

    /// <summary>The ledger becomes a restored one, or is adopted. That is no command.</summary>
    public Life Freezes(bool frozen) => new(World, State, Now, frozen, Surprises, Facts, null);

    public bool Equals(Life? other) => other is not null && Picture.Key == other.Picture.Key;

    public override bool Equals(object? obj) => Equals(obj as Life);

    public override int GetHashCode() => Picture.Key.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Last is null ? Picture.Key : $"{Picture.Key} after [{Last.Fault ?? Last.Sentence}]";

    private (Step Step, Subscription? State) Decided(string act, object? arg, SubscriptionCommand command, DecisionContext context)
    {
        try
        {
            var events = World.Decisions.On(State, command, context);
            List<(Subscription?, SubscriptionEvent)> story = [];
            var state = State;
            foreach (var e in events)
            {
                story.Add((state, e));
                state = World.Decisions.Next(state, e);
            }

            // Where nothing was decided the second question is the first.
            return (new(act, arg, command, context, story, story.Count > 0 ? World.Decisions.On(state, command, context) : [], null), state);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or NullReferenceException or OverflowException)
        {
            return (new(act, arg, command, context, [], [], e.Message), State);
        }
    }
}
