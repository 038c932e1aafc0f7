using System.Data.Common;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Renewals.Core.Charging;

namespace Renewals.Core.Engine;

/// <summary>An exception of code that had a rail's message in its hands, as it may be logged: kinds and places.</summary>
/// <remarks>
/// What a parser says may quote what it read, and so a member. Only the words of the database, the network and the cipher are kept: they know
/// nothing of messages, and without them nobody could mend what broke.
/// </remarks>
internal sealed class QuietFault : Exception
{
    private readonly string trace;

    private QuietFault(string words, string trace)
        : base(words) => this.trace = trace;

    public override string StackTrace => trace;

    public static QuietFault Of(Exception fault)
    {
        var (words, trace) = (new StringBuilder(), new StringBuilder());
        for (var e = fault; e is not null; e = e.InnerException)
        {
            words.Append(words.Length > 0 ? " ---> " : "").Append(e.GetType().FullName);
            if (IsOutside(e))
                words.Append(": ").Append(RailWords.Sentence(e.Message.ReplaceLineEndings(" ")));
            trace.Insert(0, e.StackTrace is { } places ? places + '\n' : "");
        }

        return new(words.ToString(), trace.ToString());
    }

    public override string ToString() => $"{Message}\n{trace}";

    private static bool IsOutside(Exception e) =>
        e is DbException or SocketException or IOException or HttpRequestException or TimeoutException or OperationCanceledException or CryptographicException;
}
