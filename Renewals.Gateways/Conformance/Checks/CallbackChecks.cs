using System.Text;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using static Renewals.Gateways.Conformance.Trial;

namespace Renewals.Gateways.Conformance;

/// <summary>A callback is believed when it is the rail's and only then, and says the same however often and in whatever order it comes.</summary>
internal static class CallbackChecks
{
    private const int EveryNthByte = 7;

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("callback-is-the-truth", "Genuine callbacks of a payment and a refund are read, and say what the bank did.", TruthAsync),
        new("callback-duplicate", "A callback read again, also by another process, says the same.", trial => AgainAsync(trial, callbacks => callbacks)),
        new("callback-reordered", "Callbacks say the same in whatever order they come.", trial => AgainAsync(trial, callbacks => callbacks.Reverse())),
        new("callback-forged", "A callback altered on its way is rejected, or says nothing else than the genuine one.", ForgedAsync),
        new("callback-unsigned", "A callback without the rail's signature is rejected.", UnsignedAsync),
        new("callback-stale", "A callback whose signed time is too old is rejected.", StaleAsync, NoTime),
        new("callback-garbage", "What is no callback at all is rejected; nothing is thrown.", GarbageAsync),
        new("callback-answered", "A callback answered with 'not received' comes again; answered with 'received', it does not.", AnsweredAsync),
    ];

    /// <summary>Lets the rail call back about a payment and a refund.</summary>
    private static async Task<(ChargeOrder Order, RefundOrder Refund)> CalledBackAsync(Trial trial)
    {
        var (order, paid) = await trial.PaidAsync();
        var refund = trial.Refund(order, paid, order.Amount.MinorUnits / 2);
        await trial.RefundAsync(refund);
        await trial.RefundedAsync(refund);
        await trial.AdvanceAsync(Duration.FromMinutes(5));
        Require(trial.Stage.Callbacks.Any(callback => Read(trial, callback) is CallbackReading.OfCharge), "no callback about the payment came, or none was believed");
        return (order, refund);
    }

    private static CallbackReading Read(Trial trial, StageCallback came) => Read(trial, came.Callback, came.At);

    private static CallbackReading Read(Trial trial, Callback callback, Instant now)
    {
        try
        {
            return trial.Adapter.ReadCallback(callback, now);
        }
        catch (Exception thrown)
        {
            throw new BrokenPromiseException($"ReadCallback threw {thrown.GetType().Name}: {thrown.Message}");
        }
    }

    private static async Task TruthAsync(Trial trial)
    {
        var (order, refund) = await CalledBackAsync(trial);
        var ledger = await trial.LedgerAsync();
        foreach (var came in trial.Stage.Callbacks)
        {
            var reading = Read(trial, came);
            Require(reading is not CallbackReading.Rejected, $"a genuine callback was rejected: {(reading as CallbackReading.Rejected)?.Why}");
            if (reading is CallbackReading.OfCharge { Answer.Outcome: ChargeOutcome.Succeeded said } charge)
            {
                var line = ledger.SingleOrDefault(line => line.RefundNumber is null && line.OrderNumber == charge.OrderNumber);
                Require(charge.OrderNumber == order.Number.ToString(), $"it was about {charge.OrderNumber}, which nobody ordered");
                Require((said.Amount, said.RailTransaction) == (line?.Amount, line?.RailTransaction), $"it said {said}, the bank has {line}");
            }

            if (reading is CallbackReading.OfRefund { Answer: RefundAnswer.Refunded back } of)
                Require((of.RefundNumber, back.Amount) == (refund.Number.ToString(), refund.Amount), $"it said {of}, the bank gave back {refund.Amount}");
        }
    }

    private static async Task AgainAsync(Trial trial, Func<IEnumerable<StageCallback>, IEnumerable<StageCallback>> order)
    {
        await CalledBackAsync(trial);
        var callbacks = trial.Stage.Callbacks;
        var first = callbacks.ToDictionary(came => came, came => Read(trial, came));
        for (var round = 0; round < 2; round++)
        {
            foreach (var came in order(callbacks))
                Require(Read(trial, came) == first[came], $"first it said {first[came]}, then {Read(trial, came)}");
            await trial.RestartAsync();
        }
    }

    private static async Task ForgedAsync(Trial trial)
    {
        await CalledBackAsync(trial);
        foreach (var came in trial.Stage.Callbacks)
        {
            var genuine = Read(trial, came);
            foreach (var (forged, how) in Forgeries(came.Callback))
            {
                var reading = Read(trial, forged, came.At);
                Require(reading is CallbackReading.Rejected || reading == genuine, $"with {how} altered it was believed, and said {reading}");
            }
        }
    }

    // All digits, because amounts and numbers are made of them, and a part of everything else.
    private static IEnumerable<(Callback Forged, string How)> Forgeries(Callback genuine)
    {
        for (var i = 0; i < genuine.Body.Length; i++)
        {
            if (!char.IsAsciiDigit((char)genuine.Body.Span[i]) && i % EveryNthByte != 0)
                continue;
            var body = genuine.Body.ToArray();
            body[i] ^= 1;
            yield return (genuine with { Body = body }, $"byte {i}");
        }

        foreach (var (name, value) in genuine.Headers)
        {
            var headers = genuine.Headers.ToDictionary(header => header.Key, header => header.Value, StringComparer.OrdinalIgnoreCase);
            headers[name] = value.Length == 0 ? "x" : $"{value[..^1]}{(char)(value[^1] ^ 1)}";
            yield return (genuine with { Headers = headers }, $"header {name}");
        }
    }

    private static async Task UnsignedAsync(Trial trial)
    {
        await CalledBackAsync(trial);
        foreach (var came in trial.Stage.Callbacks)
        {
            var unsigned = trial.Stage.WithoutSignature(came.Callback);
            Require(!Same(unsigned, came.Callback), "the stage took no signature out");
            var reading = Read(trial, unsigned, came.At);
            Require(reading is CallbackReading.Rejected, $"without a signature it was believed, and said {reading}");
        }
    }

    private static bool Same(Callback one, Callback other) =>
        one.Body.Span.SequenceEqual(other.Body.Span) && one.Headers.Count == other.Headers.Count
        && one.Headers.All(header => other.Headers.TryGetValue(header.Key, out var value) && value == header.Value);

    private static string? NoTime(RailTraits traits) =>
        traits.CallbacksFreshFor is null ? "CallbacksFreshFor is null: the rail signs no time of sending" : null;

    private static async Task StaleAsync(Trial trial)
    {
        await CalledBackAsync(trial);
        var fresh = trial.Traits.CallbacksFreshFor!.Value;
        var timed = trial.Stage.Callbacks.Where(came => came.CarriesTime).ToList();
        Require(timed.Count > 0, "CallbacksFreshFor is set, and no callback that carries a time came");
        foreach (var came in timed)
        {
            Require(Read(trial, came) is not CallbackReading.Rejected, "a fresh callback was rejected");
            foreach (var age in (Duration[])[fresh + Duration.FromMinutes(1), fresh + Duration.FromDays(1), fresh + Duration.FromDays(400)])
            {
                var reading = Read(trial, came.Callback, came.At + age);
                Require(reading is CallbackReading.Rejected, $"CallbacksFreshFor is {fresh}; {age} old it was believed, and said {reading}");
            }
        }
    }

    private static async Task GarbageAsync(Trial trial)
    {
        await CalledBackAsync(trial);
        foreach (var came in trial.Stage.Callbacks)
        {
            var body = came.Callback.Body;
            byte[][] wrongs =
            [
                [], [0], "{}"u8.ToArray(), "<xml></xml>"u8.ToArray(), "a=b&c"u8.ToArray(), Encoding.UTF8.GetBytes(new string('[', 4096)),
                body[..(body.Length / 2)].ToArray(), [.. body.Span, .. body.Span],
            ];
            foreach (var wrong in wrongs)
            {
                var reading = Read(trial, came.Callback with { Body = wrong }, came.At);
                Require(reading is CallbackReading.Rejected, $"a body of {wrong.Length} bytes that is none was believed, and said {reading}");
            }

            var bare = Read(trial, new(new Dictionary<string, string>(), "{"u8.ToArray()), came.At);
            Require(bare is CallbackReading.Rejected, $"a bare brace was believed, and said {bare}");
        }
    }

    private static async Task AnsweredAsync(Trial trial)
    {
        var order = await trial.NewOrderAsync();
        trial.Stage.Reply = callback => trial.Adapter.ReplyTo(callback, received: false, "busy");
        await trial.ChargeAsync(order);
        await trial.PaidAsync(order);
        Require(await ComesAsync(trial, order, atLeast: 2), "a callback answered with 'not received' did not come again within a day");
        trial.Stage.Reply = null;
        var refused = Count(trial, order);
        Require(await ComesAsync(trial, order, refused + 1), $"refused {refused} times it came no more");
        var taken = Count(trial, order);
        await trial.AdvanceAsync(Duration.FromDays(2));
        Require(Count(trial, order) == taken, $"answered with 'received', it came {Count(trial, order) - taken} times more");
    }

    private static async Task<bool> ComesAsync(Trial trial, ChargeOrder order, int atLeast)
    {
        for (var minutes = 0; minutes < 24 * 60 && Count(trial, order) < atLeast; minutes++)
            await trial.AdvanceAsync(Duration.FromMinutes(1));
        return Count(trial, order) >= atLeast;
    }

    private static int Count(Trial trial, ChargeOrder order) => trial.Stage.Callbacks.Count(came =>
        Read(trial, came) is CallbackReading.OfCharge charge && charge.OrderNumber == order.Number.ToString());
}
