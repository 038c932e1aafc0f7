namespace Renewals.Host.Commands;

/// <summary>A long piece of work, by what of it can be counted.</summary>
/// <param name="What">What is counted and what becomes of it, such as <c>memberships compared</c>.</param>
/// <param name="Total">How many there are; null: nobody can know, or counting them would take long.</param>
internal sealed record LongWork(string What, long? Total)
{
    /// <summary>After how many more a line is written where there is no bar. Default 10,000.</summary>
    public long Every { get; init; } = 10_000;

    /// <summary>Whether it writes to the standard output as it goes. Default false: a command prints when its work is done.</summary>
    public bool Prints { get; init; }
}

/// <summary>How far a long piece of work is.</summary>
/// <remarks>It tells at once and in order, unlike <see cref="Progress{T}"/>, which reports from other threads whenever they are free.</remarks>
/// <param name="work">Which.</param>
/// <param name="tell">Told whenever it went on; by one caller at a time.</param>
internal sealed class WorkProgress(LongWork work, Action<WorkProgress> tell) : IProgress<long>
{
    private readonly Lock gate = new();
    private volatile Position at = new(0, null);

    /// <summary>How many are done.</summary>
    public long Done => at.Done;

    /// <summary>How much of all that is, 0 to 1; null: nobody knows how many there are, or more came than had been counted.</summary>
    public double? Share => ShareOf(at.Done);

    /// <summary>How far it is, in words.</summary>
    public string Words
    {
        get
        {
            var (done, note) = at;

            // Cut off, not rounded: all is said when all is done.
            var words = ShareOf(done) is { } share ? $"{done:N0} of {work.Total:N0} {work.What}, {(int)(share * 100)} %" : $"{done:N0} {work.What} so far";
            return note is null ? words : $"{words}, {note}";
        }
    }

    /// <inheritdoc/>
    public void Report(long value) => Report(value, note: null);

    /// <summary>It went on.</summary>
    /// <param name="value">How many are done.</param>
    /// <param name="note">What else there is to say of it; null: what was said before.</param>
    public void Report(long value, string? note)
    {
        // Where several tasks report, one may come late with less.
        lock (gate)
        {
            if (value < at.Done)
                return;
            at = new(value, note ?? at.Note);
            tell(this);
        }
    }

    private double? ShareOf(long done) => work.Total is { } total && done <= total ? total == 0 ? 1 : (double)done / total : null;

    /// <summary>Number and note of one report, to be read together by whoever draws.</summary>
    private sealed record Position(long Done, string? Note);
}
