using System.Collections.Concurrent;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Support;

/// <summary>A rail and a notifier that do as they are told and remember what reached them. By default everything succeeds.</summary>
internal sealed class ScriptedRail(TimeProvider time, MerchantAccount? account = null) : IPaymentGateway, IExaminedGateway, INotifier
{
    private readonly ConcurrentDictionary<string, ChargeOutcome.Succeeded> taken = new();

    public ConcurrentQueue<ChargeOrder> Orders { get; } = new();

    public ConcurrentQueue<ChargeNotice> Notices { get; } = new();

    public ConcurrentQueue<SigningRequest> Signings { get; } = new();

    public Func<ChargeOrder, Task<ChargeAnswer>>? OnCharge { get; set; }

    public Func<ChargeNotice, Task<NoticeResult>>? OnNotice { get; set; }

    public Func<SigningAnswer>? OnSigning { get; set; }

    public Func<AgreementOrder, AgreementAnswer>? OnQueryAgreement { get; set; }

    public Func<LocalDate, RailNoticeAnswer>? OnMovePlan { get; set; }

    public Func<ChargeOrder, ChargeAnswer>? OnQueryCharge { get; set; }

    public Func<RefundOrder, RefundAnswer>? OnRefund { get; set; }

    public Func<RefundOrder, RefundAnswer>? OnQueryRefund { get; set; }

    public Func<LocalDate, StatementAnswer> OnStatement { get; set; } = _ => new StatementAnswer.NotReady();

    public Func<Callback, CallbackReading> OnCallback { get; set; } = _ => new CallbackReading.Rejected("no signature");

    public IReadOnlyList<RailFinding> Findings { get; set; } = [];

    public Func<int, int> OnPermits { get; set; } = wanted => wanted;

    public MerchantAccount Account { get; } = account ?? Samples.Account;

    public RailTraits Traits { get; set; } = new()
    {
        Resend = Resend.SameOrder, RemembersOrders = Duration.FromDays(30), SettleDelay = Duration.FromMinutes(5), AbsenceProof = AbsenceProof.Query,
        CallTimeout = Duration.FromSeconds(30), Notice = null, ChargeDelay = Duration.Zero, OpensAt = new(0, 0), ClosesAt = new(23, 59),
        SigningConsent = Duration.FromHours(11.5), CanAskForAgreements = false,
    };

    private Instant Now => Instant.FromDateTimeOffset(time.GetUtcNow());

    public Task<IReadOnlyList<RailFinding>> ExamineAsync(CancellationToken cancellation) => Task.FromResult(Findings);

    public int FreePermits(int wanted) => OnPermits(wanted);

    /// <summary>Takes the money as a rail does: once for an order.</summary>
    public ChargeAnswer Take(ChargeOrder order) => new(taken.GetOrAdd(order.Number.ToString(), _ => new(order.Amount, $"T{order.Number}", Now)));

    public Task<SigningAnswer> StartSigningAsync(SigningRequest request, CancellationToken cancellation)
    {
        Signings.Enqueue(request);
        return Task.FromResult(OnSigning?.Invoke() ?? new SigningAnswer.Ready(new SigningPage.QrCode("x")));
    }

    public Task<AgreementAnswer> QueryAgreementAsync(AgreementOrder agreement, CancellationToken cancellation) =>
        Task.FromResult(OnQueryAgreement?.Invoke(agreement) ?? new AgreementAnswer.Active("contract-" + agreement.Agreement, "openid-of-m1", Now, null));

    public Task<AgreementAnswer> TerminateAgreementAsync(AgreementOrder agreement, string remark, CancellationToken cancellation) =>
        Task.FromResult<AgreementAnswer>(new AgreementAnswer.Terminated(TerminationMode.Merchant, Now));

    public Task<RailNoticeAnswer> MovePlanAsync(AgreementOrder agreement, LocalDate next, CancellationToken cancellation) =>
        Task.FromResult(OnMovePlan?.Invoke(next) ?? new RailNoticeAnswer.Refused("none", "none"));

    public Task<RailNoticeAnswer> AnnounceAtRailAsync(RailNoticeOrder notice, CancellationToken cancellation) =>
        Task.FromResult<RailNoticeAnswer>(new RailNoticeAnswer.Accepted());

    public async Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation)
    {
        Orders.Enqueue(order);
        return OnCharge is null ? Take(order) : await OnCharge(order);
    }

    public Task<ChargeAnswer> QueryChargeAsync(ChargeOrder order, CancellationToken cancellation) => Task.FromResult(
        OnQueryCharge?.Invoke(order) ?? new(taken.TryGetValue(order.Number.ToString(), out var paid) ? paid : new ChargeOutcome.Missing()));

    public Task<ChargeAnswer> StopChargeAsync(ChargeOrder order, CancellationToken cancellation) =>
        Task.FromResult(new ChargeAnswer(new ChargeOutcome.Declined(DeclineReason.OrderClosed, "closed")));

    public Task<RefundAnswer> RefundAsync(RefundOrder refund, CancellationToken cancellation) =>
        Task.FromResult(OnRefund?.Invoke(refund) ?? new RefundAnswer.Refunded(refund.Amount, "R", Now));

    public Task<RefundAnswer> QueryRefundAsync(RefundOrder refund, CancellationToken cancellation) =>
        Task.FromResult(OnQueryRefund?.Invoke(refund) ?? new RefundAnswer.Missing());

    public Task<StatementAnswer> ReadStatementAsync(LocalDate day, CancellationToken cancellation) =>
        Task.FromResult(OnStatement(day));

    public CallbackReading ReadCallback(Callback callback, Instant now) => OnCallback(callback);

    public CallbackReply ReplyTo(Callback callback, bool received, string reason) => new(received ? 200 : 500, "text/plain", reason);

    public async Task<NoticeResult> TellAsync(ChargeNotice notice, CancellationToken cancellation)
    {
        Notices.Enqueue(notice);
        return OnNotice is null ? new NoticeResult.HandedOver("receipt", Now) : await OnNotice(notice);
    }
}
