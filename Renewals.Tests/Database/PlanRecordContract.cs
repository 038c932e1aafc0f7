using System.Runtime.Versioning;
using NodaTime;
using Npgsql;
using Renewals.Core.Calendar;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Tests.Support;

namespace Renewals.Tests.Database;

/// <summary>What every record of plans promises.</summary>
public abstract class PlanRecordContract
{
    private protected IPlanRecords Records { get; set; } = null!;

    [Fact]
    public async Task A_version_is_on_record_once_with_what_it_sold_first()
    {
        var first = ContentOf(Monthly);
        await Records.AddAsync([first], Samples.Now, default);
        await Records.AddAsync([ContentOf(Monthly with { Price = Money.Cny(1) }), ContentOf(Monthly with { Version = 2 })], Samples.Now + Duration.FromDays(1), default);
        await Records.AddAsync([ContentOf(Monthly with { Id = "Annual" })], Samples.Now, default);
        (await Records.ListAsync(default)).Select(record => (record.Content.Id, record.Content.Version, record.PublishedAt)).Should().Equal(
            ("Annual", 1, Samples.Now), ("monthly", 1, Samples.Now), ("monthly", 2, Samples.Now + Duration.FromDays(1)));
        (await Records.ListAsync(default))[1].Content.Should().Be(first);
    }

    [Fact]
    public async Task Publishing_adds_what_is_new_and_refuses_a_version_that_means_two_things_with_nothing_added()
    {
        var publisher = new PlanPublisher(Records, new EngineClock(TestHost.Clock()), MarketRules.MainlandChina);
        (await publisher.PublishAsync([Monthly], default)).Should().BeNull();
        (await publisher.PublishAsync([Monthly with { OnSale = false, Templates = new Dictionary<MerchantAccount, string> { [new("alipay", "2")] = "x" } }], default)).Should().BeNull("where it is on sale is not what it sells");
        (await publisher.PublishAsync([Monthly with { Id = "new" }, Monthly with { Renews = false }], default)).Should().Be(
            $"Plan 'monthly' version 1 is on record with other content since {Samples.Now}: raise its Version, or put its content back. Members who have it keep what they signed either way.");
        (await Records.ListAsync(default)).Should().ContainSingle();
        (await publisher.PublishAsync([Monthly with { Version = 2, Renews = false }], default)).Should().BeNull();

        (await publisher.SurveyAsync([Monthly with { Price = Money.Cny(9) }, Monthly with { Id = "new", OnSale = false }], default))
            .Select(plan => (plan.Id, plan.Version, plan.PublishedAt, plan.OnSale, plan.IsOther)).Should().Equal(
                ("monthly", 1, Samples.Now, true, true), ("monthly", 2, Samples.Now, false, false), ("new", 1, null, false, false));
    }

    private protected static Plan Monthly => TestHost.Monthly();

    private protected static PlanContent ContentOf(Plan plan) => PlanContent.Of(plan, MarketRules.MainlandChina);
}

/// <summary>The contract in memory, and what content is.</summary>
public sealed class InMemoryPlanRecordTests : PlanRecordContract
{
    public InMemoryPlanRecordTests() => Records = new InMemoryPlanRecords();

    [Fact]
    public void Content_is_everything_a_plan_says_in_the_order_of_names_but_whether_and_where_it_is_on_sale()
    {
        var content = ContentOf(Monthly with { Law = MarketRules.MainlandChina, Subject = "会员连续包月" });
        content.Json.Should().Contain("\"subject\":\"会员连续包月\"").And.Contain("\"renews\":true").And.Contain("\"minorUnits\":990")
            .And.NotContainEquivalentOf("onSale").And.NotContainEquivalentOf("templates");
        using var json = System.Text.Json.JsonDocument.Parse(content.Json);
        var names = json.RootElement.EnumerateObject().Select(field => field.Name).ToList();
        names.Should().Equal(names.Order(StringComparer.Ordinal));
        names.Should().HaveCount(typeof(Plan).GetProperties().Count(property => property.CanWrite) - 2, "a field that plans get later is content too");
        content.Hash.Should().Be(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(content.Json))));
    }

    [Fact]
    public void Every_field_changes_the_hash()
    {
        Plan[] others =
        [
            Monthly, Monthly with { Subject = "x" }, Monthly with { Interval = BillingInterval.Yearly }, Monthly with { Renews = false }, Monthly with { Price = Money.Cny(1) },
            Monthly with { FirstPeriodPrice = null }, Monthly with { ZoneId = "UTC" }, Monthly with { CatchUp = CatchUpPolicy.Ask }, Monthly with { Law = LawPacks.Get("none") },
            Monthly with { QuietHours = QuietHours.None }, Monthly with { Offers = new([new(3, Money.Cny(1))]) }, Monthly with { TrialDays = 7 }, Monthly with { GraceDays = 7 },
            Monthly with { WithdrawalDays = 7 }, Monthly with { AddOns = new([new("seat", "Seat", Money.Cny(1), 1)]) }, Monthly with { Ceiling = Money.Cny(9000) },
            Monthly with { PriceSilence = PriceSilence.End }, Monthly with { OnDispute = DisputeRule.GoOn }, Monthly with { StepDownPlan = "basic" },
        ];
        others.Select(plan => ContentOf(plan).Hash).Should().OnlyHaveUniqueItems();
        ContentOf(Monthly with { Law = MarketRules.MainlandChina }).Should().Be(ContentOf(Monthly), "the law counts, not who names it");
    }

    [Fact]
    public void What_an_earlier_program_wrote_without_later_fields_is_the_same_plan_while_they_have_their_defaults()
    {
        var earlier = ContentOf(Monthly);
        earlier = earlier with { Json = earlier.Json.Replace("\"catchUp\":\"current-period-only\",", "", StringComparison.Ordinal), Hash = new string('0', 64) };
        earlier.Json.Should().NotContain("catchUp");
        earlier.IsSameAs(ContentOf(Monthly)).Should().BeTrue();
        earlier.IsSameAs(ContentOf(Monthly with { CatchUp = CatchUpPolicy.Forgive })).Should().BeFalse();
        (earlier with { Json = "{}" }).IsSameAs(ContentOf(Monthly)).Should().BeFalse();
    }
}

/// <summary>The contract on PostgreSQL, where the database itself refuses a change.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class PostgresPlanRecordTests(PostgresFixture postgres) : PlanRecordContract, IAsyncLifetime
{
    private string connection = "";
    private NpgsqlDataSource database = null!;

    public async Task InitializeAsync()
    {
        database = NpgsqlDataSource.Create(connection = await postgres.CreateDatabaseAsync());
        Records = new PostgresPlanRecords(database);
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Theory]
    [InlineData("update renewals.plan_version set content = '{}'")]
    [InlineData("delete from renewals.plan_version")]
    [InlineData("truncate renewals.plan_version")]
    public async Task The_database_refuses_to_change_or_delete_what_is_on_record(string sql)
    {
        await Records.AddAsync([ContentOf(Monthly)], Samples.Now, default);
        await FluentActions.Awaiting(() => ExecuteAsync(sql)).Should().ThrowAsync<PostgresException>().WithMessage("*plan_version is insert-only*");
        (await Records.ListAsync(default)).Should().ContainSingle();
    }

    [Fact]
    public async Task An_older_database_gets_the_table_and_a_missing_guard_comes_back_at_the_next_start()
    {
        await ExecuteAsync("drop table renewals.plan_version; drop function renewals.refuse_change cascade");
        foreach (var spoil in new[] { "select", "drop trigger plan_version_no_delete on renewals.plan_version" })
        {
            await ExecuteAsync(spoil);
            await using var ledger = PostgresFixture.Open(connection);
            (await ledger.MigrateAsync(apply: false, default))!.IsNeeded.Should().BeTrue();
            await ledger.PrepareAsync(default);
            var left = await ledger.MigrateAsync(apply: false, default);
            left!.IsNeeded.Should().BeFalse(left.Sql);
            await Records.AddAsync([ContentOf(Monthly)], Samples.Now, default);
            await FluentActions.Awaiting(() => ExecuteAsync("delete from renewals.plan_version")).Should().ThrowAsync<PostgresException>();
        }
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
