using System.Diagnostics;
using NodaTime;
using Npgsql;
using Renewals.Core.Charging;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;

namespace Renewals.Host.Demo;

/// <summary>One demo from the first signature to the end statement.</summary>
/// <param name="options">Size, seed, plant.</param>
/// <param name="progress">Told the virtual date and how many days have passed.</param>
internal sealed class DemoRun(DemoOptions options, Action<LocalDate, int> progress)
{
    internal static readonly Instant Start = Instant.FromUtc(2026, 1, 4, 16, 0);

    private readonly Draws draws = new(options.Seed);

    /// <summary>How many days so many months from the start have.</summary>
    public static int DaysIn(int months)
    {
        var first = Start.InZone(RenewalZones.Get(RenewalZones.Shanghai)).Date;
        return Period.DaysBetween(first, first.PlusMonths(months));
    }

    public async Task<DemoStatement> RunAsync(CancellationToken cancellation)
    {
        var took = Stopwatch.StartNew();
        var zone = RenewalZones.Get(RenewalZones.Shanghai);
        var end = Start.InZone(zone).Date.PlusMonths(options.Months).AtStartOfDayInZone(zone).ToInstant();
        IReadOnlyList<DemoMember> members = Enumerable.Range(1, options.Subscribers).Select(number => DemoMember.Draw(draws, number, options.Rails, Start, options.Months)).ToList();
        (members, var stories) = DemoStories.GiveTo(draws, members, options.Rails, options.Months);
        var clock = new MovableClock(Start);
        var victim = Victim(members);
        var notifier = new DemoNotifier(clock, options.Plant, notice => notice.Subscription == victim?.Id);
        await using var world = await DemoWorld.StartAsync(clock, options.Rails, draws, notifier, null, cancellation);
        using var cast = new DemoCast(world, members, stories);
        PlantAtBank(world, victim);
        await new DemoDays(clock, cast, progress).PassAsync(end, world.NextAsync, world.SettleAsync, cancellation);
        if (options.Plant == Plant.EventLost)
            await LoseEventAsync(world, victim!, cancellation);
        var evidence = await DemoEvidence.GatherAsync(world, notifier.Receipts, members, cast.Cancelled, stories, end, cancellation);
        return DemoStatement.From(evidence, options, took.Elapsed) with { Stories = await ToldStory.ReadAsync(world, stories, cancellation) };
    }

    /// <summary>The member a defect is planted on: stays, and pays period 2 at the first try.</summary>
    private DemoMember? Victim(IReadOnlyList<DemoMember> members)
    {
        if (options.Plant == Plant.None)
            return null;
        return members.FirstOrDefault(member => member is { Months: 1, LeavesAt: null, KeepsRenewal: true } && !draws.IsDeclined(member.Name, SecondPeriod(member)))
            ?? throw new Microsoft.Extensions.Options.OptionsValidationException("demo", typeof(DemoOptions), ["No member is fit for the plant; take more subscribers or another seed."]);
    }

    private static OrderNumber SecondPeriod(DemoMember member) => new Charge(member.Id, ChargeKind.Renewal, 2).Attempt(1);

    private void PlantAtBank(DemoWorld world, DemoMember? victim)
    {
        if (victim is null)
            return;
        var order = SecondPeriod(victim).ToString();
        if (options.Plant == Plant.BankBooksTwice)
            world.Sandbox.Bank.PlantDoubleBooking(candidate => candidate == order);
        else if (options.Plant == Plant.BankForgets)
            world.Sandbox.Bank.PlantForgottenPayment(candidate => candidate == order);
    }

    private static async Task LoseEventAsync(DemoWorld world, DemoMember victim, CancellationToken cancellation)
    {
        await using var database = NpgsqlDataSource.Create(world.ConnectionString);
        await using var command = database.CreateCommand($"delete from {MartenConfiguration.Schema}.mt_events where id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = EventIds.Named(victim.Id.Value, $"charged/{(int)ChargeKind.Renewal}/2") });
        if (await command.ExecuteNonQueryAsync(cancellation) != 1)
            throw new InvalidOperationException("The event to lose was not there.");
    }
}
