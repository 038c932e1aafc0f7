using System.CommandLine;
using Renewals.Core.Engine;
using Renewals.Core.Subscriptions;
using Renewals.Host.Service;

namespace Renewals.Host.Commands;

/// <summary>The <c>park</c> and <c>unpark</c> commands: a person looks before a membership is announced or charged again, and says that it goes on.</summary>
internal static class ParkCommand
{
    private delegate Task<Subscription?> Change(Memberships memberships, SubscriptionId id, string by, string why, CancellationToken cancellation);

    /// <summary>Parks.</summary>
    public static Command CreatePark() => Create(
        "park", "Lets a person look at a membership first: no notice and no charge until it is unparked; questions, outcomes, refunds and cancels go on. Exit code 0: done; 1: it could not be done.",
        (memberships, id, by, why, cancellation) => memberships.ParkAsync(id, by, why, cancellation));

    /// <summary>Unparks.</summary>
    public static Command CreateUnpark() => Create(
        "unpark", "Says that a person has looked at a membership: it goes on. Exit code 0: done; 1: it could not be done.",
        (memberships, id, by, why, cancellation) => memberships.UnparkAsync(id, by, why, cancellation));

    private static Command Create(string name, string description, Change change)
    {
        var (id, by, why) = (Options.Membership(), Options.Kept("--by", "Who does it; kept."), Options.Kept("--reason", "Why; kept."));
        var (config, json) = (Options.Config(), new Option<bool>("--json") { Description = "Print the membership as JSON." });
        var command = new Command(name, description) { id, by, why, config, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var engine = await QuietEngine.OpenAsync(parsed.GetValue(config), account: null, cancellation);
            var membership = new SubscriptionId(Guid.Parse(parsed.GetValue(id)!));
            var after = await change(engine.Services.GetRequiredService<Memberships>(), membership, parsed.GetValue(by)!, parsed.GetValue(why)!, cancellation)
                ?? throw new CannotRunException($"There is no membership {membership} in this ledger.");
            if (parsed.GetValue(json))
                CommandJson.Print(new { Id = membership.ToString(), after.Status, after.Parked, after.Version });
            else
                Console.Out.WriteLine(after.Parked is { } reason ? $"{membership} is parked: {reason}." : $"{membership} goes on.");
            return 0;
        });
        return command;
    }
}
