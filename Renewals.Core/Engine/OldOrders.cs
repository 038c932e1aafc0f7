using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>Finds in statements what another system took under agreements that were taken over.</summary>
/// <remarks>
/// The statements of <see cref="DaysBefore"/> days, the day of the cut-over the last of them, must be read before a membership renews. A rail's statement
/// may name the payer (WeChat Pay, Stripe); elsewhere only the number of the other system's order can be recognized, where the import said it.
/// </remarks>
internal sealed class OldOrders(IMoves moves)
{
    /// <summary>How many statement days are read before a membership renews.</summary>
    public const int DaysBefore = 31;

    // A payer may become known only when the rail confirms the agreement: lines of so many days later are kept for that.
    private const int DaysAfter = 7;

    /// <summary>The statement days that must be read for a cut-over.</summary>
    /// <param name="traits">The rail.</param>
    /// <param name="cutOver">From then on the other system sends no more orders.</param>
    /// <param name="importedAt">When it was taken over; what came between is read too.</param>
    public static MoveDays DaysOf(RailTraits traits, Instant cutOver, Instant importedAt)
    {
        var days = new StatementDays(traits);
        return new(days.Of(cutOver).PlusDays(1 - DaysBefore), days.Of(Instant.Max(cutOver, importedAt)));
    }

    /// <summary>What the statements that were read say of a membership.</summary>
    public async Task<SubscriptionCommand.RecordOldPayments> AskAsync(Subscription s, RailKeys? keys, RailTraits traits, CancellationToken cancellation)
    {
        var moved = s.MovedIn ?? throw new InvalidOperationException($"Subscription {s.Id} was not taken over.");
        if (keys?.PayerId is { } payer)
            await moves.AddKeysAsync(s.Account, [new(s.Id, MoveKeyKind.Payer, payer, moved.CutOver)], cancellation);
        var (first, last) = DaysOf(traits, moved.CutOver, s.SignBy);
        var read = await moves.DaysReadAsync(s.Account, first, last, cancellation);
        for (var day = first; day <= last; day = day.PlusDays(1))
        {
            if (!read.Contains(day))
                return new([], IsAnswer: true, AllRead: false, $"the statement of {day:uuuu-MM-dd} was not read yet");
        }

        var payments = await moves.PaymentsOfAsync(s.Account, s.Id, cancellation);
        return new(payments, IsAnswer: true, AllRead: true, $"the statements of {first:uuuu-MM-dd} to {last:uuuu-MM-dd} have {payments.Count} payments by orders that are not ours");
    }

    /// <summary>The days of an account that must be read still, in order; some may not be over yet.</summary>
    public async Task<IReadOnlyList<LocalDate>> NotReadAsync(MerchantAccount account, CancellationToken cancellation)
    {
        if (await moves.FindAsync(account, cancellation) is not { } move)
            return [];
        var read = await moves.DaysReadAsync(account, move.First, move.Last, cancellation);
        List<LocalDate> notRead = [];
        for (var day = move.First; day <= move.Last; day = day.PlusDays(1))
        {
            if (!read.Contains(day))
                notRead.Add(day);
        }

        return notRead;
    }

    /// <summary>Those of them whose statement can be had.</summary>
    public async Task<IReadOnlyList<LocalDate>> DueAsync(IPaymentGateway gateway, Instant now, CancellationToken cancellation)
    {
        var last = new StatementDays(gateway.Traits).LastReady(now);
        return [.. (await NotReadAsync(gateway.Account, cancellation)).TakeWhile(day => day <= last)];
    }

    /// <summary>Begins to read a day's statement; null: nobody moved in at the account, so that no line is of interest.</summary>
    public async Task<OldOrdersOfDay?> BeginAsync(MerchantAccount account, LocalDate day, CancellationToken cancellation) =>
        await moves.FindAsync(account, cancellation) is { } move ? new(moves, account, day, move, day >= move.First && day <= move.Last.PlusDays(DaysAfter)) : null;

    /// <summary>Forgets lines that nothing waits for any more.</summary>
    public Task EraseBeforeAsync(Instant before, CancellationToken cancellation) => moves.EraseBeforeAsync(before.InUtc().Date, cancellation);
}

/// <summary>The lines of one statement that are not about orders of ours.</summary>
internal sealed class OldOrdersOfDay(IMoves moves, MerchantAccount account, LocalDate day, MoveDays move, bool keeps)
{
    /// <summary>Keeps lines, and says what was taken after a membership's cut-over.</summary>
    /// <param name="lines">Lines of the statement; those about orders of ours are left out.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<Outcome>> TakeAsync(IEnumerable<StatementLine> lines, CancellationToken cancellation)
    {
        var strange = lines.Where(line => !OrderNumber.TryParse(line.OrderNumber, out _)).ToList();
        if (strange.Count == 0)
            return [];
        if (keeps)
            await moves.KeepAsync(account, day, strange, cancellation);
        return
        [
            .. (await moves.AfterCutOverAsync(account, strange, cancellation)).GroupBy(found => found.Id, found => found.Payment).Select(found =>
                new Outcome.OfSubscription(found.Key, new SubscriptionCommand.RecordOldPayments([.. found], IsAnswer: false, AllRead: false, $"the statement of {day:uuuu-MM-dd}"))),
        ];
    }

    /// <summary>The statement was read to its end.</summary>
    public Task EndAsync(CancellationToken cancellation) =>
        day >= move.First && day <= move.Last ? moves.SetReadAsync(account, day, cancellation) : Task.CompletedTask;
}
