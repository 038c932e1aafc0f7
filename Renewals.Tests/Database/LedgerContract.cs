using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Database;

/// <summary>What every ledger promises; the ledger in memory and the one on PostgreSQL both keep it.</summary>
public abstract partial class LedgerContract
{
    private static readonly Instant Now = Samples.Now;
    private static readonly Duration Minute = Duration.FromMinutes(1);

    internal ISubscriptionLedger Ledger { get; set; } = null!;

    /// <summary>Loses the reply of every commit from now on; null: no longer.</summary>
    protected abstract void LoseReplies(Action? fault);

    /// <summary>Makes the book's row unusable, and an event of the stream as well.</summary>
    protected abstract Task SpoilRowAndStreamAsync(SubscriptionId id);

    protected abstract Task SpoilRowAsync(SubscriptionId id);

    protected abstract Task RemoveRowAsync(SubscriptionId id);

    protected abstract Task MoveAlarmAsync(SubscriptionId id);

    [Fact]
    public async Task Two_sweeps_never_hold_the_same_membership()
    {
        await EnrolManyAsync(6);
        await using var first = await ClaimAsync(limit: 4);
        await using var second = await ClaimAsync(limit: 4);
        first.Rows.Should().HaveCount(4);
        second.Rows.Should().HaveCount(2);
        first.Rows.Select(row => row.Id).Should().NotIntersectWith(second.Rows.Select(row => row.Id));
        await using var third = await ClaimAsync();
        third.Rows.Should().BeEmpty();
    }

    [Fact]
    public async Task What_was_claimed_and_disposed_can_be_claimed_again()
    {
        await EnrolManyAsync(2);
        for (var time = 0; time < 3; time++)
        {
            await using var batch = await ClaimAsync();
            batch.Rows.Should().HaveCount(2);
        }
    }

    [Fact]
    public async Task Only_what_is_due_and_only_of_this_account_is_claimed()
    {
        await EnrolAsync(1, askAt: Now);
        await EnrolAsync(2, askAt: Now + Duration.FromNanoseconds(1));
        await EnrolAsync(3, askAt: Now, account: new("wechat", "2"));
        await using var batch = await ClaimAsync();
        batch.Rows.Select(row => row.Id).Should().Equal(Samples.IdOf(1));
    }

    [Fact]
    public async Task The_oldest_alarms_are_claimed_first()
    {
        for (var i = 1; i <= 6; i++)
            await EnrolAsync(i, askAt: Now - (i * Minute));
        await using var batch = await ClaimAsync(limit: 2);
        batch.Rows.Select(row => row.Id).Should().BeEquivalentTo([Samples.IdOf(6), Samples.IdOf(5)]);
    }

    [Fact]
    public async Task A_claim_keeps_others_away_until_it_runs_out_or_is_released()
    {
        var s = await EnrolAsync(1, askAt: Now);
        await CommitAsync(s, [], Now + (2 * Minute));
        (await ClaimableAsync(Now + Minute)).Should().Be(0);
        (await ClaimableAsync(Now + (2 * Minute))).Should().Be(1);
        await CommitAsync(s, [], null);
        (await ClaimableAsync(Now + Minute)).Should().Be(1);
    }

    [Fact]
    public async Task The_next_alarm_counts_what_is_being_carried_out_when_its_claim_runs_out()
    {
        (await Ledger.NextAlarmAsync(default)).Should().BeNull();
        var s = await EnrolAsync(1, askAt: Now);
        await EnrolAsync(2, askAt: Now + (5 * Minute));
        (await Ledger.NextAlarmAsync(default)).Should().Be(Now);
        await CommitAsync(s, [], Now + (2 * Minute));
        (await Ledger.NextAlarmAsync(default)).Should().Be(Now + (2 * Minute));
        await CommitAsync(s, [new Ended(EndReason.SignAbandoned, Now), new AgreementChanged(s.Agreement.Id, AgreementStatus.Abandoned, null, Now)], null);
        (await Ledger.NextAlarmAsync(default)).Should().Be(Now + (5 * Minute));
    }

    [Fact]
    public async Task A_decision_from_a_stale_version_is_refused_and_stores_nothing()
    {
        var s = await EnrolAsync(1);
        var other = await EnrolAsync(2);
        await CommitAsync(s, [new AgreementAsked(1, "first", Now + Minute, Now)], null);
        var stale = async () =>
        {
            await using var batch = await Ledger.OpenAsync([s.Id, other.Id], default);
            Write(batch, other, [new AgreementAsked(1, "beside it", Now + Minute, Now)], null);
            Write(batch, s, [new AgreementAsked(1, "second", Now + Minute, Now)], null);
            await batch.CommitAsync(default);
        };
        await stale.Should().ThrowAsync<LedgerConflictException>();
        (await Ledger.ReadEventsAsync(s.Id, default)).OfType<AgreementAsked>().Select(e => e.Answer).Should().Equal("first");
        (await Ledger.ReadEventsAsync(other.Id, default)).Should().HaveCount(1);
        await BookEqualsFoldAsync();
    }

    [Fact]
    public async Task A_membership_that_exists_is_not_begun_again()
    {
        await EnrolAsync(1);
        await RefusedAsync(Samples.Enrolled(Samples.IdOf(1), "m2"));
        (await Ledger.ReadEventsAsync(Samples.IdOf(1), default)).Should().HaveCount(1);
    }

    [Fact]
    public async Task A_second_success_of_one_charge_is_refused_also_from_the_right_version()
    {
        var life = Samples.Life(Samples.IdOf(1));
        var charged = life.OfType<Charged>().Single();
        var s = await StoreAsync(life.TakeWhile(e => e != charged).Append(charged));
        var again = charged with { RailTransaction = "T9" };
        var twice = () => CommitAsync(s, [again], null);
        await twice.Should().ThrowAsync<LedgerConflictException>();
        (await Ledger.ReadEventsAsync(s.Id, default)).OfType<Charged>().Should().ContainSingle();
        await BookEqualsFoldAsync();
    }

    [Fact]
    public async Task One_agreement_serves_one_membership()
    {
        await EnrolAsync(1);
        await RefusedAsync(Samples.Enrolled(Samples.IdOf(2), "m2", agreement: Samples.Enrolled(Samples.IdOf(1)).Agreement));
    }

    [Fact]
    public async Task A_member_signs_once_at_a_time_for_an_account_and_template()
    {
        var s = await EnrolAsync(1, "m1");
        await RefusedAsync(Samples.Enrolled(Samples.IdOf(2), "m1"));
        await StoreAsync([Samples.Enrolled(Samples.IdOf(3), "m1", template: "other")]);
        await StoreAsync([Samples.Enrolled(Samples.IdOf(4), "m1", account: new("wechat", "2"))]);
        await StoreAsync([Samples.Enrolled(Samples.IdOf(5), "m2")]);
        await CommitAsync(s, [new Ended(EndReason.SignAbandoned, Now)], null);
        await StoreAsync([Samples.Enrolled(Samples.IdOf(2), "m1")]);
    }

    [Fact]
    public async Task An_agreements_stream_is_guarded_by_its_version_and_stored_with_the_membership()
    {
        var s = await EnrolAsync(1);
        await WriteAgreementAsync(0, Samples.AgreementLife[0]);
        await WriteAgreementAsync(1, Samples.AgreementLife[1]);
        var stale = () => WriteAgreementAsync(1, Samples.AgreementLife[2]);
        await stale.Should().ThrowAsync<LedgerConflictException>();
        (await Ledger.FindAgreementAsync(Samples.Agreement, default))!.Version.Should().Be(2);
        (await Ledger.FindAgreementAsync(new(Guid.Empty), default)).Should().BeNull();

        async Task WriteAgreementAsync(long before, AgreementEvent e)
        {
            await using var batch = await Ledger.OpenAsync([s.Id], default);
            batch.WriteAgreement(Samples.Agreement, before, [e]);
            await batch.CommitAsync(default);
        }
    }

    [Fact]
    public async Task Memberships_of_a_member_are_found_newest_first()
    {
        var old = await EnrolAsync(2, "m1", template: "a");
        await CommitAsync(old, [new AgreementAsked(1, "", Now, Now), new Ended(EndReason.SignAbandoned, Now)], null);
        await StoreAsync([Samples.Enrolled(Samples.IdOf(1), "m1") with { SignBy = Now + Duration.FromDays(2) }]);
        await EnrolAsync(3, "m2");
        (await Ledger.FindOfMemberAsync("m1", Samples.Account, default)).Should().Equal(Samples.IdOf(1), Samples.IdOf(2));
        (await Ledger.FindOfMemberAsync("m1", new("wechat", "2"), default)).Should().BeEmpty();
    }

    [Fact]
    public async Task Every_membership_of_an_account_is_read_once_as_its_events_tell_it_but_one_that_cannot_be_read()
    {
        const int Many = 505;
        for (var number = 1; number <= Many; number++)
            await EnrolAsync(number);
        await EnrolAsync(Many + 1, account: new("wechat", "2"));
        await SpoilRowAsync(Samples.IdOf(2));
        await Ledger.ParkUnreadableAsync(Samples.IdOf(3), "cannot be folded", Now, default);
        List<Subscription> read = [];
        await foreach (var membership in Ledger.ReadMembershipsAsync(Samples.Account, default))
            read.Add(membership);
        read.Select(s => s.Id).Should().Equal(Enumerable.Range(1, Many).Where(number => number != 3).Select(Samples.IdOf));
        read[1].Should().BeEquivalentTo(await Ledger.FindAsync(Samples.IdOf(2), default));
    }

    [Fact]
    public async Task The_book_equals_the_fold_after_every_step_of_a_life()
    {
        var life = Samples.Life(Samples.IdOf(1));
        var s = await StoreAsync(life.Take(1));
        foreach (var e in life.Skip(1))
        {
            s = await CommitAsync(s, [e], null);
            await BookEqualsFoldAsync();
            await using var batch = await Ledger.OpenAsync([s.Id], default);
            LedgerJson.WriteState(batch.Rows.Single().State!).Should().Equal(LedgerJson.WriteState((await Ledger.FindAsync(s.Id, default))!));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_book_equals_the_fold_after_every_step_of_a_random_life(int seed)
    {
        var random = new Random(seed);
        var lives = Enumerable.Range(1, 4).ToDictionary(i => i, i => Samples.Life(Samples.IdOf(i)).Where(e => e is not (Enrolled or Charged or Requested or AgreementSwitched)).ToList());
        var states = new Dictionary<int, Subscription>();
        for (var step = 0; step < 30; step++)
        {
            var i = random.Next(1, 5);
            if (!states.TryGetValue(i, out var s))
                states[i] = await StoreAsync([Samples.Enrolled(Samples.IdOf(i), $"m{i}")]);
            else if (lives[i].Count > 2)
                states[i] = await CommitAsync(s, Take(lives[i]), random.Next(2) == 0 ? Now + Minute : null);
            await BookEqualsFoldAsync();
        }

        // Each event once: named events are refused a second time.
        IReadOnlyList<SubscriptionEvent> Take(List<SubscriptionEvent> left)
        {
            List<SubscriptionEvent> taken = [];
            for (var count = random.Next(1, 3); count > 0; count--)
            {
                var at = random.Next(left.Count);
                taken.Add(left[at]);
                left.RemoveAt(at);
            }

            return taken;
        }
    }
}
