using System.Text.Json;

namespace Renewals.Core.Ledger;

/// <summary>Where a host keeps how far it has seen each ledger: outside the database, which cannot know what a restore took from it.</summary>
internal interface IHostMarks
{
    /// <summary>Where the mark of a ledger is kept, for people; null: nowhere.</summary>
    string? PathOf(Guid ledger);

    /// <summary>What was kept; null: nothing, or nothing that can be read.</summary>
    HostMark? Read(Guid ledger);

    /// <summary>Keeps a mark: whole or not at all, whatever happens meanwhile. Another process may have kept a later one; it stays.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    void Write(HostMark mark);
}

/// <summary>The file in which a host keeps how far it has seen a ledger: one for each ledger, <c>ledger-….json</c> in the host's state folder.</summary>
/// <param name="folder">The folder; null: nothing is kept.</param>
internal sealed class HostMarkFile(string? folder) : IHostMarks
{
    /// <inheritdoc/>
    public string? PathOf(Guid ledger) => folder is null ? null : Path.Combine(folder, $"ledger-{ledger:N}.json");

    /// <inheritdoc/>
    public HostMark? Read(Guid ledger)
    {
        if (PathOf(ledger) is not { } path || !File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize<HostMark>(File.ReadAllBytes(path), JsonSerializerOptions.Web) is { Last.Event: not null } mark && mark.Ledger == ledger ? mark : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Write(HostMark mark)
    {
        if (PathOf(mark.Ledger) is not { } path || (Read(mark.Ledger) is { } kept && kept.Identity == mark.Identity && kept.Last.Sequence > mark.Last.Sequence))
            return;
        Directory.CreateDirectory(folder!);
        var draft = $"{path}.{Path.GetRandomFileName()}";
        using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, mark, JsonSerializerOptions.Web);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
    }
}
