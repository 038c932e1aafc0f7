using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>When a member can be erased, and what the law lets stay.</summary>
internal static class ErasureRules
{
    /// <summary>What of a membership is still open; empty: nothing.</summary>
    public static IEnumerable<ErasureObstacle> OpenOf(Subscription s)
    {
        ErasureObstacle Open(string what, string remedy) => new(s.Id, what, remedy);
        if (s.Status == SubscriptionStatus.Active)
            yield return Open("it renews", "cancel it, and wait until the rail has ended the agreement");
        else if (s.Agreement.Status == AgreementStatus.Signing)
            yield return Open($"it is being signed, until {s.SignBy} at the latest", "cancel it, or wait until the signing is over");
        else if (s.Agreement.Status is not (AgreementStatus.Terminated or AgreementStatus.Abandoned))
            yield return Open($"agreement {s.Agreement.Id} is {s.Agreement.Status}", "let the service run until the rail has confirmed its end");
        foreach (var backup in s.Backups.Where(backup => backup.Agreement.Status is not (AgreementStatus.Terminated or AgreementStatus.Abandoned)))
            yield return Open($"agreement {backup.Agreement.Id} is {backup.Agreement.Status}", "let the service run until the rail has confirmed its end");
        foreach (var attempt in s.Attempts.Where(attempt => attempt.MayStillTake))
            yield return Open($"order {attempt.Order} may still take money", Asked(attempt.AskAt));
        foreach (var refund in s.Refunds.Where(refund => refund.Status is RefundStatus.Owed or RefundStatus.Requested))
            yield return Open($"refund {refund.Number} of {refund.Amount} is not done", Asked(refund.NextAt));
    }

    /// <summary>What a person should know of a membership that is erased.</summary>
    public static IEnumerable<string> NotesOn(Subscription s, Instant now)
    {
        // One that was ended at once has nothing left, however long was paid.
        if (s.Status != SubscriptionStatus.Ended && s.RunsUntil is { } paid && (s.EndsAt is { } ends ? Instant.Min(paid, ends) : paid) is var until && until > now)
            yield return $"{s.Id} is paid until {until}; it runs on without the erased data.";
        foreach (var refund in s.Refunds.Where(refund => refund.Status == RefundStatus.Outside))
            yield return $"{refund.Number}: {refund.Amount} could not go back through the rail. See that the member has it.";
    }

    /// <summary>What stays of every member.</summary>
    /// <param name="member">The opaque name.</param>
    /// <param name="last">When the last event of the member's memberships was decided.</param>
    /// <param name="years">For how many years after that year.</param>
    public static IReadOnlyList<ErasureRemainder> Records(string member, Instant last, int years)
    {
        var until = new LocalDate(last.InZone(RenewalZones.Get(RenewalZones.Shanghai)).Year + years, 12, 31);
        return
        [
            new($"what happened to the memberships, under the opaque name '{member}': amounts, dates, the rail's numbers of payments, reasons as they were given",
                "mt_events, mt_streams, book",
                $"records of payments and tax, {years} years after the year of the last event (setting Audit:KeepPaymentsForYears; E-Commerce Law article 31: at least 3; " +
                "rules for the Tax Collection Law article 29: 10), PIPL article 47; events are never deleted here: after that day, forget who the name stands for",
                until),
            new("differences of statements, by order number", "reconciliation_difference", "part of the same records; they name nobody", until),
            new("this record", "erasure, erased_membership", "it proves the erasure (PIPL articles 9 and 69) and holds nothing but the opaque name and numbers", null),
            new("backups and replicas made before now", "outside this database", "the vault's and documents' part of them is sealed under Renewals:Vault:Keys; they go when you throw them away", null),
        ];
    }

    private static string Asked(Instant? at) => at is { } next ? $"let the service run; the rail is asked at {next}" : "a person must look: see status, and reconcile the days in question";
}
