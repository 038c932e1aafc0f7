using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Simulation.Plants;

/// <summary>Reads the statements before a cut-over and finds nothing in them.</summary>
internal sealed class OldPaymentsUnread : Plant
{
    public override IMoves Moves(IMoves moves) => new Unread(moves);

    private sealed class Unread(IMoves inner) : IMoves
    {
        public Task BeginAsync(MerchantAccount account, LocalDate first, LocalDate last, CancellationToken cancellation) => inner.BeginAsync(account, first, last, cancellation);

        public Task<MoveDays?> FindAsync(MerchantAccount account, CancellationToken cancellation) => inner.FindAsync(account, cancellation);

        public Task AddKeysAsync(MerchantAccount account, IReadOnlyCollection<MoveKey> keys, CancellationToken cancellation) => inner.AddKeysAsync(account, keys, cancellation);

        public Task KeepAsync(MerchantAccount account, LocalDate day, IReadOnlyCollection<StatementLine> lines, CancellationToken cancellation) =>
            inner.KeepAsync(account, day, lines, cancellation);

        public Task SetReadAsync(MerchantAccount account, LocalDate day, CancellationToken cancellation) => inner.SetReadAsync(account, day, cancellation);

        public Task<IReadOnlySet<LocalDate>> DaysReadAsync(MerchantAccount account, LocalDate first, LocalDate last, CancellationToken cancellation) =>
            inner.DaysReadAsync(account, first, last, cancellation);

        public Task<IReadOnlyList<(SubscriptionId Id, OldPayment Payment)>> AfterCutOverAsync(
            MerchantAccount account, IReadOnlyCollection<StatementLine> lines, CancellationToken cancellation) => inner.AfterCutOverAsync(account, lines, cancellation);

        public Task<IReadOnlyList<OldPayment>> PaymentsOfAsync(MerchantAccount account, SubscriptionId id, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<OldPayment>>([]);

        public Task EraseBeforeAsync(LocalDate day, CancellationToken cancellation) => inner.EraseBeforeAsync(day, cancellation);
    }
}

/// <summary>Erases documents and says that the vault was emptied too.</summary>
internal sealed class ErasedKeysKept : Plant
{
    public override ErasureWork Erased(ErasureWork work) => work with { Agreements = [] };
}
