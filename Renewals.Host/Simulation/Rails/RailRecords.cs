using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Host.Simulation.Rails;

/// <summary>Where an order stands at the rail.</summary>
internal enum OrderStage
{
    /// <summary>It may take money.</summary>
    Open,

    /// <summary>It took money.</summary>
    Paid,

    /// <summary>It never will, says the rail.</summary>
    Failed,
}

/// <summary>An order as the rail knows it.</summary>
internal sealed class RailOrder(OrderNumber number, RailAgreement? agreement, string member, Money amount, Instant acceptedAt)
{
    public OrderNumber Number { get; } = number;

    public string Text { get; } = number.ToString();

    /// <summary>Null for an order nobody made: a rail that breaks its word.</summary>
    public RailAgreement? Agreement { get; } = agreement;

    public string Member { get; } = member;

    public Money Amount { get; } = amount;

    public Instant AcceptedAt { get; } = acceptedAt;

    public bool AtCashier { get; init; }

    /// <summary>After this it can no longer take money; null: it does not end by itself.</summary>
    public Instant? ExpiresAt { get; init; }

    public OrderStage Stage { get; set; }

    public string FailCode { get; set; } = "";

    /// <summary>What it took; differs from the amount only where the rail breaks its word.</summary>
    public Money Taken { get; set; }

    public string Transaction { get; set; } = "";

    public Instant EndedAt { get; set; }

    /// <summary>The rail contradicts itself about this order.</summary>
    public bool WordBroken { get; set; }

    public List<RailRefund> Refunds { get; } = [];

    public long GivenBack => Refunds.Sum(refund => refund.Amount.MinorUnits);
}

/// <summary>A refund as the rail knows it.</summary>
internal sealed class RailRefund(string number, Money amount, Instant at)
{
    public string Number { get; } = number;

    public Money Amount { get; } = amount;

    public bool Done { get; set; }

    public Instant At { get; set; } = at;

    public string Id => $"R{Number}";
}

/// <summary>An agreement as the rail knows it, from the call that prepared it.</summary>
internal sealed class RailAgreement(SigningRequest request, Instant openedAt)
{
    /// <summary>The merchant's code: ours, or that of the system it was signed by.</summary>
    public string Code { get; init; } = request.Agreement.SigningCode;

    public AgreementId Agreement { get; } = request.Agreement;

    public string Id => $"C{Code}";

    public string Template { get; } = request.Template;

    public SigningPlan Plan { get; } = request.Plan;

    public FirstPaymentOrder? FirstPayment { get; } = request.FirstPayment;

    public Instant OpenedAt { get; } = openedAt;

    public string Member { get; set; } = "";

    public Instant? SignedAt { get; set; }

    public Instant? EndedAt { get; set; }

    public TerminationMode Mode { get; set; }

    public bool InForce => SignedAt is not null && EndedAt is null;

    /// <summary>The rail's own next charge date, where it keeps one.</summary>
    public LocalDate NextDate { get; set; } = request.Plan.FirstChargeOn;

    /// <summary>The day of the notice that is open, where the rail wants one.</summary>
    public (LocalDate Day, Money Amount)? Notice { get; set; }

    public bool EverNoticed { get; set; }

    public bool EverPaid { get; set; }
}

/// <summary>What becomes of an order, drawn from its number.</summary>
/// <param name="Decline">Why it is declined; null: it is not.</param>
/// <param name="Settles">How long the rail takes.</param>
/// <param name="Shape">In [0, 1): in which of the rail's forms it is told.</param>
internal sealed record Fate(DeclineReason? Decline, Duration Settles, double Shape)
{
    private static readonly DeclineReason[] Reasons =
    [
        DeclineReason.InsufficientFunds, DeclineReason.InsufficientFunds, DeclineReason.InsufficientFunds, DeclineReason.LimitReached,
        DeclineReason.BankFault, DeclineReason.BankFault, DeclineReason.Other, DeclineReason.AccountAbnormal,
    ];

    public static Fate Of(ulong seed, OrderNumber order)
    {
        var dice = Dice.Of(seed, order.ToString());
        var declines = dice.Chance(order.Charge.Kind == ChargeKind.First ? 0.03 : order.Attempt == 1 ? 0.06 : 0.2);
        var reason = dice.Of(Reasons);
        var settles = dice.Unit() switch
        {
            < 0.86 => Duration.FromSeconds(2 + dice.Below(6)),
            < 0.97 => Duration.FromSeconds(30 + dice.Below(1_500)),
            _ => Duration.FromMinutes(60 + dice.Below(2_000)),
        };
        return new(declines ? reason : null, settles, dice.Unit());
    }
}
