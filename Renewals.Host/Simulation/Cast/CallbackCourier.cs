using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation.Cast;

/// <summary>What rails call back: repeated until it is acknowledged, and lost, late, out of order and twice.</summary>
internal sealed class CallbackCourier(SimWorld world)
{
    private static readonly Duration[] Plan =
    [
        Duration.FromSeconds(15), Duration.FromSeconds(30), Duration.FromMinutes(3), Duration.FromMinutes(10), Duration.FromMinutes(30),
        Duration.FromHours(1), Duration.FromHours(3), Duration.FromHours(6), Duration.FromHours(12),
    ];

    private static readonly Duration Patience = Duration.FromSeconds(6);
    private static readonly Dictionary<string, string> NoHeaders = [];

    private readonly Dictionary<long, Message> open = [];
    private long next;

    /// <summary>A rail has news.</summary>
    /// <param name="rail">Which.</param>
    /// <param name="reading">What it says, once it is verified.</param>
    public void Send(SimRail rail, Func<CallbackReading> reading)
    {
        var (dice, rate) = (world.Dice, world.Faults[Fault.Callback]);
        if (dice.Chance(0.03 * rate))
        {
            world.Reach.Saw(Mark.CallbackLost);
            return;
        }

        var message = new Message(next++, rail, reading);
        open.Add(message.Number, message);
        var wait = dice.Between(Duration.FromMilliseconds(100), Duration.FromSeconds(3));
        if (Happens(0.02 * rate, Mark.CallbackDelayed))
            wait = dice.Between(Duration.FromMinutes(1), Duration.FromDays(3));
        else if (Happens(0.04 * rate, Mark.CallbackReordered))
            wait = dice.Between(Duration.FromSeconds(5), Duration.FromMinutes(2));
        world.Schedule(wait, () => Deliver(message, 0));
        if (Happens(0.05 * rate, Mark.CallbackDuplicated))
            world.Schedule(dice.Chance(0.6) ? wait : wait + dice.Between(Duration.Zero, Duration.FromHours(1)), () => Deliver(message, 0));
    }

    /// <summary>What a callback says.</summary>
    public CallbackReading Read(Callback callback) => open.TryGetValue(BitConverter.ToInt64(callback.Body.Span), out var message)
        ? message.Reading()
        : new CallbackReading.Rejected("no such message");

    private bool Happens(double chance, Mark mark)
    {
        if (!world.Dice.Chance(chance))
            return false;
        world.Reach.Saw(mark);
        return true;
    }

    private void Deliver(Message message, int tries)
    {
        var answered = false;
        if (world.Engines.Pick(message.At) is { } engine)
        {
            if (message.At is { } other && other != engine)
                world.Reach.Saw(Mark.CallbacksAtOnceOnTwoEngines);
            message.At = engine;
            engine.Life.Run(
                async () =>
                {
                    answered = await ReceiveAsync(engine, message);
                    Left();
                },
                "a callback", Left);
            void Left()
            {
                if (message.At == engine)
                    message.At = null;
            }
        }

        world.Schedule(Patience, () => After(message, answered, tries));
    }

    private async Task<bool> ReceiveAsync(SimEngine engine, Message message)
    {
        await engine.Life.HopAsync();
        var reply = await engine.Desk.ReceiveAsync(message.Rail.Account, new(NoHeaders, BitConverter.GetBytes(message.Number)));
        if (engine.Life.DiesAt(Mark.CrashBeforeAcknowledgement))
            await EngineLife.Never;
        var taken = reply.Status == 200;
        if (engine.Life.DiesAt(Mark.CrashAfterAcknowledgement))
            await Task.CompletedTask;
        return taken;
    }

    private void After(Message message, bool answered, int tries)
    {
        if (message.At is { Life.Dead: true })
            message.At = null;
        if (!answered && tries < Plan.Length)
            world.Schedule(Plan[tries], () => Deliver(message, tries + 1));
    }

    private sealed class Message(long number, SimRail rail, Func<CallbackReading> reading)
    {
        public long Number => number;

        public SimRail Rail => rail;

        public Func<CallbackReading> Reading => reading;

        /// <summary>Who is taking it at this moment.</summary>
        public SimEngine? At { get; set; }
    }
}
