using System.Globalization;

namespace Renewals.Host.Api;

/// <summary>One page of a list.</summary>
/// <param name="Items">What is on it.</param>
/// <param name="Next">Ask again with this as <c>after</c> for the next page; absent on the last one.</param>
internal sealed record PageReply<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Lists are read a page at a time, so that no answer grows with the ledger.</summary>
internal static class Page
{
    /// <summary>How many there are on a page where the caller does not say.</summary>
    public const int Usual = 50;

    /// <summary>The most there are on a page.</summary>
    public const int Most = 200;

    /// <summary>What is wrong with the size of a page; null: nothing.</summary>
    public static IResult? FaultOf(int limit) => limit is >= 1 and <= Most ? null : ApiEndpoints.Problem(400, $"limit is {limit}; write 1 to {Most}.");

    /// <summary>A page of what was read.</summary>
    /// <param name="read">One more than the page has, where there are more.</param>
    /// <param name="limit">How many are on the page.</param>
    /// <param name="reply">What is shown of one.</param>
    /// <param name="cursor">Where the next page goes on after one.</param>
    public static PageReply<TReply> Of<T, TReply>(IReadOnlyList<T> read, int limit, Func<T, TReply> reply, Func<T, IFormattable> cursor) =>
        new([.. read.Take(limit).Select(reply)], read.Count > limit ? cursor(read[limit - 1]).ToString(null, CultureInfo.InvariantCulture) : null);
}
