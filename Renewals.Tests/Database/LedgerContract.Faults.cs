using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Database;

public abstract partial class LedgerContract
{
    [Fact]
    public async Task An_unreadable_membership_does_not_stop_its_batch_and_is_parked_by_itself()
    {
        await EnrolManyAsync(3);
        await SpoilRowAndStreamAsync(Samples.IdOf(2));
        await using (var batch = await ClaimAsync())
        {
            batch.Rows.Should().HaveCount(3);
            batch.Rows[1].State.Should().BeNull();
            batch.Rows[1].Fault.Should().NotBeNull();
            foreach (var row in batch.Rows.Where(row => row.State is not null))
                Write(batch, row.State!, [new AgreementAsked(1, "asked", Now + Minute, Now)], null);
            await batch.CommitAsync(default);
        }

        await Ledger.ParkUnreadableAsync(Samples.IdOf(2), "cannot be folded", Now, default);
        (await ClaimableAsync(Now)).Should().Be(0);
        await using var rest = await ClaimAsync(Now + Minute);
        rest.Rows.Select(row => row.Id).Should().Equal(Samples.IdOf(1), Samples.IdOf(3));
    }

    [Fact]
    public async Task Parking_the_unreadable_again_adds_nothing_and_it_can_be_taken_up_again()
    {
        var s = await EnrolAsync(1, askAt: Now);
        for (var i = 0; i < 3; i++)
            await Ledger.ParkUnreadableAsync(s.Id, "deciding failed", Now, default);
        (await Ledger.ReadEventsAsync(s.Id, default)).OfType<Parked>().Should().ContainSingle();
        await using (var batch = await Ledger.OpenAsync([s.Id], default))
        {
            var state = batch.Rows.Single().State!;
            state.Parked.Should().Be(ParkReason.Fault);
            Write(batch, state, [new Unparked("ann", "repaired", Now)], null);
            await batch.CommitAsync(default);
        }

        (await ClaimableAsync(Now)).Should().Be(1);
        await BookEqualsFoldAsync();
    }

    [Fact]
    public async Task A_spoilt_state_is_folded_again_from_its_events()
    {
        var s = await EnrolAsync(1, askAt: Now);
        await SpoilRowAsync(s.Id);
        await using (var batch = await ClaimAsync())
        {
            batch.Rows.Single().State.Should().BeEquivalentTo(s);
            Write(batch, s, [new AgreementAsked(1, "asked", Now + Minute, Now)], null);
            await batch.CommitAsync(default);
        }

        await BookEqualsFoldAsync();
    }

    [Fact]
    public async Task A_lost_reply_is_not_a_refusal_and_its_events_are_there()
    {
        var s = await EnrolAsync(1);
        LoseReplies(() => throw new IOException("the connection broke"));
        var lost = () => CommitAsync(s, [new AgreementAsked(1, "asked", Now + Minute, Now)], null);
        await lost.Should().ThrowAsync<CommitUnknownException>();
        LoseReplies(null);
        (await Ledger.ReadEventsAsync(s.Id, default)).Should().HaveCount(2);
        await BookEqualsFoldAsync();
    }

    [Fact]
    public async Task Opening_waits_for_the_holder_and_sees_what_it_wrote()
    {
        var s = await EnrolAsync(1);
        var first = await Ledger.OpenAsync([s.Id], default);
        var waiting = Task.Run(() => Ledger.OpenAsync([s.Id], default));
        await Task.Delay(100);
        waiting.IsCompleted.Should().BeFalse();
        Write(first, s, [new AgreementAsked(1, "asked", Now + Minute, Now)], null);
        await first.CommitAsync(default);
        await first.DisposeAsync();
        await using var second = await waiting;
        second.Rows.Single().State!.Version.Should().Be(2);
    }

    [Fact]
    public async Task Giving_up_while_waiting_gives_back_what_was_locked_already()
    {
        var (one, two) = (await EnrolAsync(1, askAt: Now), await EnrolAsync(2, askAt: Now));
        var holder = await Ledger.OpenAsync([two.Id], default);
        for (var i = 0; i < 15; i++)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(30));
            var impatient = () => Task.Run(() => Ledger.OpenAsync([one.Id, two.Id], patience.Token));
            await impatient.Should().ThrowAsync<OperationCanceledException>();
        }

        await holder.DisposeAsync();
        (await ClaimableAsync(Now)).Should().Be(2);
    }

    [Fact]
    public async Task Disposing_twice_does_not_give_back_somebody_elses_lock()
    {
        var s = await EnrolAsync(1, askAt: Now);
        var first = await ClaimAsync();
        await first.DisposeAsync();
        await using var second = await ClaimAsync();
        await first.DisposeAsync();
        (await ClaimableAsync(Now)).Should().Be(0);
        second.Rows.Single().Id.Should().Be(s.Id);
    }

    [Fact]
    public async Task Writers_that_name_their_memberships_in_opposite_order_do_not_deadlock()
    {
        var ids = (await EnrolManyAsync(4)).Select(s => s.Id).ToList();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            var mine = writer % 2 == 0 ? ids : [.. Enumerable.Reverse(ids)];
            for (var i = 0; i < 5; i++)
            {
                await using var batch = await Ledger.OpenAsync(mine, default);
                foreach (var row in batch.Rows)
                    Write(batch, row.State!, [new AgreementAsked(1, "asked", Now + Minute, Now)], null);
                await batch.CommitAsync(default);
            }
        })));
        foreach (var id in ids)
            (await Ledger.FindAsync(id, default))!.Version.Should().Be(41);
        await BookEqualsFoldAsync();
    }

    [Fact]
    public async Task An_id_without_a_stream_has_no_row()
    {
        await using var batch = await Ledger.OpenAsync([Samples.IdOf(9)], default);
        batch.Rows.Should().BeEmpty();
        (await Ledger.FindAsync(Samples.IdOf(9), default)).Should().BeNull();
        (await Ledger.ReadEventsAsync(Samples.IdOf(9), default)).Should().BeEmpty();
    }

    [Fact]
    public async Task Planted_differences_are_found_each_by_its_id()
    {
        await EnrolManyAsync(5);
        await BookEqualsFoldAsync();
        await SpoilRowAsync(Samples.IdOf(1));
        await RemoveRowAsync(Samples.IdOf(2));
        await MoveAlarmAsync(Samples.IdOf(3));
        await SpoilRowAndStreamAsync(Samples.IdOf(4));
        var differences = await Ledger.VerifyBookAsync(default);
        differences.Should().HaveCount(4);
        foreach (var spoilt in Enumerable.Range(1, 4))
            differences.Should().ContainSingle(d => d.Contains(Samples.IdOf(spoilt).ToString(), StringComparison.Ordinal));
    }

    private async Task<IReadOnlyList<Subscription>> EnrolManyAsync(int count)
    {
        List<Subscription> all = [];
        for (var i = 1; i <= count; i++)
            all.Add(await EnrolAsync(i, $"m{i}", askAt: Now));
        return all;
    }

    private Task<Subscription> EnrolAsync(int number, string? member = null, MerchantAccount? account = null, Instant? askAt = null, string template = "12535") =>
        StoreAsync([Samples.Enrolled(Samples.IdOf(number), member ?? $"m{number}", account, askAt, template)]);

    private async Task<Subscription> StoreAsync(IEnumerable<SubscriptionEvent> events)
    {
        var all = events.ToList();
        var after = Evolve.All(null, all)!;
        await using var batch = await Ledger.OpenAsync([after.Id], default);
        batch.Write(0, all, after, null);
        await batch.CommitAsync(default);
        return after;
    }

    private async Task RefusedAsync(Enrolled enrolled)
    {
        var begin = () => StoreAsync([enrolled]);
        await begin.Should().ThrowAsync<LedgerConflictException>();
        await BookEqualsFoldAsync();
    }

    private async Task<Subscription> CommitAsync(Subscription before, IReadOnlyList<SubscriptionEvent> events, Instant? claimedUntil)
    {
        await using var batch = await Ledger.OpenAsync([before.Id], default);
        var after = Write(batch, before, events, claimedUntil);
        await batch.CommitAsync(default);
        return after;
    }

    private static Subscription Write(ILedgerBatch batch, Subscription before, IReadOnlyList<SubscriptionEvent> events, Instant? claimedUntil)
    {
        var after = Evolve.All(before, events)!;
        batch.Write(before.Version, events, after, claimedUntil);
        return after;
    }

    private Task<ILedgerBatch> ClaimAsync(Instant? now = null, int limit = 100) => Ledger.ClaimDueAsync(Samples.Account, now ?? Now, limit, default);

    private async Task<int> ClaimableAsync(Instant now)
    {
        await using var batch = await ClaimAsync(now);
        return batch.Rows.Count;
    }

    private async Task BookEqualsFoldAsync() => (await Ledger.VerifyBookAsync(default)).Should().BeEmpty();
}
