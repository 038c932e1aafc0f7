using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;

namespace Renewals.Host.Simulation.Cast;

/// <summary>Members who ask that what names them is erased, at any time and whether or not something is open; and the age at which documents go.</summary>
internal sealed class Erasures(SimWorld world)
{
    private const int MostTries = 4;

    private static readonly Duration DocumentsKept = Duration.FromDays(35);

    private readonly Dice dice = Dice.Of(world.Seed, "erasures");

    /// <summary>What was erased, by what the engine has put on record.</summary>
    public List<ErasureReport> Done { get; } = [];

    public void Start()
    {
        One();
        ForgetOldDocuments();
    }

    /// <summary>A ledger that is frozen does not know what is open: nobody is erased until it is adopted.</summary>
    public void Frozen()
    {
        if (dice.Chance(0.6))
            world.Schedule(dice.Between(Duration.FromSeconds(30), Duration.FromMinutes(50)), Ask);
    }

    /// <summary>What was erased since the moment a backup was made is there again: a person erases it once more.</summary>
    public void Restored()
    {
        foreach (var lost in Done.Where(report => !IsOnRecord(report)).ToList())
        {
            Done.Remove(lost);
            world.Schedule(dice.Between(Duration.FromDays(2), Duration.FromDays(10)), () => Ask(lost.Member, 0));
        }
    }

    private bool IsOnRecord(ErasureReport report) => SimLedger.Done(world.Ledger.Erasures.FindAsync(report.Member, default)).Any(known => known.At == report.At);

    private void One()
    {
        if (!world.Faults.Calm)
            Ask();
        world.Schedule(dice.Between(Duration.FromDays(5), Duration.FromDays(25)), One);
    }

    // Most are over; who is not is refused.
    private void Ask()
    {
        var overs = world.Ledger.Tracks.Where(track => track.State.Status is SubscriptionStatus.Ended or SubscriptionStatus.Cancelled).ToList();
        var tracks = overs.Count == 0 || dice.Chance(0.2) ? world.Ledger.Tracks.ToList() : overs;
        if (tracks.Count > 0)
            Ask(dice.Of(tracks).State.Member, 0);
    }

    private void Ask(string member, int tries)
    {
        var isDone = false;
        world.Ask(async engine =>
        {
            try
            {
                isDone = Take(await engine.Eraser.EraseAsync(member, "operator", "the member asked for it"));
            }
            catch (LedgerUnavailableException) when (world.Ledger.Freeze is not null)
            {
                world.Reach.Saw(Mark.ErasureWhileFrozen);
            }
            catch (LedgerUnavailableException)
            {
                // A statement is being read.
            }
        });
        world.Schedule(dice.Between(Duration.FromHours(1), Duration.FromDays(20)), () =>
        {
            if (!isDone && tries < MostTries)
                Ask(member, tries + 1);
        });
    }

    private bool Take(ErasureReport? report)
    {
        if (report is null)
            return true;
        if (report.Open.Count > 0)
        {
            world.Reach.Saw(Mark.ErasureRefused);
            return false;
        }

        if (!report.IsDone)
            return true;
        world.Reach.Saw(report.Earlier.Count > 0 ? Mark.MemberErasedAgain : Mark.MemberErased);
        foreach (var id in report.Memberships)
        {
            world.Story?.Say(id, $"{report.Member} is erased");
            world.Members.Of(id)?.Erased(report.Member);
        }

        // A restore may have been quicker than the answer.
        if (IsOnRecord(report))
            Done.Add(report);
        if (report.Notes.Any(note => note.Contains("erase again", StringComparison.Ordinal)))
            world.Schedule(Duration.FromDays(3), () => Ask(report.Member, MostTries - 1));
        return true;
    }

    private void ForgetOldDocuments() => world.Schedule(Duration.FromDays(1), () =>
    {
        SimLedger.Done(world.Ledger.Documents.EraseBeforeAsync(world.Now - DocumentsKept, default));
        ForgetOldDocuments();
    });
}
