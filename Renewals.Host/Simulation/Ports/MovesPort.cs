using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Simulation.Ports;

/// <summary>An engine's way to what is known of other systems' payments, which lies in the ledger's database.</summary>
internal sealed class MovesPort(SimLedger ledger) : IMoves
{
    private InMemoryMoves Inner
    {
        get
        {
            ledger.ThrowIfAway();
            return ledger.Moves;
        }
    }

    public Task BeginAsync(MerchantAccount account, LocalDate first, LocalDate last, CancellationToken cancellation) => Inner.BeginAsync(account, first, last, cancellation);

    public Task<MoveDays?> FindAsync(MerchantAccount account, CancellationToken cancellation) => Inner.FindAsync(account, cancellation);

    public Task AddKeysAsync(MerchantAccount account, IReadOnlyCollection<MoveKey> keys, CancellationToken cancellation) => Inner.AddKeysAsync(account, keys, cancellation);

    public Task KeepAsync(MerchantAccount account, LocalDate day, IReadOnlyCollection<StatementLine> lines, CancellationToken cancellation) =>
        Inner.KeepAsync(account, day, lines, cancellation);

    public Task SetReadAsync(MerchantAccount account, LocalDate day, CancellationToken cancellation) => Inner.SetReadAsync(account, day, cancellation);

    public Task<IReadOnlySet<LocalDate>> DaysReadAsync(MerchantAccount account, LocalDate first, LocalDate last, CancellationToken cancellation) =>
        Inner.DaysReadAsync(account, first, last, cancellation);

    public Task<IReadOnlyList<(SubscriptionId Id, OldPayment Payment)>> AfterCutOverAsync(
        MerchantAccount account, IReadOnlyCollection<StatementLine> lines, CancellationToken cancellation) => Inner.AfterCutOverAsync(account, lines, cancellation);

    public Task<IReadOnlyList<OldPayment>> PaymentsOfAsync(MerchantAccount account, SubscriptionId id, CancellationToken cancellation) =>
        Inner.PaymentsOfAsync(account, id, cancellation);

    public Task EraseBeforeAsync(LocalDate day, CancellationToken cancellation) => Inner.EraseBeforeAsync(day, cancellation);
}
