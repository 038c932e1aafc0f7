using System.Diagnostics;

namespace Renewals.Gateways.Resilience;

/// <summary>The adapters' spans, on the activity source <c>Renewals.Gateways</c>: one for each try of a call, below whatever made the call.</summary>
/// <remarks>Never the address of a request: rails write agreement numbers and signatures into it.</remarks>
public static class RailTraces
{
    /// <summary>The name of the activity source.</summary>
    public const string SourceName = "Renewals.Gateways";

    /// <summary>One try of a call to a rail.</summary>
    internal const string Attempt = "renewals.attempt";

    /// <summary>The merchant account.</summary>
    internal const string Account = "renewals.account";

    /// <summary>Which try it is, from 1.</summary>
    internal const string Try = "renewals.try";

    /// <summary>The type of the exception, where there was one.</summary>
    internal const string Error = "error.type";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Makes one try.</summary>
    internal static ValueTask<T> RunAsync<T>(string account, int number, Func<CancellationToken, Task<T>> send, CancellationToken cancellation) =>
        new(Source.HasListeners() ? TracedAsync(account, number, send, cancellation) : send(cancellation));

    private static async Task<T> TracedAsync<T>(string account, int number, Func<CancellationToken, Task<T>> send, CancellationToken cancellation)
    {
        using var span = Source.StartActivity(Attempt, ActivityKind.Client);
        if (span is { IsAllDataRequested: true })
            span.SetTag(Account, account).SetTag(Try, number);
        try
        {
            return await send(cancellation);
        }
        catch (Exception e)
        {
            // Its kind only: a message may quote an address. A try that was cancelled took too long.
            span?.SetTag(Error, e is OperationCanceledException ? "timeout" : e.GetType().Name).SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }
}
