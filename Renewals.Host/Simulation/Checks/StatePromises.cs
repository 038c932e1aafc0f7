using System.Text.Json;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;

namespace Renewals.Host.Simulation.Checks;

/// <summary>Deciding twice gives nothing: the alarm again, and every truth again that was just recorded.</summary>
internal sealed class DecidedTwice(SimWorld world) : Promise(world)
{
    public override string Name => "decided-twice";

    public override void Committed(bool isIntent, Track track, Subscription? before, IReadOnlyList<SubscriptionEvent> events)
    {
        if (events.Count == 0)
            return;
        DecisionContext At(MerchantAccount account) => new(events[^1].At, World.RailOf(account).Traits, World.EngineOptions.Value.Limits) { Account = account };
        var context = At(track.State.Account);

        // A charge that got no leave is laid aside; what else was due is decided without it. After a switch the other account's rail wakes it.
        if (isIntent)
            Again(track, new SubscriptionCommand.Wake(), At((before ?? track.State).Account) with { MayCharge = events.Any(e => e is Requested) });
        foreach (var e in events)
        {
            if (Retold(e) is { } command)
                Again(track, command, command is SubscriptionCommand.RecordCharge heard ? At(track.State.AccountOf(heard.Order)) : context);
        }
    }

    private static SubscriptionCommand? Retold(SubscriptionEvent e) => e switch
    {
        Charged x => new SubscriptionCommand.RecordCharge(x.Order, new(new ChargeOutcome.Succeeded(x.Amount, x.RailTransaction, x.PaidAt))),
        Overpaid x => new SubscriptionCommand.RecordCharge(x.Order, new(new ChargeOutcome.Succeeded(x.Amount, x.RailTransaction, x.PaidAt))),
        Failed x => new SubscriptionCommand.RecordCharge(x.Order, new(new ChargeOutcome.Declined(x.Reason, x.RailCode))),
        NotTaken { Order.IsRefund: false } x => new SubscriptionCommand.RecordCharge(x.Order, new(x.Outcome)),
        Asked { Order.IsRefund: false } x => new SubscriptionCommand.RecordCharge(x.Order, new(new ChargeOutcome.Unknown(x.Answer))),
        Refunded x => new SubscriptionCommand.RecordRefund(x.Order, x.RefundNumber, new RefundAnswer.Refunded(x.Amount, x.RailRefund, x.RefundedAt)),
        Cancelled x => new SubscriptionCommand.Cancel(x.By, x.Why, x.EffectiveAt <= x.At),
        Announced x => new SubscriptionCommand.RecordNotice(x.Notice.NoticeId, new NoticeResult.HandedOver(x.Notice.Receipt, x.Notice.HandedOverAt)),
        Reminded x => new SubscriptionCommand.RecordNotice(x.NoticeId, new NoticeResult.HandedOver(x.Receipt, x.HandedOverAt)),
        NoticeDelivered x => new SubscriptionCommand.RecordNotice(x.NoticeId, new NoticeResult.Delivered(x.Receipt, x.DeliveredAt)),
        NoticeBounced x => new SubscriptionCommand.RecordNotice(x.NoticeId, new NoticeResult.Bounced(x.Receipt, x.Why, x.BouncedAt)) { Channel = x.Channel },
        Unparked x => new SubscriptionCommand.Unpark(x.By, x.Why),
        Resumed x => new SubscriptionCommand.Resume(x.By, x.Why),
        CancelUndone x => new SubscriptionCommand.UndoCancel(x.By, x.Why),
        PriceOffered x => new SubscriptionCommand.OfferPrice(x.Offer),
        PriceAnswered x => new SubscriptionCommand.AnswerPrice(x.Offer, x.Answer == PriceAnswer.Yes, x.By),
        DisputeSettled x => new SubscriptionCommand.SettleDispute(x.Dispute, x.Won),
        BackupRetired x => new SubscriptionCommand.RetireBackup(x.Agreement, x.By, x.Why),
        AgreementSwitched { Reason: SwitchReason.Wished } x => new SubscriptionCommand.SwitchAgreement(x.To, x.By, x.Why),
        PaidElsewhere { AfterCutOver: true } x => new SubscriptionCommand.RecordOldPayments([new(x.RailTransaction, x.Amount, x.PaidAt, true)], IsAnswer: false, AllRead: false, "again"),
        CatchUpDecided x => new SubscriptionCommand.DecideCatchUp(x.As, x.By, x.Why),
        _ => null,
    };

    private void Again(Track track, SubscriptionCommand command, DecisionContext context)
    {
        var again = Decide.On(track.State, command, context);
        Hold(again.Count == 0, track.Id, $"{command.GetType().Name} decided twice gives {string.Join(", ", again.Select(e => e.GetType().Name))}");
    }
}

/// <summary>Folding twice gives equal states: the committed one, the book's, and the one replayed from the stored text.</summary>
internal sealed class FoldedTwice(SimWorld world) : Promise(world)
{
    private readonly Dictionary<SubscriptionId, (int Events, Subscription State)> folded = [];
    private int looks;

    public override string Name => "folded-twice";

    public override void Restored(Instant to) => folded.Clear();

    public override void Monthly()
    {
        looks++;
        if (World.Ledger.IsAway)
            return;
        foreach (var track in World.Ledger.Tracks)
        {
            var (count, state) = folded.GetValueOrDefault(track.Id);
            if (count == track.Events.Count && looks % 4 != 0)
                continue;
            for (; count < track.Events.Count; count++)
                state = Evolve.Next(state, track.Events[count]);
            folded[track.Id] = (count, state!);
            var difference = World.Ledger.Inner.RowOf(track.Id) is { } row ? row.DifferenceFrom(BookRow.Of(state!)) : "the book has no row";
            Hold(difference is null, track.Id, difference ?? "");
        }
    }

    public override void AtTheEnd()
    {
        Monthly();
        var differences = World.Ledger.Inner.VerifyBookAsync(CancellationToken.None).GetAwaiter().GetResult();
        Hold(differences.Count == 0, null, string.Join("; ", differences));

        // The way through the text costs as much as a year of the world: every fourth world goes it.
        if (World.Seed % 4 != 0)
            return;
        foreach (var track in World.Ledger.Tracks)
        {
            var replayed = Evolve.All(null, track.Events.Select(Stored))!;
            Hold(LedgerJson.WriteState(replayed).AsSpan().SequenceEqual(LedgerJson.WriteState(track.State)), track.Id, "the stored text replays to another state");
        }
    }

    private static SubscriptionEvent Stored(SubscriptionEvent e) => (SubscriptionEvent)JsonSerializer.Deserialize(
        JsonSerializer.SerializeToUtf8Bytes(e, e.GetType(), LedgerJson.Options), e.GetType(), LedgerJson.Options)!;
}

/// <summary>Our own code fails at nothing a world does to it.</summary>
internal sealed class EngineSound(SimWorld world) : Promise(world)
{
    public const string TheName = "engine-sound";

    public override string Name => TheName;

    public override void Committed(bool isIntent, Track track, Subscription? before, IReadOnlyList<SubscriptionEvent> events)
    {
        foreach (var e in events)
            Hold(e is not Parked { Reason: ParkReason.Fault }, track.Id, $"parked for a fault: {(e as Parked)?.Detail}");
    }
}
