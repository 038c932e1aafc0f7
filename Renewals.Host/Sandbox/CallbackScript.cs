namespace Renewals.Host.Sandbox;

/// <summary>What becomes of a rail's next callback, by the word of a script.</summary>
public enum CallbackTurn
{
    /// <summary>It goes out as it should.</summary>
    None = 0,

    /// <summary>It is lost on its way; the rail sends it again by its own plan.</summary>
    Lose = 1,

    /// <summary>It arrives twice.</summary>
    Duplicate = 2,

    /// <summary>It waits until the next one has arrived.</summary>
    Reorder = 3,

    /// <summary>One bit of its body is changed on its way.</summary>
    Forge = 4,
}

/// <summary>Turns that wait for a rail's callbacks, each taken once, oldest first. Safe to use from many threads.</summary>
public sealed class CallbackScript
{
    private readonly Lock gate = new();
    private readonly Queue<CallbackTurn> turns = new();
    private volatile bool any;

    /// <summary>Adds a turn for the next callback that has none yet.</summary>
    public void Add(CallbackTurn turn)
    {
        lock (gate)
        {
            turns.Enqueue(turn);
            any = true;
        }
    }

    internal CallbackTurn Take()
    {
        if (!any)
            return CallbackTurn.None;
        lock (gate)
        {
            return turns.TryDequeue(out var turn) ? turn : CallbackTurn.None;
        }
    }
}
