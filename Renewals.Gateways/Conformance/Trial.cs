using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Gateways.Conformance;

/// <summary>One check on one stage: members, orders, calls with patience, and the bank's ledger since it began.</summary>
internal sealed partial class Trial
{
    private readonly IReadOnlyList<StatementLine> ledgerBefore;
    private readonly string seed;
    private int members;

    private Trial(IConformanceStage stage, IPaymentGateway adapter, string seed, IReadOnlyList<StatementLine> ledgerBefore, CancellationToken cancellation) =>
        (Stage, Adapter, this.seed, this.ledgerBefore, Cancellation) = (stage, adapter, seed, ledgerBefore, cancellation);

    public IConformanceStage Stage { get; }

    public IPaymentGateway Adapter { get; private set; }

    public CancellationToken Cancellation { get; }

    public RailTraits Traits => Adapter.Traits;

    public DateTimeZone Zone => RenewalZones.Get(Traits.ZoneId);

    public LocalDate Today => Stage.Now.InZone(Zone).Date;

    public static async Task<Trial> OpenAsync(IConformanceStage stage, string check, CancellationToken cancellation)
    {
        var adapter = await stage.OpenAdapterAsync(cancellation);
        var before = await stage.ReadBankLedgerAsync(cancellation);
        return new(stage, adapter, $"{check} {stage.Now} {before.Count}", before, cancellation);
    }

    /// <summary>From here on a new adapter is used, as after a restart: nothing may live in the old one's memory.</summary>
    public async Task RestartAsync() => Adapter = await Stage.OpenAdapterAsync(Cancellation);

    public Task AdvanceAsync(Duration by) => Stage.AdvanceAsync(by, Cancellation);

    /// <summary>Fails the check unless something holds.</summary>
    public static void Require([DoesNotReturnIf(false)] bool holds, string otherwise)
    {
        if (!holds)
            throw new BrokenPromiseException(otherwise);
    }

    /// <summary>Signs a new member with money for many orders, at a moment when an order can be sent.</summary>
    /// <param name="firstChargeOn">The rail's first charge date; null: one whose window is open.</param>
    public async Task<Party> SignAsync(LocalDate? firstChargeOn = null)
    {
        var (member, request) = await NewSigningAsync(firstChargeOn);
        var agreement = await Stage.ConfirmSigningAsync(request, await StartSigningAsync(request), member, Cancellation);
        Require(agreement is not null, "what StartSigning answered was no way to sign");
        return new(member, agreement, request.Plan);
    }

    /// <summary>A new member with money for many orders, and what is asked for to sign.</summary>
    public async Task<(string Member, SigningRequest Request)> NewSigningAsync(LocalDate? firstChargeOn = null)
    {
        var member = $"member-{++members}";
        await SetBalanceAsync(member, 1000);
        await OpenHoursAsync();
        var plan = new SigningPlan(BillingInterval.Monthly, Stage.Price, firstChargeOn ?? OpenDate());
        return (member, Stage.NewSigning(new AgreementId(Id($"agreement {member}")), member, plan));
    }

    /// <summary>Starts a signing that nothing is in the way of.</summary>
    public async Task<SigningAnswer> StartSigningAsync(SigningRequest request)
    {
        var answer = await CallAsync("StartSigning", token => Adapter.StartSigningAsync(request, token));
        Require(
            answer is SigningAnswer.Ready or SigningAnswer.Signed, $"a member who may sign must be able to; StartSigning answered {answer}");
        return answer;
    }

    /// <summary>Signs a new member and gives the first order: nothing is in the way of it.</summary>
    public async Task<ChargeOrder> NewOrderAsync() => Order(await ReadyAsync());

    /// <summary>Signs a new member of whom money may be taken now.</summary>
    public async Task<Party> ReadyAsync()
    {
        var party = await SignAsync();
        if (Traits is { Notice: { } rule } && Traits.SigningConsent == Duration.Zero)
            await AnnounceAsync(party.Agreement, rule);
        return party;
    }

    /// <summary>The rail's own notice, and the days it asks for.</summary>
    public async Task AnnounceAsync(AgreementOrder agreement, RailNoticeRule rule)
    {
        var answer = await CallAsync("AnnounceAtRail", token => Adapter.AnnounceAtRailAsync(new(agreement, Stage.Price), token));
        Require(answer is RailNoticeAnswer.Accepted, $"the rail requires a notice, but AnnounceAtRail answered {answer}");
        await AdvanceToAsync(Today.PlusDays(rule.DaysBefore) + Traits.OpensAt);
    }

    /// <summary>An order of a member; sent again it is the same.</summary>
    public ChargeOrder Order(Party party, int attempt = 1)
    {
        var number = new Charge(new SubscriptionId(Id($"subscription {party.Member}")), ChargeKind.First, 1).Attempt(attempt);
        return new(
            number, party.Agreement, Stage.Price, "Membership", Stage.Now, ExpiresAt: Traits.OrderLifetime is { } life ? Stage.Now + life : null);
    }

    /// <summary>What the engine sends after an order the rail surely did not take: the same, or the next attempt where the rail takes no repeats.</summary>
    public ChargeOrder Again(ChargeOrder order) => Traits.Resend == Resend.SameOrder
        ? order
        : order with { Number = order.Number.Charge.Attempt(order.Number.Attempt + 1), RequestedAt = Stage.Now };

    public Task SetBalanceAsync(string member, long orders) =>
        Stage.SetBalanceAsync(member, Stage.Price with { MinorUnits = Stage.Price.MinorUnits * orders }, Cancellation);

    public async Task AdvanceToAsync(LocalDateTime local)
    {
        var at = Zone.AtLeniently(local).ToInstant();
        if (at > Stage.Now)
            await AdvanceAsync(at - Stage.Now);
    }

    /// <summary>Waits for the rail's hours.</summary>
    public Task OpenHoursAsync()
    {
        var local = Stage.Now.InZone(Zone).LocalDateTime;
        return local.TimeOfDay < Traits.OpensAt ? AdvanceToAsync(local.Date + Traits.OpensAt)
            : local.TimeOfDay >= Traits.ClosesAt ? AdvanceToAsync(local.Date.PlusDays(1) + Traits.OpensAt)
            : Task.CompletedTask;
    }

    /// <summary>What moved at the bank since the check began.</summary>
    public async Task<IReadOnlyList<StatementLine>> LedgerAsync() =>
        [.. (await Stage.ReadBankLedgerAsync(Cancellation)).Where(line => !ledgerBefore.Contains(line))];

    /// <summary>The bank took money for exactly these orders, once each, and under no other number.</summary>
    public async Task RequirePaidAsync(params ChargeOrder[] orders)
    {
        var taken = (await LedgerAsync()).Where(line => line.RefundNumber is null).Select(line => (line.OrderNumber, line.Amount)).Order().ToList();
        var due = orders.Select(order => (order.Number.ToString(), order.Amount)).Order().ToList();
        Require(
            taken.SequenceEqual(due),
            $"the bank should have taken money for {Words(due)}, and took it for {Words(taken)}");
    }

    private static string Words(List<(string Order, Money Amount)> lines) =>
        lines.Count == 0 ? "nothing" : string.Join(", ", lines.Select(line => $"{line.Order} ({line.Amount})"));

    // A date whose window is open today, and that the rail's months all have.
    private LocalDate OpenDate()
    {
        var date = Today.PlusDays(1);
        while (Traits.Plan is { } rule && date.Day > rule.LastDayOfMonth)
            date = date.PlusDays(1);
        return date;
    }

    // Names of this check on this stage, so that a rail that lives longer than a check never sees one twice.
    private Guid Id(string of) => new(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed} {of}")).AsSpan(0, 16));
}

/// <summary>A member who signed.</summary>
/// <param name="Member">The bank's name.</param>
/// <param name="Agreement">The agreement as the adapter is given it.</param>
/// <param name="Plan">What was agreed.</param>
internal sealed record Party(string Member, AgreementOrder Agreement, SigningPlan Plan);
