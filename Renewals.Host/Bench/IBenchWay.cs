namespace Renewals.Host.Bench;

/// <summary>One way to renew memberships that are due.</summary>
internal interface IBenchWay : IAsyncDisposable
{
    /// <summary>Its name in the results.</summary>
    string Name { get; }

    /// <summary>Makes a round's memberships, all due. Not measured.</summary>
    Task PrepareAsync(int round, CancellationToken cancellation);

    /// <summary>Renews every one of them once.</summary>
    /// <returns>How long it took.</returns>
    Task<TimeSpan> RenewAsync(CancellationToken cancellation);
}
