using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.Resilience;

namespace Renewals.Gateways.Alipay;

/// <summary>Asks where a day's statement can be had, and fetches it at once: the address lives for 30 seconds.</summary>
internal sealed class AlipayStatementDesk(AlipayOptions options, AlipayClient client, TimeProvider time)
{
    /// <summary>The statement of a day.</summary>
    public async Task<StatementAnswer> ReadAsync(LocalDate day, CancellationToken cancellation)
    {
        var reply = await client.CallAsync(AlipayMessages.Statement(day), RailCall.Repeatable, cancellation);
        return reply switch
        {
            AlipayReply.Message { Code: "10000" } message when AddressOf(message) is { } address => await FetchAsync(address, day, cancellation),

            // The rail says this of a day without business and of a file that is not made yet: only the clock tells them apart.
            AlipayReply.Message { SubCode: "BILL_NOT_EXIST" } => Now() < GivenUpAt(day)
                ? new StatementAnswer.NotReady()
                : new StatementAnswer.Ready(ReadOnlyMemory<byte>.Empty, []),
            _ => new StatementAnswer.Failed(AlipayVerdicts.WhyOf(reply)),
        };
    }

    private static Uri? AddressOf(AlipayReply.Message message) =>
        Uri.TryCreate(message.Node.Text("bill_download_url"), UriKind.Absolute, out var address) && address.Scheme is "https" or "http"
            ? address
            : null;

    private async Task<StatementAnswer> FetchAsync(Uri address, LocalDate day, CancellationToken cancellation) =>
        await client.DownloadAsync(address, cancellation) switch
        {
            RailReply<ReadOnlyMemory<byte>>.Answered file =>
                AlipayStatement.Read(file.Value, options.SellerId, day, options.MaxStatementBytes, options.MaxStatementLine),
            RailReply<ReadOnlyMemory<byte>>.Lost lost => new StatementAnswer.Failed(lost.Why),
            RailReply<ReadOnlyMemory<byte>>.NotSent notSent => new StatementAnswer.Failed(notSent.Why),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private Instant GivenUpAt(LocalDate day) =>
        RenewalZones.Get(RenewalZones.Shanghai).AtLeniently(day.PlusDays(1) + options.StatementReadyAt).ToInstant() + options.StatementGrace;

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());
}
