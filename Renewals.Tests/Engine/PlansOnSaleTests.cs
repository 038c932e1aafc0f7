using System.Runtime.Versioning;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>A plan that is withdrawn goes on for those who have it, and a version means one thing for ever.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class PlansOnSaleTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Who_has_a_withdrawn_plan_renews_as_signed_and_nobody_signs_it_any_more()
    {
        var connection = await postgres.CreateDatabaseAsync();
        var time = TestHost.Clock();
        var rail = new ScriptedRail(time);
        SubscriptionId id;
        await using (var before = await TestHost.StartAsync(connection, time, rail))
            id = await before.SignAsync();

        // Withdrawn, then gone from the settings altogether.
        await using (var withdrawn = await TestHost.StartAsync(connection, time, rail, options => options.Plans[0] = options.Plans[0] with { OnSale = false }))
        {
            await CannotAsync(withdrawn, "Plan 'monthly' is not on sale any more: choose another plan, *");
            await withdrawn.Members.Invoking(m => m.ChangeAsync(id, new ChangeRequest("again", "monthly", "m", "a coupon for the plan one has"))).Should().NotThrowAsync();
            await withdrawn.SweepUntilAsync<Charged>(id, 3);
        }

        await using var gone = await TestHost.StartAsync(connection, time, rail, options => options.Plans[0] = options.Plans[0] with { Id = "other", Price = Money.Cny(1) });
        await CannotAsync(gone, "There is no plan 'monthly'*");
        await gone.SweepUntilAsync<Charged>(id, 6);
        (await gone.EventsAsync<Charged>(id)).Select(charged => charged.Amount.MinorUnits).Should().Equal(990, 2500, 2500, 2500, 2500, 2500);
        rail.Notices.Should().HaveCount(5);
        (await gone.Ledger.FindAsync(Samples.IdOf(2), default)).Should().BeNull("what cannot be signed stores nothing");
        await gone.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task A_start_with_other_content_under_a_version_on_record_is_refused_and_one_with_a_new_version_is_not()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using (await TestHost.StartAsync(connection))
        {
        }

        var dearer = () => TestHost.StartAsync(connection, null, null, options => options.Plans[0] = options.Plans[0] with { Price = Money.Cny(9900) });
        await dearer.Should().ThrowAsync<OptionsValidationException>().WithMessage("Plan 'monthly' version 1 is on record with other content since *: raise its Version*");
        await using var raised = await TestHost.StartAsync(connection, null, null, options => options.Plans[0] = options.Plans[0] with { Price = Money.Cny(9900), Version = 2 });
        (await raised.Members.SignAsync(TestHost.Request(1))).Should().BeOfType<SignResult.Ready>();
        (await raised.FindAsync(Samples.IdOf(1))).Terms.Should().Match<Terms>(terms => terms.PlanVersion == 2 && terms.Price.MinorUnits == 9900);
    }

    private static async Task CannotAsync(TestHost host, string sentence)
    {
        var sign = () => host.Members.SignAsync(TestHost.Request(2));
        await sign.Should().ThrowAsync<CannotSignException>().WithMessage(sentence);
    }
}
