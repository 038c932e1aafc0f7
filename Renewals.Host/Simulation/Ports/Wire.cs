using NodaTime;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation.Ports;

/// <summary>What else belongs to a call that moves money.</summary>
/// <param name="Arrived">Told when a request arrived or was lost for good.</param>
/// <param name="MayRepeat">Asked when a try was lost: whether the adapter sends the same once more.</param>
internal sealed record MoneyCall(Action Arrived, Func<bool> MayRepeat);

/// <summary>One call to a rail and back: a request may be lost or late, and so may its answer.</summary>
internal sealed class Wire(SimWorld world, SimRail rail, EngineLife life)
{
    private static readonly Duration Quick = Duration.FromMilliseconds(40);
    private static readonly Duration Slow = Duration.FromSeconds(3);

    // A request that is late arrives when nobody waits for it any more, and before the rail's silence about it is believed.
    private static readonly Duration LatestArrival = Duration.FromMinutes(4);

    /// <summary>Calls.</summary>
    /// <param name="atRail">What happens where the request arrives.</param>
    /// <param name="unclear">What is made of no answer.</param>
    /// <param name="money">For a call that moves money.</param>
    public Task<T> CallAsync<T>(Func<T> atRail, Func<string, T> unclear, MoneyCall? money = null)
    {
        var done = new TaskCompletionSource<T>();
        Try(atRail, unclear, money, done, world.Now + rail.Traits.CallTimeout);
        return done.Task;
    }

    private void Try<T>(Func<T> atRail, Func<string, T> unclear, MoneyCall? money, TaskCompletionSource<T> done, Instant until)
    {
        var (dice, rate) = (world.Dice, world.Faults[Fault.Wire]);
        var there = Travel(Mark.RequestLate);
        if (world.Now < rail.DownUntil || dice.Chance(0.01 * rate))
        {
            world.Reach.Saw(Mark.RequestLost);
            money?.Arrived();
            Lost(atRail, unclear, money, done, until);
            return;
        }

        world.Schedule(there, () =>
        {
            money?.Arrived();
            var answer = atRail();
            if (dice.Chance(0.01 * rate))
            {
                world.Reach.Saw(Mark.AnswerLost);
                Lost(atRail, unclear, money, done, until);
                return;
            }

            var back = Travel(Mark.AnswerLate);
            var at = world.Now + back;
            if (at >= until)
                Complete(done, until, () => unclear("time-out"));
            else
                world.Schedule(back, () => Finish(done, answer));
        });
    }

    private Duration Travel(Mark late)
    {
        var dice = world.Dice;
        if (dice.Chance(0.005 * world.Faults[Fault.Wire]))
        {
            world.Reach.Saw(late);
            return dice.Between(Duration.FromSeconds(10), LatestArrival);
        }

        return dice.Between(Quick, dice.Chance(0.07) ? Slow : Quick + Quick);
    }

    private void Lost<T>(Func<T> atRail, Func<string, T> unclear, MoneyCall? money, TaskCompletionSource<T> done, Instant until)
    {
        var again = world.Now + Duration.FromSeconds(8);
        if (money is not null && again < until && !life.Dead && world.Dice.Chance(0.5) && money.MayRepeat())
            world.Schedule(again - world.Now, () => Try(atRail, unclear, money, done, until));
        else
            Complete(done, until, () => unclear("no answer"));
    }

    private void Complete<T>(TaskCompletionSource<T> done, Instant at, Func<T> answer) =>
        world.Schedule(Duration.Max(Duration.Zero, at - world.Now), () => Finish(done, answer()));

    private void Finish<T>(TaskCompletionSource<T> done, T answer)
    {
        if (!life.Dead)
            done.TrySetResult(answer);
    }
}
