using NodaTime;

namespace Renewals.Core.Ledger;

/// <summary>What callers of the API were answered, under keys of their own, so that a call that is sent again gets the same answer and is not done again.</summary>
/// <remarks>Neither the caller's key nor the call stands there in clear: both may hold what names a person.</remarks>
internal interface IKeptAnswers
{
    /// <summary>After this a call that has no answer yet is taken to have died with its host.</summary>
    static readonly Duration Patience = Duration.FromMinutes(2);

    /// <summary>Takes a key for one call, or says what is known of it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="now">When.</param>
    /// <param name="keptSince">What was begun before this is forgotten.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<CallTaken> TakeAsync(KeyedCall call, Instant now, Instant keptSince, CancellationToken cancellation);

    /// <summary>Keeps the answer of a call that took its key. When it returns it is durable.</summary>
    /// <returns>False: the call took so long that another one has the key.</returns>
    Task<bool> KeepAsync(KeyedCall call, KeptAnswer answer, CancellationToken cancellation);

    /// <summary>Gives a key back that has no answer: nothing was done.</summary>
    Task GiveBackAsync(KeyedCall call, CancellationToken cancellation);

    /// <summary>Forgets what was begun before.</summary>
    /// <returns>How many.</returns>
    Task<int> EraseBeforeAsync(Instant before, CancellationToken cancellation);
}

/// <summary>A call with a key.</summary>
/// <param name="Key">A hash of the caller and its key.</param>
/// <param name="Run">Names this run of it.</param>
/// <param name="Request">A hash of what is asked: another one under the same key is a mistake.</param>
internal sealed record KeyedCall(Guid Key, Guid Run, byte[] Request);

/// <summary>What a caller was answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="ContentType">Of the body.</param>
/// <param name="ETag">The header.</param>
/// <param name="Body">The body as it was sent.</param>
internal sealed record KeptAnswer(int Status, string? ContentType, string? ETag, byte[] Body);

/// <summary>What came of taking a key.</summary>
internal abstract record CallTaken
{
    private CallTaken()
    {
    }

    /// <summary>The call is to be done.</summary>
    public sealed record Begin : CallTaken;

    /// <summary>It was done before.</summary>
    public sealed record Answered(KeptAnswer Answer) : CallTaken;

    /// <summary>It is being done.</summary>
    public sealed record UnderWay : CallTaken;

    /// <summary>The key is another call's.</summary>
    public sealed record OtherCall : CallTaken;
}

/// <summary>Answers for tests and simulations: nothing outlives the process.</summary>
internal sealed class InMemoryKeptAnswers : IKeptAnswers
{
    private readonly Lock gate = new();
    private readonly Dictionary<Guid, (KeyedCall Call, Instant At, KeptAnswer? Answer)> kept = [];

    public Task<CallTaken> TakeAsync(KeyedCall call, Instant now, Instant keptSince, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult(Take(call, now, keptSince));
    }

    public Task<bool> KeepAsync(KeyedCall call, KeptAnswer answer, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (!kept.TryGetValue(call.Key, out var known) || known.Call.Run != call.Run)
                return Task.FromResult(false);
            kept[call.Key] = known with { Answer = answer };
            return Task.FromResult(true);
        }
    }

    public Task GiveBackAsync(KeyedCall call, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (kept.TryGetValue(call.Key, out var known) && known.Call.Run == call.Run && known.Answer is null)
                kept.Remove(call.Key);
        }

        return Task.CompletedTask;
    }

    public Task<int> EraseBeforeAsync(Instant before, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult(kept.Where(pair => pair.Value.At < before).Select(pair => pair.Key).ToList().Count(kept.Remove));
    }

    private CallTaken Take(KeyedCall call, Instant now, Instant keptSince)
    {
        if (kept.TryGetValue(call.Key, out var known) && known.At >= keptSince)
        {
            if (!known.Call.Request.AsSpan().SequenceEqual(call.Request))
                return new CallTaken.OtherCall();
            if (known.Answer is { } answer)
                return new CallTaken.Answered(answer);
            if (known.At + IKeptAnswers.Patience > now)
                return new CallTaken.UnderWay();
        }

        kept[call.Key] = (call, now, null);
        return new CallTaken.Begin();
    }
}
