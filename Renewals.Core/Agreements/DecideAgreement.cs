using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Core.Agreements;

/// <summary>The decisions of an agreement. What a membership makes of them is decided in its own stream.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>the rail says</term><description>signing · given up · in force · suspended · ending · over</description></listheader>
/// <item><term>of one taken over</term><description>it is in force, suspended or over: as it says; anything else: it is asked again, later a person looks</description></item>
/// <item><term>in force</term><description>agreed · agreed (a late confirmation, ended again by the membership), unless it is news from before its end
/// · – · verified, when asked · – · – (an old message)</description></item>
/// <item><term>suspended</term><description>– · – · suspended · – · – · –</description></item>
/// <item><term>over</term><description>abandoned · – · terminated · terminated · terminated · –</description></item>
/// <item><term>none</term><description>abandoned once the time to sign is over · – · – · – · terminated · –</description></item>
/// <item><term>pending, unknown</term><description>nothing: it is asked again</description></item>
/// </list>
/// Messages overtake each other: one that says "signed" and comes after one that said "ended" is believed only when the rail's time of the signing
/// is later than its time of the end. What the rail answers when asked is its word of now.
/// </remarks>
public static class DecideAgreement
{
    /// <summary>What follows from the rail's word.</summary>
    /// <param name="state">The agreement.</param>
    /// <param name="answer">What the rail says.</param>
    /// <param name="signBy">After this an unfinished signing is given up.</param>
    /// <param name="now">When it was heard.</param>
    /// <param name="evidence">Conclusive when the rail was asked; a hint when it called back, which may be late.</param>
    public static IReadOnlyList<AgreementEvent> OnAnswer(
        Agreement state, AgreementAnswer answer, Instant signBy, Instant now, Evidence evidence = Evidence.Conclusive) => (answer, state.Status) switch
    {
        (AgreementAnswer.Active active, AgreementStatus.Abandoned) when evidence == Evidence.Hint && active.SignedAt <= state.EndedAt => [],
        (AgreementAnswer.Active active, AgreementStatus.Signing or AgreementStatus.Abandoned) => [new Agreed(active.SignedAt, active.ExpiresAt, now)],
        (AgreementAnswer.Active active, AgreementStatus.Unverified) when evidence == Evidence.Conclusive => [new Agreed(active.SignedAt, active.ExpiresAt, now)],
        (AgreementAnswer.Active, AgreementStatus.Suspended) when evidence == Evidence.Conclusive => [new Verified(now)],
        (AgreementAnswer.Suspended suspended, AgreementStatus.Active or AgreementStatus.Unverified) => [new Suspended(suspended.Why, now)],
        (AgreementAnswer.Terminated ended, AgreementStatus.Signing) =>
            [new SignAbandoned("the rail says the agreement is not in force", now) { EndedAt = ended.At ?? now }],
        (AgreementAnswer.NotFound or AgreementAnswer.Pending, AgreementStatus.Signing) when now >= signBy =>
            [new SignAbandoned("the signing was not finished in time", now)],
        (AgreementAnswer.Terminated ended, AgreementStatus.Active or AgreementStatus.Suspended or AgreementStatus.Terminating or AgreementStatus.Unverified) =>
            [new Terminated(ended.Mode, ended.At, now)],
        (AgreementAnswer.NotFound, AgreementStatus.Terminating) => [new Terminated(TerminationMode.Unstated, null, now)],
        _ => [],
    };

    /// <summary>The membership looked at the agreement, and the rail confirmed it.</summary>
    public static IReadOnlyList<AgreementEvent> OnVerified(Agreement state, Instant now) =>
        state.Status == AgreementStatus.Active ? [new Verified(now)] : [];

    /// <summary>The end of the agreement is requested.</summary>
    public static IReadOnlyList<AgreementEvent> OnTerminate(Agreement state, string why, Instant now) =>
        state.Status is AgreementStatus.Active or AgreementStatus.Suspended or AgreementStatus.Unverified ? [new TerminateRequested(why, now)] : [];

    /// <summary>The rail moved its own charge date at our wish.</summary>
    public static IReadOnlyList<AgreementEvent> OnRailDateMoved(Agreement state, LocalDate date, Instant now) =>
        state.RailDate == date ? [] : [new RailPlanMoved(date, now)];

    /// <summary>The signing could not be started.</summary>
    public static IReadOnlyList<AgreementEvent> OnRefused(Agreement state, string why, Instant now) =>
        state.Status == AgreementStatus.Signing ? [new SignAbandoned(why, now)] : [];
}
