using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Renewals.Core;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Host.Postgres;

namespace Renewals.Tests.Engine;

public class SmokeTests
{
    private static readonly MerchantAccount Account = new("wechat", "1900000109");

    private sealed class Stub(FakeTimeProvider time) : IPaymentGateway, INotifier
    {
        public MerchantAccount Account => SmokeTests.Account;
        public RailTraits Traits { get; } = new()
        {
            Resend = Resend.SameOrder, RemembersOrders = Duration.FromDays(30), SettleDelay = Duration.FromMinutes(5), AbsenceProof = AbsenceProof.Query,
            CallTimeout = Duration.FromSeconds(30), Notice = new(2, 7), ChargeDelay = Duration.Zero, OpensAt = new(7, 0), ClosesAt = new(21, 50),
            SigningConsent = Duration.FromHours(11.5),
        };
        Instant Now => Instant.FromDateTimeOffset(time.GetUtcNow());
        public int FreePermits(int wanted) => wanted;
        public Task<SigningAnswer> StartSigningAsync(SigningRequest request, CancellationToken c) => Task.FromResult<SigningAnswer>(new SigningAnswer.Ready(new SigningPage.QrCode("x")));
        public Task<AgreementAnswer> QueryAgreementAsync(AgreementOrder a, CancellationToken c) => Task.FromResult<AgreementAnswer>(new AgreementAnswer.Active("R" + a.Agreement, "openid", Now, null));
        public Task<AgreementAnswer> TerminateAgreementAsync(AgreementOrder a, string r, CancellationToken c) => Task.FromResult<AgreementAnswer>(new AgreementAnswer.Terminated(TerminationMode.Merchant, Now));
        public Task<RailNoticeAnswer> MovePlanAsync(AgreementOrder a, LocalDate n, CancellationToken c) => throw new NotSupportedException();
        public Task<RailNoticeAnswer> AnnounceAtRailAsync(RailNoticeOrder n, CancellationToken c) => Task.FromResult<RailNoticeAnswer>(new RailNoticeAnswer.Accepted());
        public Task<ChargeAnswer> ChargeAsync(ChargeOrder o, CancellationToken c) => Task.FromResult(new ChargeAnswer(new ChargeOutcome.Succeeded(o.Amount, "T" + o.Number, Now)));
        public Task<ChargeAnswer> QueryChargeAsync(ChargeOrder o, CancellationToken c) => throw new NotSupportedException();
        public Task<ChargeAnswer> StopChargeAsync(ChargeOrder o, CancellationToken c) => throw new NotSupportedException();
        public Task<RefundAnswer> RefundAsync(RefundOrder r, CancellationToken c) => throw new NotSupportedException();
        public Task<RefundAnswer> QueryRefundAsync(RefundOrder r, CancellationToken c) => throw new NotSupportedException();
        public Task<StatementAnswer> ReadStatementAsync(LocalDate d, CancellationToken c) => throw new NotSupportedException();
        public CallbackReading ReadCallback(Callback c, Instant n) => throw new NotSupportedException();
        public CallbackReply ReplyTo(Callback c, bool r, string why) => throw new NotSupportedException();
        public Task<NoticeResult> TellAsync(ChargeNotice n, CancellationToken c) => Task.FromResult<NoticeResult>(new NoticeResult.HandedOver("r", Now));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_member_signs_once_and_renews(bool inMemory)
    {
        await using var server = inMemory ? null : await EmbeddedPostgres.StartAsync(new() { Durable = false }, default);
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 31, 2, 0, 0, TimeSpan.Zero));
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<TimeProvider>(time);
        var stub = new Stub(time);
        builder.Services.AddSingleton<IPaymentGateway>(stub).AddSingleton<INotifier>(stub);
        builder.Services.AddRenewals(o =>
        {
            o.InMemory = inMemory;
            o.RunWorker = false;
            o.ConnectionString = inMemory ? "" : server!.ConnectionString("postgres");
            o.Vault.CurrentKey = "k1";
            o.Vault.Keys["k1"] = new byte[32];
            o.Plans.Add(new Plan { Id = "monthly", Subject = "Monthly", Interval = BillingInterval.Monthly, Price = Money.Cny(2500), FirstPeriodPrice = Money.Cny(990), Templates = new Dictionary<MerchantAccount, string> { [Account] = "12535" } });
        });
        using var host = builder.Build();
        await host.StartAsync();
        var members = host.Services.GetRequiredService<Memberships>();
        var worker = host.Services.GetRequiredService<RenewalWorker>();
        var ledger = host.Services.GetRequiredService<ISubscriptionLedger>();
        var id = new SubscriptionId(Guid.NewGuid());
        await members.SignAsync(new() { Id = id, Member = "m1", PlanId = "monthly", Account = Account, Scene = SigningScene.App, DisplayAccount = "m" });
        var end = time.GetUtcNow().AddDays(100);
        while (await ledger.NextAlarmAsync(default) is { } next && next.ToDateTimeOffset() < end)
        {
            if (next.ToDateTimeOffset() > time.GetUtcNow())
                time.SetUtcNow(next.ToDateTimeOffset());
            await worker.SweepAllAsync(default);
            (await ledger.VerifyBookAsync(default)).Should().BeEmpty();
        }
        var history = await members.HistoryAsync(id);
        history.OfType<Charged>().Select(c => c.FirstDay).Should().Equal(new LocalDate(2026, 1, 31), new LocalDate(2026, 2, 28), new LocalDate(2026, 3, 31), new LocalDate(2026, 4, 30));
        (await members.CancelAsync(id, "enough"))!.Status.Should().Be(SubscriptionStatus.Cancelled);
        await worker.SweepAllAsync(default);
        (await members.FindAsync(id))!.Agreement.Status.Should().Be(Renewals.Core.Agreements.AgreementStatus.Terminated);
        (await ledger.VerifyBookAsync(default)).Should().BeEmpty();
    }
}
