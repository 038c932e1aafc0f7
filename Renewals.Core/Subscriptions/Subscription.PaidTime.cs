using NodaTime;

namespace Renewals.Core.Subscriptions;

/// <remarks>What was paid for, and what is enjoyed on the account of the next charge.</remarks>
public sealed partial record Subscription
{
    /// <summary>How many days the period has that was paid last; 0: it was not paid here.</summary>
    public int PaidDays { get; init; }

    /// <summary>So many days at the end of the paid time come with the next charge: until then they are not paid.</summary>
    public int UnpaidDays { get; init; }

    /// <summary>The plan that is paid, while another is enjoyed whose difference comes with the next charge; null: they are one.</summary>
    public string? PaidPlan { get; init; }

    /// <summary>Why nothing went back with a cancel that asked for it; null: nothing was asked for, or it went back.</summary>
    public string? NothingBack { get; init; }

    /// <summary>What the last offer of another price came to; null: it is open, or there was none.</summary>
    public PriceAnswer? LastAnswer { get; init; }

    /// <summary>Of a payment that is disputed nothing is sent back: the dispute says what becomes of the money.</summary>
    internal bool WaitsForDispute(Refund refund) =>
        refund.IsUnsent && Disputes.Any(dispute => dispute.IsOpen && dispute.Order == refund.Order);

    internal bool IsPausedAt(Instant now) => Pause is { } pause && pause.From <= now && !(pause.Until <= now);
}
