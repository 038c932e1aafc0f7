using System.Diagnostics;
using Npgsql;

namespace Renewals.Host.Bench;

/// <summary>What most teams write: a job that takes one due row at a time, on 16 connections, by prepared statements.</summary>
/// <remarks>
/// It keeps the same promises at the database as the engine does: the order is committed before the money moves, and two jobs never take
/// one row. It claims by a single statement, which is the quickest way to write it.
/// </remarks>
internal sealed class ScanBench(BenchOptions options, NpgsqlDataSource database) : IBenchWay
{
    private const string Schema = "bench_scan";
    private const int Connections = 16;

    public string Name => "scan";

    public Task PrepareAsync(int round, CancellationToken cancellation) => TableSchema.CreateAsync(database, Schema, options.Subscriptions, cancellation);

    public async Task<TimeSpan> RenewAsync(CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var renewed = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(() => RunAsync(cancellation), cancellation)));
        var elapsed = watch.Elapsed;
        if (renewed.Sum() != options.Subscriptions || await TableSchema.CountRenewedAsync(database, Schema, cancellation) != options.Subscriptions)
            throw new BenchFaultException($"The scan renewed {renewed.Sum()} of {options.Subscriptions}.");
        return elapsed;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<int> RunAsync(CancellationToken cancellation)
    {
        await using var job = await ScanJob.OpenAsync(database, Schema, cancellation);
        var renewed = 0;
        while (await job.OrderAsync(cancellation) is { } subscription)
        {
            var transaction = await ChargeAsync(subscription);
            await job.RecordAsync(subscription, transaction, cancellation);
            renewed++;
        }

        return renewed;
    }

    private static Task<string> ChargeAsync(Guid subscription) => Task.FromResult($"42000{subscription:N}");
}
