namespace Renewals.Host.Bench;

/// <summary>How many callbacks are sent, and how fast.</summary>
internal sealed record CallbackOptions
{
    /// <summary>Callbacks in a second. Default 500, 1 to 5,000.</summary>
    public int Rate { get; init; } = 500;

    /// <summary>For how long, in seconds. Default 60, 1 to 3,600.</summary>
    public int Seconds { get; init; } = 60;

    /// <summary>True: the sender takes one callback for delivered that it never sent, to show that the check sees it. Default false.</summary>
    public bool LosesOne { get; init; }

    /// <summary>True: the last line of the output is one JSON object. Default false.</summary>
    public bool Json { get; init; }

    /// <summary>How many there are in all.</summary>
    public int Count => checked(Rate * Seconds);
}
