namespace Renewals.Core.Agreements;

/// <summary>The fold of an agreement. Reads events only.</summary>
public static class EvolveAgreement
{
    /// <summary>The state after one more event.</summary>
    /// <param name="state">The state before; null before the first event.</param>
    /// <param name="e">What happened.</param>
    /// <exception cref="InvalidOperationException">The stream does not begin with its first event, or begins twice.</exception>
    public static Agreement Next(Agreement? state, AgreementEvent e)
    {
        if (e is SigningStarted started)
        {
            return state is null
                ? new() { Id = started.Id, Version = 1, Subscription = started.Subscription, Account = started.Account, Template = started.Template }
                : throw new InvalidOperationException($"Agreement {state.Id} was started twice.");
        }

        if (e is TakenOver taken)
        {
            return state is null
                ? new()
                {
                    Id = taken.Id, Version = 1, Subscription = taken.Subscription, Account = taken.Account, Template = taken.Template, Status = AgreementStatus.Unverified,
                }
                : throw new InvalidOperationException($"Agreement {state.Id} was started twice.");
        }

        var s = state ?? throw new InvalidOperationException($"An agreement's stream begins with {nameof(SigningStarted)} or {nameof(TakenOver)}, not {e.GetType().Name}.");
        s = s with { Version = s.Version + 1 };
        return e switch
        {
            Agreed agreed => s with { Status = AgreementStatus.Active, SignedAt = agreed.SignedAt, ExpiresAt = agreed.ExpiresAt },
            SignAbandoned abandoned => s with { Status = AgreementStatus.Abandoned, EndedAt = abandoned.EndedAt },
            RailPlanMoved moved => s with { RailDate = moved.Next },
            Verified => s with { Status = s.Status == AgreementStatus.Suspended ? AgreementStatus.Active : s.Status },
            Suspended => s with { Status = AgreementStatus.Suspended },
            TerminateRequested => s with { Status = AgreementStatus.Terminating },
            Terminated ended => s with { Status = AgreementStatus.Terminated, EndedBy = ended.Mode },
            _ => throw new InvalidOperationException($"No fold for {e.GetType().Name}."),
        };
    }
}
