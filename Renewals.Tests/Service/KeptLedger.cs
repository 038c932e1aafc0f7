using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NodaTime;
using Npgsql;
using Renewals.Core;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Host.Postgres;

namespace Renewals.Tests.Service;

/// <summary>A small ledger in a data folder of the embedded server: members who are about to sign.</summary>
internal static class KeptLedger
{
    private static readonly MerchantAccount Account = new("wechat", "1900000109");

    /// <summary>Makes it, lets somebody spoil it, and stops the server.</summary>
    public static async Task MakeAsync(string folder, int members, string spoil)
    {
        await using var server = await EmbeddedPostgres.StartAsync(new() { DataFolder = folder, Durable = false }, default);
        using (var engine = Build(server.ConnectionString("postgres")))
        {
            await engine.StartAsync();
            for (var i = 1; i <= members; i++)
            {
                await engine.Services.GetRequiredService<Memberships>().SignAsync(new()
                {
                    Id = new(new Guid(i, 0, 0, new byte[8])), Member = $"m{i}", PlanId = "monthly", Account = Account, Scene = SigningScene.App, DisplayAccount = "m",
                    PayerId = "openid-for-tests",
                });
            }

            await engine.StopAsync();
        }

        await using var database = NpgsqlDataSource.Create(server.ConnectionString("postgres"));
        await using var command = database.CreateCommand(spoil);
        await command.ExecuteNonQueryAsync();
    }

    private static IHost Build(string connection)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddSingleton<IPaymentGateway, SigningOnly>().AddSingleton<INotifier, Silent>();
        builder.Services.AddRenewals(options =>
        {
            (options.ConnectionString, options.RunWorker, options.Vault.CurrentKey) = (connection, false, "test-only");
            options.Vault.Keys["test-only"] = new byte[32];
            options.Plans.Add(new Plan
            {
                Id = "monthly", Subject = "Monthly", Interval = BillingInterval.Monthly, Price = Money.Cny(2_500),
                Templates = new Dictionary<MerchantAccount, string> { [Account] = "12535" },
            });
        });
        return builder.Build();
    }

    private sealed class Silent : INotifier
    {
        public Task<NoticeResult> TellAsync(ChargeNotice notice, CancellationToken cancellation) => throw new NotSupportedException();
    }

    private sealed class SigningOnly : IPaymentGateway
    {
        public MerchantAccount Account => KeptLedger.Account;

        public RailTraits Traits { get; } = new()
        {
            Resend = Resend.SameOrder, RemembersOrders = Duration.FromDays(30), SettleDelay = Duration.FromMinutes(5), AbsenceProof = AbsenceProof.Query,
            CallTimeout = Duration.FromSeconds(30), Notice = new(2, 7), ChargeDelay = Duration.Zero, OpensAt = new(7, 0), ClosesAt = new(21, 50),
            SigningConsent = Duration.FromHours(11.5),
        };

        public int FreePermits(int wanted) => wanted;

        public Task<SigningAnswer> StartSigningAsync(SigningRequest request, CancellationToken cancellation) =>
            Task.FromResult<SigningAnswer>(new SigningAnswer.Ready(new SigningPage.QrCode("sign")));

        public Task<AgreementAnswer> QueryAgreementAsync(AgreementOrder agreement, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<AgreementAnswer> TerminateAgreementAsync(AgreementOrder agreement, string remark, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<RailNoticeAnswer> MovePlanAsync(AgreementOrder agreement, LocalDate next, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<RailNoticeAnswer> AnnounceAtRailAsync(RailNoticeOrder notice, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<ChargeAnswer> QueryChargeAsync(ChargeOrder order, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<ChargeAnswer> StopChargeAsync(ChargeOrder order, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<RefundAnswer> RefundAsync(RefundOrder refund, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<RefundAnswer> QueryRefundAsync(RefundOrder refund, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<StatementAnswer> ReadStatementAsync(LocalDate day, CancellationToken cancellation) => throw new NotSupportedException();

        public CallbackReading ReadCallback(Callback callback, Instant now) => throw new NotSupportedException();

        public CallbackReply ReplyTo(Callback callback, bool received, string reason) => throw new NotSupportedException();
    }
}
