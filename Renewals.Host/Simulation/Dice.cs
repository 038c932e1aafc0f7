using System.Text;
using NodaTime;

namespace Renewals.Host.Simulation;

/// <summary>A stream of chance from a seed and a purpose (SplitMix64). Streams of different purposes do not disturb each other.</summary>
internal sealed class Dice(ulong seed)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong state = seed;

    /// <summary>The stream of a purpose.</summary>
    public static Dice Of(ulong seed, string purpose, ulong number = 0)
    {
        unchecked
        {
            var hash = 14695981039346656037UL;
            foreach (var one in Encoding.UTF8.GetBytes(purpose))
                hash = (hash ^ one) * 1099511628211UL;
            return new(Mix(Mix(seed + Golden) ^ Mix(hash + (number * Golden))));
        }
    }

    public ulong Next()
    {
        unchecked
        {
            state += Golden;
            return Mix(state);
        }
    }

    /// <summary>A number in [0, below).</summary>
    public int Below(int below) => (int)(Next() % (ulong)below);

    /// <summary>A number in [0, 1).</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => probability > 0 && Unit() < probability;

    /// <summary>A time between two.</summary>
    public Duration Between(Duration least, Duration most) => Duration.FromTicks(least.TotalTicks + (Unit() * (most - least).TotalTicks));

    /// <summary>The wait for something that happens once in a while, at any moment alike.</summary>
    public Duration Until(Duration mean) => Duration.FromTicks(Math.Max(1, -Math.Log(1 - Unit()) * mean.TotalTicks));

    public T Of<T>(IReadOnlyList<T> list) => list[Below(list.Count)];

    /// <summary>128 bits for a name.</summary>
    public Guid Name()
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, Next());
        BitConverter.TryWriteBytes(bytes[8..], Next());
        return new(bytes);
    }

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
