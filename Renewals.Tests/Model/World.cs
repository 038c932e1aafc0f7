using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Gateways.Alipay;
using Renewals.Gateways.UnionPay;
using Renewals.Gateways.WeChatPay;
using Renewals.Tests.Unit;

namespace Renewals.Tests.Model;

/// <summary>A rail with the traits its adapter's options give it, and limits low enough to be met everywhere.</summary>
internal sealed record World(string Name, RailTraits Traits)
{
    /// <summary>A notice of the rail's own before each charge, the same order again, absence proved by a query.</summary>
    public static readonly World WeChatPay = new("WeChat Pay", new WeChatPayOptions().Traits());

    /// <summary>The rail keeps charge dates of its own, and orders end by themselves.</summary>
    public static readonly World Alipay = new("Alipay", new AlipayOptions().Traits());

    /// <summary>No order is sent twice, and only two statements prove that one was never taken.</summary>
    public static readonly World UnionPay = new("UnionPay", new UnionPayOptions { Generation = UnionPayGeneration.A }.Traits());

    public static readonly IReadOnlyList<World> All = [WeChatPay, Alipay, UnionPay];

    public static readonly Terms Terms = Scenario.Monthly with
    {
        Dunning = new("model", 1, [new(DeclineReason.InsufficientFunds, [1]), new(DeclineReason.OrderClosed, [1])]),
    };

    public DecisionLimits Limits { get; } = new() { MaxAsks = 2, MaxSends = 2, MaxRailNotices = 2, MaxNoticeFailures = 2, MaxVerifyAsks = 2 };

    /// <summary>How many things a life meets that no honest rail says and nobody hopes for.</summary>
    public int Surprises { get; init; }

    /// <summary>Whether everything is said that an honest rail may say; otherwise only the plainest word of each kind.</summary>
    public bool IsWordy { get; init; }

    /// <summary>Every honest word, no surprise.</summary>
    public World Honest => this with { IsWordy = true };

    /// <summary>Plain words, and somewhere among them surprises.</summary>
    public World Surprising => this with { Surprises = 1 };

    /// <summary>Who decides.</summary>
    public Decisions Decisions { get; init; } = Decisions.Real;

    public static Instant Birth => Scenario.Shanghai(3, 10, 12);

    /// <summary>Every word and surprise after surprise: too large to close, walked at random.</summary>
    public World Wild => this with { IsWordy = true, Surprises = 3 };

    public override string ToString() => Name;
}
