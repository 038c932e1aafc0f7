using NodaTime;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>An accepted notice and the days it opens (WeChat Pay papay, pre-deduction notice).</summary>
/// <param name="Day">The Beijing day of the notice: day 1.</param>
/// <param name="Estimate">The most that may be charged, in fen.</param>
/// <param name="ChargeableDays">How many days can be charged after the waiting days; 7 unless the merchant's account is an old one.</param>
internal sealed record NoticeCycle(LocalDate Day, long Estimate, int ChargeableDays)
{
    /// <summary>The rail's default length.</summary>
    public const int DefaultDays = 7;

    /// <summary>The waiting period is the notice day and the next: the first chargeable day is day 3.</summary>
    public LocalDate FirstDay => Day.PlusDays(2);

    /// <summary>The last chargeable day, day 9 by default.</summary>
    public LocalDate LastDay => FirstDay.PlusDays(ChargeableDays - 1);

    /// <summary>A cycle is open until it succeeds or its last day is over.</summary>
    public bool IsOpenOn(LocalDate day) => day <= LastDay;
}

/// <summary>When and how much may be charged; pure.</summary>
internal static class NoticeRules
{
    private static readonly LocalTime Opens = new(7, 0);

    // Whether the call is still taken exactly at 22:00 is not published: the strict reading refuses it.
    private static readonly LocalTime Closes = new(22, 0);

    /// <summary>The first-charge exception lasts this long, exclusive: its exact end is not published either.</summary>
    private static readonly Duration SigningConsent = Duration.FromHours(12);

    /// <summary>Notices and, after a notice, applies are taken from 07:00 to 22:00.</summary>
    public static bool IsServiceHour(Instant now) => now.InBeijing().TimeOfDay is var local && local >= Opens && local < Closes;

    /// <summary>Why a notice is refused; null when it is taken.</summary>
    public static string? RefusalOfNotice(Contract contract, Instant now) =>
        contract.TerminatedAt is not null ? "the contract is not active"
        : !IsServiceHour(now) ? "notices are taken from 07:00 to 22:00"
        : contract.Cycle is { } cycle && cycle.IsOpenOn(now.BeijingDay()) ? "a notice cycle is open"
        : null;

    /// <summary>The rule an apply runs under, or why there is none.</summary>
    public static (ExecutedUnder Under, string? Refusal) RuleFor(Contract contract, long amount, Instant now)
    {
        if (IsFirstChargeException(contract, now))
            return (ExecutedUnder.FirstChargeException, null);
        if (contract.Template.Mode == NoticeMode.TwentyFourHour)
            return (ExecutedUnder.TwentyFourHour, null);
        var today = now.BeijingDay();
        var refusal = contract.Cycle is not { } cycle ? "the member was not notified"
            : today < cycle.FirstDay ? "the waiting period is not over"
            : !cycle.IsOpenOn(today) ? "the chargeable period is over; notify again"
            : !IsServiceHour(now) ? "applies are taken from 07:00 to 22:00"
            : amount > cycle.Estimate ? "the amount is above the estimate of the notice"
            : null;
        return (ExecutedUnder.PreNotice, refusal);
    }

    // It is for the first charge: one success uses it up. A notice sent within the hours puts the notice's rule in its place.
    private static bool IsFirstChargeException(Contract contract, Instant now) =>
        !contract.EverNoticed && contract.LastPaidDay is null && now < contract.SignedAt + SigningConsent;
}
