using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Demo;

/// <summary>A member who does more than renew, and whose timeline the demo prints.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Member">Who.</param>
/// <param name="Steps">What is asked for, and when.</param>
internal sealed record DemoStory(string Title, DemoMember Member, IReadOnlyList<StoryStep> Steps)
{
    /// <summary>Renewals that would begin from here …</summary>
    public Instant? PausedFrom { get; init; }

    /// <summary>… to here are passed over by the member's own wish.</summary>
    public Instant? PausedUntil { get; init; }
}

/// <summary>One thing a member, or the merchant, asks for.</summary>
/// <param name="At">When.</param>
/// <param name="AskAsync">What.</param>
internal sealed record StoryStep(Instant At, Func<DemoCast, CancellationToken, Task> AskAsync);

/// <summary>Gives stories to members who sign a month plan and stay: an offer, an upgrade, a pause, a price rise, a second agreement.</summary>
internal static class DemoStories
{
    /// <summary>The plan of those who will change something; its ceiling leaves room.</summary>
    public const string Classic = "classic";

    /// <summary>The dearer plan.</summary>
    public const string Plus = "plus";

    /// <summary>The plan with an offer over several periods (前三月).</summary>
    public const string ThreeAtNineNinety = "monthly-three-at-9.9";

    private const int LeastMonths = 6;

    private static readonly string[] Wallets = ["wechat", "alipay"];

    /// <summary>Members with the plans their stories need, and the stories.</summary>
    /// <param name="draws">Says who is ever declined: those have other worries.</param>
    /// <param name="members">Everybody; who gets a story is found among them.</param>
    /// <param name="rails">The rails there are; a second agreement needs two that members sign at in a wallet.</param>
    /// <param name="months">How long the demo lasts.</param>
    public static (IReadOnlyList<DemoMember> Members, IReadOnlyList<DemoStory> Stories) GiveTo(
        Draws draws, IReadOnlyList<DemoMember> members, IReadOnlyList<string> rails, int months)
    {
        var free = months < LeastMonths ? [] : members.Where(member => IsFit(draws, member, months)).ToList();
        Func<DemoMember, DemoStory>[] kinds = [Offer, Upgrade, Pause, PriceRise];
        List<DemoStory> stories = [.. kinds.Zip(free, (tell, member) => tell(member))];
        if (Wallets.All(rails.Contains) && free.Skip(kinds.Length).FirstOrDefault(member => Wallets.Contains(member.Rail)) is { } last)
            stories.Add(SecondAgreement(last, Wallets.First(rail => rail != last.Rail)));
        var told = stories.ToDictionary(story => story.Member.Name, story => story.Member, StringComparer.Ordinal);
        return ([.. members.Select(member => told.GetValueOrDefault(member.Name, member))], stories);
    }

    private static bool IsFit(Draws draws, DemoMember member, int months) => member is { Months: 1, LeavesAt: null, KeepsRenewal: true, PaysWhileSigning: false }
        && Enumerable.Range(1, months).All(ordinal => !draws.IsDeclined(member.Name, new Charge(member.Id, ordinal == 1 ? ChargeKind.First : ChargeKind.Renewal, ordinal).Attempt(1)));

    private static DemoStory Offer(DemoMember member) => new("three months at 9.90, then the full price", member with { PlanId = ThreeAtNineNinety }, []);

    private static DemoStory Upgrade(DemoMember member) => new(
        "an upgrade in the middle of a month: the difference comes with the next charge", member with { PlanId = Classic },
        [
            new(After(member, 2, 10), (cast, cancellation) => cast.World.Memberships.ChangeAsync(
                member.Id, new ChangeRequest("upgrade", Plus, "member", "wants more") { When = ChangeTiming.Now }, cancellation)),
        ]);

    private static DemoStory Pause(DemoMember member)
    {
        var zone = RenewalZones.Get(RenewalZones.Shanghai);
        var anchor = member.SignsAt.InZone(zone).Date;
        var (from, until) = (anchor.PlusMonths(3), anchor.PlusMonths(5).PlusDays(-3));
        return new(
            "a pause of two months: nothing is charged for what would begin meanwhile", member with { PlanId = Classic },
            [new(After(member, 2, 10), (cast, cancellation) => cast.World.Memberships.PauseAsync(member.Id, null, until, false, "member", "travels", cancellation))])
        {
            PausedFrom = zone.AtStartOfDay(from).ToInstant(), PausedUntil = zone.AtStartOfDay(until).ToInstant(),
        };
    }

    private static DemoStory PriceRise(DemoMember member)
    {
        var (told, answers) = (After(member, 2, 4), After(member, 2, 8));
        var rise = new PriceCampaign("dearer", Classic, 2, Money.Cny(2_800), told + Duration.FromDays(40), told + Duration.FromDays(30));
        return new(
            "a price rise: told, agreed to, and charged from the day it said", member with { PlanId = Classic },
            [
                new(told, async (cast, cancellation) => await cast.World.Campaigns.OfferAsync(member.Id, rise, cancellation)),
                new(answers, (cast, cancellation) => cast.World.Memberships.AnswerPriceAsync(member.Id, rise.Name, true, "member", cancellation)),
            ]);
    }

    private static DemoStory SecondAgreement(DemoMember member, string other) => new(
        "a second agreement at another rail takes over when the first has run out", member,
        [
            new(After(member, 1, 10), (cast, cancellation) => cast.SignAnotherAsync(member, other, cancellation)),
            new(After(member, 2, 10), (cast, cancellation) => cast.RunOutAsync(member, cancellation)),
        ]);

    // In the afternoon: the member is awake, and what was due in the morning is done.
    private static Instant After(DemoMember member, int months, int days)
    {
        var zone = RenewalZones.Get(RenewalZones.Shanghai);
        return zone.AtLeniently(member.SignsAt.InZone(zone).Date.PlusMonths(months).PlusDays(days) + new LocalTime(15, 0)).ToInstant();
    }
}

/// <summary>A story as it was lived, in the member's words.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Member">Who.</param>
/// <param name="Rail">Where.</param>
/// <param name="Lines">What the member reads, with the days.</param>
internal sealed record ToldStory(string Title, string Member, string Rail, IReadOnlyList<string> Lines)
{
    /// <summary>Reads the stories from the ledger.</summary>
    public static async Task<IReadOnlyList<ToldStory>> ReadAsync(DemoWorld world, IReadOnlyList<DemoStory> stories, CancellationToken cancellation)
    {
        var words = new TimelineWords("en", RenewalZones.Shanghai);
        List<ToldStory> told = [];
        foreach (var story in stories)
        {
            var timeline = Timeline.Of(await world.Ledger.ReadEventsAsync(story.Member.Id, cancellation));
            told.Add(new(story.Title, story.Member.Name, story.Member.Rail, [.. timeline.Select(entry => $"{words.Day(entry.At)}: {words.Of(entry)}")]));
        }

        return told;
    }
}
