using System.Buffers.Binary;
using NodaTime;

namespace Renewals.Core.Subscriptions;

/// <remarks>
/// An agreement is looked at before the member's notice, before each charge and from time to time. Found ended it ends the membership as an unsign
/// callback does; found suspended it waits. Without an answer the question is repeated a few times within the hour; then the membership goes on, says
/// so in an event, and the charge itself finds out: a rail takes no money under an agreement that is over.
/// </remarks>
public static partial class Decide
{
    /// <summary>The rail was asked about an agreement in force, and it still is, or there was no answer.</summary>
    private static IReadOnlyList<SubscriptionEvent> OnAskedInForce(Subscription s, SubscriptionCommand.RecordAgreement x, DecisionContext context)
    {
        var due = Duty.Of(s).Where(duty => duty.Due <= context.Now && duty.AgreementOf(s) == s.Agreement.Id).Select(duty => duty.Kind).ToList();
        var looks = due.Contains(DutyKind.VerifyAgreement);
        var inForce = x.SignedAt is not null || x.RailDate is not null;
        if (!inForce && looks && !due.Contains(DutyKind.ReadRailDate))
            return NotVerified(s, x.Answer, context);

        if (!inForce)
            return s.Agreement.RailDate is { } unread ? ReadRailDate(s, x, unread, context) : Nothing;
        var verified = Verify(s, context);
        if (s.Agreement.RailDate is not { } known)
            return verified;
        var dates = ReadRailDate(Evolve.All(s, verified)!, x, known, context);

        // With the rail's date come right, the look before the next step may be due at last: this was it.
        return verified.Count > 0 ? [.. verified, .. dates] : [.. dates, .. Verify(Evolve.All(s, dates)!, context)];
    }

    // An answer to a question that waits to be asked again answers it all the same: another host had asked it before.
    private static IReadOnlyList<SubscriptionEvent> Verify(Subscription s, DecisionContext context)
    {
        var owed = s with { Agreement = s.Agreement with { AskAt = null } };
        return Duty.Of(owed).Any(duty => duty.Kind == DutyKind.VerifyAgreement && duty.Due <= context.Now && duty.AgreementOf(s) == s.Agreement.Id)
            ? [new AgreementVerified(s.Agreement.Id, context.Now + context.Limits.VerifyEvery, context.Now)]
            : Nothing;
    }

    private static IReadOnlyList<SubscriptionEvent> NotVerified(Subscription s, string answer, DecisionContext context)
    {
        var (asks, now) = (s.Agreement.Asks + 1, context.Now);
        var next = now + DecisionLimits.AskDelay(asks);
        return asks < context.Limits.MaxVerifyAsks && next <= LastLook(s)
            ? [new AgreementAsked(asks, answer, next, now)]
            : [new AgreementAsked(asks, answer, null, now) { GoesOnUntil = now + context.Limits.VerifyEvery }];
    }

    // An hour before the notice or the charge would be too late nothing is waited for any more.
    private static Instant LastLook(Subscription s) =>
        s.Cycle is not { } cycle ? Instant.MaxValue
        : (s.Notice is null ? cycle.AnnounceBy : ChargeWindow.Of(s, cycle).Until) - Duration.FromHours(1);

    // From half to the whole of the time, by the membership's name: those that are charged in one moment are not asked about in one.
    private static Duration? VerifyLeadOf(SubscriptionId id, DecisionContext context)
    {
        if (!context.Traits.CanAskForAgreements || context.Limits.VerifyAhead <= Duration.Zero)
            return null;
        Span<byte> bytes = stackalloc byte[16];
        id.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        var half = (long)context.Limits.VerifyAhead.TotalSeconds / 2;
        return Duration.FromSeconds(half + (BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]) % (half + 1)));
    }
}
