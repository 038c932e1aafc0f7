using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;
using Renewals.Host.Sandbox.WeChatPay;

namespace Renewals.Host.Demo;

/// <summary>Everything by chance in the demo: hashes of (seed, member, charge, attempt, purpose), never of the order of calls.</summary>
internal sealed class Draws(int seed)
{
    private static readonly (double UpTo, string Code)[] Declines =
        [(0.70, "NOTENOUGH"), (0.80, "RULELIMIT"), (0.93, "BANKERROR"), (0.97, "TRADE_ERROR"), (1.0, "USER_ACCOUNT_ABNORMAL")];

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

    /// <summary>What the bank makes of a charge.</summary>
    public ChargeDecision Decide(ChargeDraw draw)
    {
        if (!OrderNumber.TryParse(draw.OrderNumber, out var order))
            return new ChargeDecision();
        var (ordinal, attempt) = (order.Charge.Ordinal, order.Attempt);
        double Draw(string purpose) => Of(draw.Member, purpose, ordinal, attempt);
        var reason = Draw("reason");
        return new ChargeDecision
        {
            FailWith = IsDeclined(draw.Member, order) ? Declines.First(decline => reason < decline.UpTo).Code : null,
            Shape = (FailureShape)(int)(Draw("shape") * 3),
            SettleDelay = NodaTime.Duration.FromSeconds(Draw("settle") < 0.9 ? 3 : 40),
            FirstAnswer = Draw("answer") switch
            {
                < 0.004 => ApplyAnswer.LostAfterAcceptance,
                < 0.007 => ApplyAnswer.LostBeforeAcceptance,
                < 0.010 => ApplyAnswer.SystemError,
                _ => ApplyAnswer.Given,
            },
            Callback = new CallbackFate
            {
                Lost = Draw("lost") < 0.01, Copies = Draw("copies") < 0.02 ? 2 : 1, Delay = NodaTime.Duration.Zero,
            },
        };
    }

    private ulong Hash(string member, string purpose, int charge, int attempt) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{member}/{charge}/{attempt}/{purpose}")));
}
