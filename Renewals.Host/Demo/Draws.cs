using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Demo;

/// <summary>Everything by chance in the demo: hashes of (seed, member, charge, attempt, purpose), never of the order of calls.</summary>
internal sealed class Draws(int seed)
{
    private static readonly (double UpTo, DeclineReason Reason)[] Declines =
    [
        (0.70, DeclineReason.InsufficientFunds), (0.80, DeclineReason.LimitReached), (0.93, DeclineReason.BankFault), (0.97, DeclineReason.Other),
        (1.0, DeclineReason.AccountAbnormal),
    ];

    /// <summary>A number in [0, 1).</summary>
    public double Of(string member, string purpose, int charge = 0, int attempt = 0) =>
        (Hash(member, purpose, charge, attempt) >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number in [0, below).</summary>
    public int Below(int below, string member, string purpose, int charge = 0) => (int)(Hash(member, purpose, charge, 0) % (ulong)below);

    /// <summary>The name of a member's subscription.</summary>
    public SubscriptionId Subscription(string member)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{member}/subscription"));
        return new(new Guid(hash.AsSpan(0, 16), bigEndian: true));
    }

    /// <summary>Whether an attempt of a renewal is declined. First payments are not.</summary>
    public bool IsDeclined(string member, OrderNumber order) =>
        order.Charge.Kind == ChargeKind.Renewal && Of(member, "decline", order.Charge.Ordinal, order.Attempt) < (order.Attempt == 1 ? 0.05 : 0.20);

    /// <summary>What becomes of an attempt at the bank and on the wire; each rail plays it in its own protocol.</summary>
    public DrawnCharge Charge(string member, string orderNumber)
    {
        if (!OrderNumber.TryParse(orderNumber, out var order))
            throw new InvalidOperationException($"The bank was given an order that is not ours: {orderNumber}.");
        double Draw(string purpose) => Of(member, purpose, order.Charge.Ordinal, order.Attempt);
        var reason = Draw("reason");
        return new(
            IsDeclined(member, order) ? Declines.First(decline => reason < decline.UpTo).Reason : null,
            Draw("shape"),
            NodaTime.Duration.FromSeconds(Draw("settle") < 0.9 ? 3 : 40),
            Draw("answer") switch
            {
                < 0.004 => DrawnAnswer.LostAfter,
                < 0.007 => DrawnAnswer.LostBefore,
                < 0.010 => DrawnAnswer.SystemError,
                _ => DrawnAnswer.Given,
            },
            Draw("lost") < 0.01, Draw("copies") < 0.02 ? 2 : 1);
    }

    private ulong Hash(string member, string purpose, int charge, int attempt) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{member}/{charge}/{attempt}/{purpose}")));
}

/// <summary>What becomes of the first answer to an order.</summary>
internal enum DrawnAnswer
{
    /// <summary>It arrives.</summary>
    Given,

    /// <summary>The order was executed, the answer is lost.</summary>
    LostAfter,

    /// <summary>The order never arrived.</summary>
    LostBefore,

    /// <summary>The rail says that it does not know.</summary>
    SystemError,
}

/// <summary>What chance makes of one attempt.</summary>
/// <param name="Decline">Why the bank declines; null: it does not.</param>
/// <param name="Shape">In [0, 1): in which of the rail's forms a decline is told.</param>
/// <param name="SettleDelay">How long the bank takes.</param>
/// <param name="Answer">What becomes of the first answer.</param>
/// <param name="CallbackLost">Whether the callback never arrives.</param>
/// <param name="CallbackCopies">How often it arrives.</param>
internal sealed record DrawnCharge(
    DeclineReason? Decline, double Shape, NodaTime.Duration SettleDelay, DrawnAnswer Answer, bool CallbackLost, int CallbackCopies);
