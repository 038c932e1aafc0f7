using System.Collections.Concurrent;
using NodaTime;
using Npgsql;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Bench;

/// <summary>A rail that takes every order at once, so that only our own work is measured. It remembers what it was asked for.</summary>
/// <remarks>
/// Before it answers every 500th order it reads the ledger over a connection of its own: the intent must stand there, committed, before any
/// money moves.
/// </remarks>
internal sealed class BenchRail(BenchClock clock, NpgsqlDataSource witness) : IPaymentGateway, INotifier
{
    public const int SampleEvery = 500;

    public static readonly MerchantAccount Merchant = new("wechat", "1900000109");

    private const string IntentSql =
        $"select count(*) from {MartenConfiguration.Schema}.mt_events where stream_id = $1 and type = 'requested' and data->>'order' = $2";

    private readonly ConcurrentDictionary<OrderNumber, int> orders = new();
    private int calls;
    private int sampled;
    private int uncommitted;

    public MerchantAccount Account => Merchant;

    public RailTraits Traits { get; } = new()
    {
        Resend = Resend.SameOrder,
        RemembersOrders = Duration.FromDays(30),
        SettleDelay = Duration.FromMinutes(5),
        AbsenceProof = AbsenceProof.Query,
        CallTimeout = Duration.FromSeconds(30),
        Notice = new(2, 7),
        ChargeDelay = Duration.Zero,
        OpensAt = new(7, 0),
        ClosesAt = new(21, 50),
        SigningConsent = Duration.FromHours(11.5),
    };

    /// <summary>How often it was asked for money.</summary>
    public int Calls => calls;

    /// <summary>The different orders among them.</summary>
    public IReadOnlyCollection<OrderNumber> Orders => (IReadOnlyCollection<OrderNumber>)orders.Keys;

    /// <summary>How many orders were looked up in the ledger before they were answered …</summary>
    public int Sampled => sampled;

    /// <summary>… and how many of those were not there.</summary>
    public int Uncommitted => uncommitted;

    /// <summary>Forgets everything, for the next round.</summary>
    public void Reset()
    {
        orders.Clear();
        (calls, sampled, uncommitted) = (0, 0, 0);
    }

    public Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation)
    {
        orders.TryAdd(order.Number, 0);
        return Interlocked.Increment(ref calls) % SampleEvery == 1 ? LookAndTakeAsync(order, cancellation) : Task.FromResult(Take(order));
    }

    public int FreePermits(int wanted) => wanted;

    public Task<NoticeResult> TellAsync(ChargeNotice notice, CancellationToken cancellation) => throw Unasked();

    public Task<SigningAnswer> StartSigningAsync(SigningRequest request, CancellationToken cancellation) => throw Unasked();

    public Task<AgreementAnswer> QueryAgreementAsync(AgreementOrder agreement, CancellationToken cancellation) => throw Unasked();

    public Task<AgreementAnswer> TerminateAgreementAsync(AgreementOrder agreement, string remark, CancellationToken cancellation) => throw Unasked();

    public Task<RailNoticeAnswer> MovePlanAsync(AgreementOrder agreement, LocalDate next, CancellationToken cancellation) => throw Unasked();

    public Task<RailNoticeAnswer> AnnounceAtRailAsync(RailNoticeOrder notice, CancellationToken cancellation) => throw Unasked();

    public Task<ChargeAnswer> QueryChargeAsync(ChargeOrder order, CancellationToken cancellation) => throw Unasked();

    public Task<ChargeAnswer> StopChargeAsync(ChargeOrder order, CancellationToken cancellation) => throw Unasked();

    public Task<RefundAnswer> RefundAsync(RefundOrder refund, CancellationToken cancellation) => throw Unasked();

    public Task<RefundAnswer> QueryRefundAsync(RefundOrder refund, CancellationToken cancellation) => throw Unasked();

    public Task<StatementAnswer> ReadStatementAsync(LocalDate day, CancellationToken cancellation) => throw Unasked();

    public CallbackReading ReadCallback(Callback callback, Instant now) => throw Unasked();

    public CallbackReply ReplyTo(Callback callback, bool received, string reason) => throw Unasked();

    private ChargeAnswer Take(ChargeOrder order) => new(new ChargeOutcome.Succeeded(order.Amount, "42000" + order.Number, clock.Now));

    private async Task<ChargeAnswer> LookAndTakeAsync(ChargeOrder order, CancellationToken cancellation)
    {
        await using var command = witness.CreateCommand(IntentSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = order.Number.Charge.Subscription.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = order.Number.ToString() });
        Interlocked.Increment(ref sampled);
        if (await command.ExecuteScalarAsync(cancellation) is not 1L)
            Interlocked.Increment(ref uncommitted);
        return Take(order);
    }

    private static NotSupportedException Unasked() => new("The benchmark's rail takes money and nothing else.");
}
