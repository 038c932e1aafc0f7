using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Core.Agreements;

/// <summary>The decisions of an agreement. What a membership makes of them is decided in its own stream.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>the rail says</term><description>signing · given up · in force · ending · over</description></listheader>
/// <item><term>in force</term><description>agreed · agreed (a late confirmation, ended again by the membership) · – · – · – (an old message)</description></item>
/// <item><term>over</term><description>abandoned · – · terminated · terminated · –</description></item>
/// <item><term>none</term><description>abandoned once the time to sign is over · – · – · terminated · –</description></item>
/// <item><term>pending, unknown</term><description>nothing: it is asked again</description></item>
/// </list>
/// </remarks>
public static class DecideAgreement
{
    /// <summary>What follows from the rail's word.</summary>
    /// <param name="state">The agreement.</param>
    /// <param name="answer">What the rail says.</param>
    /// <param name="signBy">After this an unfinished signing is given up.</param>
    /// <param name="now">When it was heard.</param>
    public static IReadOnlyList<AgreementEvent> OnAnswer(Agreement state, AgreementAnswer answer, Instant signBy, Instant now) => (answer, state.Status) switch
    {
        (AgreementAnswer.Active active, AgreementStatus.Signing or AgreementStatus.Abandoned) => [new Agreed(active.SignedAt, active.ExpiresAt, now)],
        (AgreementAnswer.Terminated, AgreementStatus.Signing) => [new SignAbandoned("the rail says the agreement is not in force", now)],
        (AgreementAnswer.NotFound or AgreementAnswer.Pending, AgreementStatus.Signing) when now >= signBy =>
            [new SignAbandoned("the signing was not finished in time", now)],
        (AgreementAnswer.Terminated ended, AgreementStatus.Active or AgreementStatus.Terminating) => [new Terminated(ended.Mode, ended.At, now)],
        (AgreementAnswer.NotFound, AgreementStatus.Terminating) => [new Terminated(TerminationMode.Unstated, null, now)],
        _ => [],
    };

    /// <summary>The end of the agreement is requested.</summary>
    public static IReadOnlyList<AgreementEvent> OnTerminate(Agreement state, string why, Instant now) =>
        state.Status == AgreementStatus.Active ? [new TerminateRequested(why, now)] : [];

    /// <summary>The rail moved its own charge date at our wish.</summary>
    public static IReadOnlyList<AgreementEvent> OnRailDateMoved(Agreement state, LocalDate date, Instant now) =>
        state.RailDate == date ? [] : [new RailPlanMoved(date, now)];

    /// <summary>The signing could not be started.</summary>
    public static IReadOnlyList<AgreementEvent> OnRefused(Agreement state, string why, Instant now) =>
        state.Status == AgreementStatus.Signing ? [new SignAbandoned(why, now)] : [];
}
