using System.Runtime.Versioning;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;
using Renewals.Core.Agreements;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>What is said of agreements: how many were confirmed in time, which were not, which nobody has, and what cannot be known.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class AgreementSurveyTests(PostgresFixture postgres)
{
    private static readonly Callback Empty = new(new Dictionary<string, string>(), ReadOnlyMemory<byte>.Empty);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Agreements_the_rail_confirmed_in_time_are_counted_and_the_others_are_named(bool onPostgres)
    {
        await using var host = await StartAsync(onPostgres);
        for (var number = 1; number <= 3; number++)
            await host.SignAsync(number);
        (await SurveyAsync(host)).Should().BeEquivalentTo(new { InForce = 3, Confirmed = 3, Unconfirmed = 0, Doubtful = Array.Empty<object>() });

        // The third is asked about in vain until its confirmation is older than thirty days.
        var third = (await host.FindAsync(Samples.IdOf(3))).Agreement;
        host.Rail.OnQueryAgreement = order => order.Agreement == third.Id
            ? new AgreementAnswer.Unknown("time-out")
            : new AgreementAnswer.Active("contract-" + order.Agreement, null, Samples.Now, null);
        await host.SweepUntilAsync<Charged>(Samples.IdOf(3), 2);
        host.Time.Advance(TimeSpan.FromDays(4));
        await host.SweepAsync();

        var report = await SurveyAsync(host);
        (report.InForce, report.Confirmed, report.Unconfirmed).Should().Be((3, 2, 1));
        report.OldestConfirmation.Should().Be(third.VerifiedAt);
        var doubt = report.Doubtful.Should().ContainSingle().Subject;
        (doubt.Agreement, doubt.Subscription, doubt.Status, doubt.ConfirmedAt).Should().Be((third.Id, Samples.IdOf(3), AgreementStatus.Active, third.VerifiedAt));
        (doubt.AskedAt > third.VerifiedAt).Should().BeTrue("it was asked, there was no answer");
        report.CannotBeKnown.Should().ContainSingle().Which.Should().Contain("no rail lists its agreements");
    }

    [Fact]
    public async Task A_suspended_agreement_is_named_and_one_that_is_over_is_not_counted()
    {
        await using var host = await StartAsync(onPostgres: false);
        var (suspended, ended) = (await host.SignAsync(1), await host.SignAsync(2));
        var first = (await host.FindAsync(suspended)).Agreement.Id;
        host.Rail.OnQueryAgreement = order => order.Agreement == first
            ? new AgreementAnswer.Suspended("STOP")
            : new AgreementAnswer.Terminated(TerminationMode.Member, Samples.Now + Duration.FromDays(3));
        await host.SweepUntilAsync<Ended>(ended);
        var report = await SurveyAsync(host);
        (report.InForce, report.Suspended).Should().Be((0, 1));
        report.Doubtful.Should().ContainSingle().Which.Status.Should().Be(AgreementStatus.Suspended);
    }

    [Fact]
    public async Task Of_a_rail_that_cannot_be_asked_the_report_says_that_it_cannot_be_known_and_doubts_nobody()
    {
        await using var host = await TestHost.StartAsync();
        await host.SignAsync();
        host.Time.Advance(TimeSpan.FromDays(45));
        var report = await SurveyAsync(host);
        (report.InForce, report.Doubtful.Count).Should().Be((1, 0));
        report.CannotBeKnown.Should().HaveCount(2).And.Contain(sentence => sentence.Contains("this rail cannot be asked"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_agreement_that_no_membership_has_is_listed_until_the_rail_says_that_it_is_over(bool onPostgres)
    {
        await using var host = await StartAsync(onPostgres);
        await host.SignAsync();
        await TellAsync(host, "13800138000-member", new AgreementAnswer.Active("contract-of-another-system", null, Samples.Now, null));
        host.Time.Advance(TimeSpan.FromDays(1));
        await TellAsync(host, "13800138000-member", new AgreementAnswer.Active("contract-of-another-system", null, Samples.Now, null));
        await TellAsync(host, Samples.Agreement.SigningCode, new AgreementAnswer.Active("contract-of-a-lost-ledger", null, Samples.Now, null));

        var report = await SurveyAsync(host);
        report.Orphans.Select(orphan => (orphan.SigningCode, orphan.RailAgreementId, (orphan.LastSeen - orphan.FirstSeen).Days)).Should().Equal(
            ("13800138000-member", "contract-of-another-system", 1), (Samples.Agreement.SigningCode, "contract-of-a-lost-ledger", 0));
        host.Rail.Orders.Should().ContainSingle("an agreement that no membership has is never charged");
        host.Rail.OnStatement = _ => new StatementAnswer.Ready(ReadOnlyMemory<byte>.Empty, []);
        var day = Samples.Now.InUtc().Date;
        (await host.Services.GetRequiredService<Reconciler>().RunAsync(Samples.Account, day)).KnownOrphans.Should().Be(2);

        await TellAsync(host, "13800138000-member", new AgreementAnswer.Terminated(TerminationMode.Platform, null));
        await TellAsync(host, "never seen", new AgreementAnswer.Terminated(TerminationMode.Platform, null));
        (await SurveyAsync(host)).Orphans.Should().ContainSingle().Which.RailAgreementId.Should().Be("contract-of-a-lost-ledger");
    }

    [Fact]
    public async Task What_is_kept_of_an_orphan_names_nobody_to_who_reads_the_table()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var host = await TestHost.StartAsync(connectionString);
        await TellAsync(host, "13800138000-member", new AgreementAnswer.Active("contract-of-another-system", null, Samples.Now, null));
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var command = database.CreateCommand("select row_to_json(o)::text, sealed from renewals.orphan_agreement o");
        await using var reader = await command.ExecuteReaderAsync();
        (await reader.ReadAsync()).Should().BeTrue();
        var text = reader.GetString(0) + Encoding.Latin1.GetString(reader.GetFieldValue<byte[]>(1));
        text.Should().NotContain("13800138000").And.NotContain("contract-of");
    }

    private async Task<TestHost> StartAsync(bool onPostgres)
    {
        var time = TestHost.Clock();
        var rail = new ScriptedRail(time);
        rail.Traits = rail.Traits with { CanAskForAgreements = true };
        return await TestHost.StartAsync(onPostgres ? await postgres.CreateDatabaseAsync() : null, time, rail);
    }

    private static Task<AgreementReport> SurveyAsync(TestHost host) => host.Services.GetRequiredService<AgreementSurvey>().RunAsync(Samples.Account);

    private static async Task TellAsync(TestHost host, string signingCode, AgreementAnswer answer)
    {
        host.Rail.OnCallback = _ => new CallbackReading.OfAgreement(signingCode, answer);
        (await host.Callbacks.ReceiveAsync(Samples.Account, Empty)).Status.Should().Be(200);
    }
}
