using System.Text;
using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation.Checks;

/// <summary>
/// After an erasure the vault has nothing of the member's agreements, and no message that was kept has a trace of the member: whatever is delivered,
/// asked and answered afterwards. Only a statement that is read later names the member again, until it is erased once more.
/// </summary>
/// <remarks>By what the rails know of the member, not by what the engine looked for.</remarks>
internal sealed class ErasedIsGone(SimWorld world) : Promise(world)
{
    public override string Name => "erased-is-gone";

    public override void Restored(Instant to) => World.Erasures.Restored();

    public override void Weekly()
    {
        if (World.Ledger.IsAway)
            return;
        foreach (var report in World.Erasures.Done)
            Look(report);
    }

    public override void AtTheEnd() => Weekly();

    private void Look(ErasureReport report)
    {
        var tracks = report.Memberships.Select(World.Ledger.Track).OfType<Track>().ToList();
        if (tracks.Count == 0)
            return;
        var agreements = tracks.SelectMany(track => World.Ledger.AgreementsOf(track.Id)).ToList();
        var kept = SimLedger.Done(World.Ledger.Vault.GetAsync(agreements, default));
        Hold(kept.Count == 0, tracks[0].Id, $"{report.Member} was erased at {report.At}, and the vault has keys of {string.Join(", ", kept.Keys)}");
        foreach (var track in tracks)
            Hold(World.Ledger.Documents.Where(d => d.Membership == track.Id).Count == 0, track.Id, $"{report.Member} was erased at {report.At}, and a callback of the membership is kept");
        LookIntoStatements(report, tracks[0].Id, TracesOf(report, tracks, agreements.Select(agreement => agreement.SigningCode)));
        foreach (var (track, rail) in tracks.SelectMany(track => World.Rails.Select(rail => (track, rail))))
        {
            var found = SimLedger.Done(World.Ledger.Moves.PaymentsOfAsync(rail.Account, track.Id, default));
            Hold(found.Count == 0, track.Id, $"{report.Member} was erased at {report.At}, and is found in the other system's payments");
        }
    }

    private void LookIntoStatements(ErasureReport report, SubscriptionId about, List<string> traces)
    {
        var knewNobody = report.Erased.VaultKeys == 0 || report.Earlier.Count > 0;
        foreach (var document in World.Ledger.Documents.Where(d => d.Kind == DocumentKind.Statement && d.At < report.At))
        {
            var lines = Encoding.UTF8.GetString(SimLedger.Done(World.Ledger.Documents.FindAsync(document.Id, default))!).Split('\n');
            var found = lines.FirstOrDefault(line => traces.Exists(trace => $"{line}\n".Contains(trace, StringComparison.Ordinal)) && !(knewNobody && IsOfLostMembership(line)));
            Hold(found is null, about, $"{report.Member} was erased at {report.At}, and a statement of {document.At} has {found}");
        }
    }

    // Lost with a restore: where the vault did not know the payer any more, nothing here says whose it was.
    private bool IsOfLostMembership(string line) =>
        line.Split(',') is [_, { } order, ..] && OrderNumber.TryParse(order, out var number) && World.Ledger.Track(number.Charge.Subscription) is null;

    // What the rails write into statements: orders, the numbers of payments, agreements, and the payer.
    private List<string> TracesOf(ErasureReport report, List<Track> tracks, IEnumerable<string> codes) =>
    [
        .. World.Rails.SelectMany(rail => rail.Orders.Values).Where(order => report.Memberships.Contains(order.Number.Charge.Subscription))
            .Select(order => order.Text[1..26]).Distinct(),
        .. codes, .. report.Memberships.Select(World.Movers.Of).Where(old => old is not null).SelectMany(old => Seen(old!.Id!.Value)),
        .. tracks.Exists(track => track.State.Accounts.Any(account => World.RailOf(account) is WeChatRail)) ? [$",{report.Member}\n"] : Array.Empty<string>(),
    ];

    private IEnumerable<string> Seen(SubscriptionId id) => World.Ledger.Track(id)?.Events.OfType<PaidElsewhere>().Select(e => e.RailTransaction) ?? [];
}
