using System.Collections.Concurrent;
using System.Security.Cryptography;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>What is kept of what a rail said.</summary>
internal enum DocumentKind
{
    /// <summary>A statement as the rail sent it.</summary>
    Statement,

    /// <summary>A callback as it came, with its headers.</summary>
    Callback,
}

/// <summary>Raw messages of rails, encrypted, for a while: the evidence behind the events.</summary>
/// <remarks>
/// What was verified is kept whole; the same message again is the same document. What was not is kept in a few places a day
/// (<see cref="DocumentDraft.Rejected"/>), so that a stranger cannot fill the disk.
/// </remarks>
internal interface IKeptDocuments
{
    /// <summary>Keeps a message; one that is there already gets the newer result and counts one more. One of an erased membership is not kept.</summary>
    Task KeepAsync(DocumentDraft draft, CancellationToken cancellation);

    /// <summary>What is kept, the latest first, without the messages themselves.</summary>
    /// <param name="account">Only of this account; null: of all.</param>
    /// <param name="kind">Only of this kind; null: of all.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<IReadOnlyList<KeptDocument>> ListAsync(MerchantAccount? account, DocumentKind? kind, int limit, CancellationToken cancellation);

    /// <summary>What is known of a message; null: there is none, or no longer.</summary>
    Task<KeptDocument?> DescribeAsync(Guid id, CancellationToken cancellation);

    /// <summary>A message as it came; null: there is none, or no longer.</summary>
    /// <exception cref="CryptographicException">It was written with a key that is not given here, or it was changed.</exception>
    Task<byte[]?> FindAsync(Guid id, CancellationToken cancellation);

    /// <summary>Forgets what came before.</summary>
    /// <returns>How many were forgotten.</returns>
    Task<int> EraseBeforeAsync(Instant before, CancellationToken cancellation);
}

/// <summary>A kept message, without the message.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Account">Whose.</param>
/// <param name="Kind">What it is.</param>
/// <param name="At">When it first came.</param>
/// <param name="Bytes">How long it is, as it is kept.</param>
/// <param name="Times">How often it came.</param>
/// <param name="Result">What came of it, the last time.</param>
/// <param name="Note">In words, for people: why it was not believed.</param>
internal sealed record KeptDocument(
    Guid Id, MerchantAccount Account, DocumentKind Kind, Instant At, int Bytes, int Times, string Result, string? Note)
{
    /// <summary>The one membership a callback is about; null: of none, of several, or nobody knows.</summary>
    public SubscriptionId? Membership { get; init; }
}

/// <summary>A message to be kept.</summary>
internal sealed record DocumentDraft
{
    public required Guid Id { get; init; }

    public required MerchantAccount Account { get; init; }

    public required DocumentKind Kind { get; init; }

    public required ReadOnlyMemory<byte> Content { get; init; }

    public required Instant At { get; init; }

    public required string Result { get; init; }

    public string? Note { get; init; }

    /// <summary>The one membership it is about; null: of none, of several, or nobody knows.</summary>
    public SubscriptionId? Membership { get; init; }

    /// <summary>True: the first message in this place stays, another one is not kept.</summary>
    public bool FirstStays { get; init; }

    public KeptDocument Description => new(Id, Account, Kind, At, Content.Length, 1, Result, Note) { Membership = Membership };

    public static DocumentDraft Statement(MerchantAccount account, ReadOnlyMemory<byte> body, Instant at) => new()
    {
        Id = Named(account, DocumentKind.Statement, Convert.ToHexStringLower(SHA256.HashData(body.Span))), Account = account, Kind = DocumentKind.Statement,
        Content = body, At = at, Result = "read",
    };

    /// <summary>A callback that was verified; named after its body, because a rail may sign a repeat anew.</summary>
    public static DocumentDraft Verified(MerchantAccount account, Callback callback, string result, Instant at, SubscriptionId? membership = null) => new()
    {
        Id = Named(account, DocumentKind.Callback, Convert.ToHexStringLower(SHA256.HashData(callback.Body.Span))), Account = account,
        Kind = DocumentKind.Callback, Content = CallbackDocument.Write(callback, int.MaxValue), At = at, Result = result, Membership = membership,
    };

    /// <summary>A callback that was not believed: it gets one of the day's few places, and no more than the first bytes of it are kept.</summary>
    public static DocumentDraft Rejected(MerchantAccount account, Callback callback, string why, int place, int maxBytes, Instant at) => new()
    {
        Id = Named(account, DocumentKind.Callback, $"rejected/{at.InUtc().Date:uuuu-MM-dd}/{place}"), Account = account, Kind = DocumentKind.Callback,
        Content = CallbackDocument.Write(callback, maxBytes), At = at, Result = "rejected", Note = why, FirstStays = true,
    };

    private static Guid Named(MerchantAccount account, DocumentKind kind, string name) => EventIds.Named(Guid.Empty, $"{account}/{kind}/{name}");
}

/// <summary>Documents for tests and simulations: nothing is encrypted, nothing outlives the process.</summary>
internal sealed class InMemoryKeptDocuments : IKeptDocuments
{
    private readonly ConcurrentDictionary<Guid, (KeptDocument Description, byte[] Content)> kept = new();
    private readonly ConcurrentDictionary<SubscriptionId, bool> erased = new();

    /// <summary>What is kept and such.</summary>
    public IReadOnlyList<KeptDocument> Where(Func<KeptDocument, bool> isSuch) => [.. kept.Values.Select(document => document.Description).Where(isSuch).OrderBy(d => d.At).ThenBy(d => d.Id)];

    /// <summary>See <see cref="IErasures.EraseAsync"/>.</summary>
    public void Erase(ErasureWork work)
    {
        foreach (var membership in work.Report.Memberships)
            erased[membership] = true;
        foreach (var id in work.Documents.Concat(Where(d => d.Membership is { } of && erased.ContainsKey(of)).Select(d => d.Id)))
            kept.TryRemove(id, out _);
        foreach (var redacted in work.Redacted.Where(redacted => kept.ContainsKey(redacted.Id)))
            kept[redacted.Id] = (kept[redacted.Id].Description with { Bytes = redacted.Content.Length, Note = redacted.Note }, redacted.Content);
    }

    /// <summary>Keeps what another keeps, and nothing else: a backup, and a restore.</summary>
    public void CopyFrom(InMemoryKeptDocuments other)
    {
        kept.Clear();
        erased.Clear();
        foreach (var (id, document) in other.kept)
            kept[id] = document;
        foreach (var membership in other.erased.Keys)
            erased[membership] = true;
    }

    public Task KeepAsync(DocumentDraft draft, CancellationToken cancellation)
    {
        if (draft.Membership is { } membership && erased.ContainsKey(membership))
            return Task.CompletedTask;
        kept.AddOrUpdate(
            draft.Id,
            _ => (draft.Description, draft.Content.ToArray()),
            (_, before) => draft.FirstStays ? before : (before.Description with { Result = draft.Result, Times = before.Description.Times + 1 }, before.Content));
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<KeptDocument>> ListAsync(MerchantAccount? account, DocumentKind? kind, int limit, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<KeptDocument>>(
        [
            .. kept.Values.Select(document => document.Description)
                .Where(d => (account is null || d.Account == account) && (kind is null || d.Kind == kind))
                .OrderByDescending(d => d.At).ThenBy(d => d.Id).Take(limit),
        ]);

    public Task<KeptDocument?> DescribeAsync(Guid id, CancellationToken cancellation) =>
        Task.FromResult(kept.TryGetValue(id, out var document) ? document.Description : null);

    public Task<byte[]?> FindAsync(Guid id, CancellationToken cancellation) =>
        Task.FromResult(kept.TryGetValue(id, out var document) ? document.Content : null);

    public Task<int> EraseBeforeAsync(Instant before, CancellationToken cancellation) =>
        Task.FromResult(kept.Where(pair => pair.Value.Description.At < before).Count(pair => kept.TryRemove(pair.Key, out _)));
}
