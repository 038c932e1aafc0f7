using NodaTime;

namespace Renewals.Core.Ledger;

/// <summary>Which ledger this is, as it was written at its first start and after each adoption. Rows are only ever added.</summary>
public sealed record LedgerIdentity
{
    /// <summary>Names this row; another one after each adoption. Made by the database when it is stored.</summary>
    public Guid Id { get; init; }

    /// <summary>Names the ledger: the same in every copy of it. The name of its first row.</summary>
    public Guid Ledger { get; init; }

    /// <summary>1 at the first start, one more for each adoption.</summary>
    public required int Number { get; init; }

    /// <summary>What it is for; see <see cref="RenewalsOptions.Environment"/>.</summary>
    public required string Environment { get; init; }

    /// <summary>Where it lay.</summary>
    public required LedgerPlace Place { get; init; }

    /// <summary>When it was written.</summary>
    public required Instant At { get; init; }

    /// <summary>Who wrote it: a person who adopted the ledger, or the host of the first start.</summary>
    public required string By { get; init; }

    /// <summary>Why.</summary>
    public required string Why { get; init; }

    /// <summary>What is not as it was, as a sentence; null: it is the same ledger in the same place.</summary>
    /// <param name="environment">What this host is for.</param>
    /// <param name="now">Where the ledger lies now.</param>
    public string? DifferenceFrom(string environment, LedgerPlace now) => now switch
    {
        _ when environment != Environment => $"the ledger is of environment '{Environment}' and this host of '{environment}'",
        _ when now.System != Place.System => $"the database server is another one: system identifier {now.System}, it was {Place.System}",
        _ when now.Timeline != Place.Timeline => $"the database server was restored or another one took over: timeline {now.Timeline}, it was {Place.Timeline}",
        _ when now.Database != Place.Database => $"the database is another one: '{now.Name}' (oid {now.Database}), it was '{Place.Name}' (oid {Place.Database})",
        { FilesBorn: { } born } when Place.FilesBorn is { } before && born != before => $"the data folder is a copy: its files are of {born}, they were of {before}",
        _ => null,
    };
}

/// <summary>Where a ledger lies: what differs between a database and a copy of it.</summary>
/// <param name="System">PostgreSQL's system identifier: made by <c>initdb</c>, kept by copies of the whole server.</param>
/// <param name="Timeline">PostgreSQL's timeline: another one after a restore with its log, and after a standby took over.</param>
/// <param name="Database">The database's oid: another one after a dump was restored. Its name may change.</param>
/// <param name="Name">The database's name, for people.</param>
/// <param name="FilesBorn">When the data folder's files were made on this disk; null where nobody can say. See <see cref="RenewalsOptions.FilesBorn"/>.</param>
public sealed record LedgerPlace(string System, int Timeline, long Database, string Name, string? FilesBorn);

/// <summary>The last event of all that was seen.</summary>
/// <param name="Sequence">Its place in the order of all events.</param>
/// <param name="Event">What tells it from another event in the same place.</param>
internal sealed record EventMark(long Sequence, string Event);

/// <summary>How far a host has seen a ledger. Kept outside the database: a restored one cannot know what it lost.</summary>
/// <param name="Ledger">Which ledger.</param>
/// <param name="Identity">Which of its identities was in force: an adoption forgives what was seen before.</param>
/// <param name="Last">The last event.</param>
internal sealed record HostMark(Guid Ledger, Guid Identity, EventMark Last)
{
    /// <summary>When it was first seen, in milliseconds since 1970; null in marks from before that was kept.</summary>
    public long? SeenAt { get; init; }

    /// <summary>What has become of it.</summary>
    /// <remarks>
    /// A restore may take an adoption with it, and the identity a mark was seen under. The adoption after that forgives it all the same: it asked the
    /// rails for everything there was until then. Without this no adoption could ever end such a freeze.
    /// </remarks>
    /// <param name="newest">The identity in force.</param>
    /// <param name="identityIsThere">Whether the ledger has the mark's.</param>
    /// <param name="eventIsThere">Whether it has the mark's event.</param>
    public MarkIs In(LedgerIdentity? newest, bool identityIsThere, bool eventIsThere) =>
        newest is not null && newest.Id != Identity && (identityIsThere || newest.At.ToUnixTimeMilliseconds() > SeenAt) ? MarkIs.Adopted
        : identityIsThere && eventIsThere ? MarkIs.There
        : MarkIs.Gone;
}
