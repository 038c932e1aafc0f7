using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Gateways.UnionPay;

/// <summary>Downloads a clearing day's settlement file (对账文件), unpacks it and has it read.</summary>
internal sealed class UnionPayStatementDesk(UnionPayOptions options, UnionPayClient client, TimeProvider time)
{
    private const string NoFile = "98";

    /// <summary>The statement of a clearing day.</summary>
    public async Task<StatementAnswer> ReadAsync(LocalDate day, CancellationToken cancellation)
    {
        var message = UnionPayMessages.Statement(day, Now());
        var reply = await client.DownloadAsync(message, cancellation);
        if (reply is not UnionPayReply.Message answer)
            return new StatementAnswer.Failed(UnionPayVerdicts.WhyOf(reply));
        if (answer.Text("settleDate") != UnionPayMessages.Day(day) || answer.Text("txnType") != message.Operation.Type
            || answer.Text("txnTime") != UnionPayText.Time(message.At))
            return new StatementAnswer.Failed("the answer is for another question");
        if (answer.Code == NoFile)
            return OfNoFile(day);
        if (answer.Code != "00")
            return new StatementAnswer.Failed(answer.Why);
        try
        {
            return UnionPayStatement.Read(UnionPayStatementContent.Unpack(answer.Text("fileContent"), options.MaxStatementBytes), options, day);
        }
        catch (Exception fault) when (fault is FormatException or InvalidDataException)
        {
            return new StatementAnswer.Failed($"the file cannot be unpacked: {fault.Message}");
        }
    }

    // The rail says the same of a day without business and of a file that is not made yet: only the clock tells them apart.
    private StatementAnswer OfNoFile(LocalDate day) => Now() < GivenUpAt(day)
        ? new StatementAnswer.NotReady()
        : new StatementAnswer.Ready(ReadOnlyMemory<byte>.Empty, []);

    private Instant GivenUpAt(LocalDate day) =>
        RenewalZones.Get(RenewalZones.Shanghai).AtLeniently(day.PlusDays(1) + options.StatementReadyAt).ToInstant() + options.StatementGrace;

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());
}
