using System.Text;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Privacy;

/// <summary>Two members who pay at two rails for a month; their rails call back and send statements, and name them.</summary>
internal sealed class ErasureWorld : IAsyncDisposable
{
    /// <summary>The member who will be erased, and one whose payer's id begins with the same letters.</summary>
    public const string Erased = "member-one";
    public const string Other = "member-two";

    private readonly List<(SubscriptionId Id, string Payer)> members = [];

    private ErasureWorld(TestHost host, ScriptedRail second) => (Host, Second) = (host, second);

    public TestHost Host { get; }

    public ScriptedRail Second { get; }

    public MemberEraser Eraser => Host.Services.GetRequiredService<MemberEraser>();

    public IKeptDocuments Documents => Host.Services.GetRequiredService<IKeptDocuments>();

    /// <summary>The memberships of the member who will be erased, at two accounts.</summary>
    public IReadOnlyList<SubscriptionId> Mine { get; } = [Samples.IdOf(1), Samples.IdOf(2)];

    private Instant Now => Instant.FromDateTimeOffset(Host.Time.GetUtcNow());

    public static string PayerOf(int number) => number switch { 1 => "PAYER-ZQX", 2 => "PAYER-2ND-RAIL", _ => "PAYER-ZQX9" };

    public static async Task<ErasureWorld> StartAsync(string? connection)
    {
        var time = TestHost.Clock();
        var (rail, second) = (new ScriptedRail(time), new ScriptedRail(time, new("alipay", "2")));
        var world = new ErasureWorld(await TestHost.StartAsync(connection, time, rail, null, second), second);
        foreach (var each in new[] { rail, second })
        {
            each.Traits = each.Traits with { CanAskForAgreements = false };
            each.OnQueryAgreement = order => new AgreementAnswer.Active($"contract-{order.Agreement}", world.PayerOf(order.Agreement), world.Now, null);
            each.OnCallback = world.Read;
            each.OnStatement = day => world.StatementOf(each, day);
        }

        await world.SignAsync(1, Erased, rail.Account);
        await world.SignAsync(2, Erased, second.Account);
        await world.SignAsync(3, Other, rail.Account);
        time.Advance(TimeSpan.FromMinutes(10));
        await world.Host.SweepAsync();
        await world.CallBackAsync();
        return world;
    }

    /// <summary>Signs and pays, with everything the rail is given of a person.</summary>
    public async Task SignAsync(int number, string member, MerchantAccount account)
    {
        var request = TestHost.Request(number, member, account) with { PayerId = PayerOf(number), Card = number == 1 ? new("6222021234567890128", "holder", "01", "id", "phone") : null };
        (await Host.Members.SignAsync(request)).Should().BeOfType<SignResult.Ready>();
        members.Add((Samples.IdOf(number), PayerOf(number)));
    }

    /// <summary>The rails call back: of a payment, of nothing we know, and a stranger who names the payer.</summary>
    public async Task CallBackAsync()
    {
        foreach (var (id, payer) in members)
        {
            var rail = (await Host.FindAsync(id)).Account == Second.Account ? Second : Host.Rail;
            foreach (var kind in new[] { "paid", "signed", "coupon", "forged", "hidden" })
                await Host.Callbacks.ReceiveAsync(rail.Account, new(new Dictionary<string, string> { ["X-Kind"] = kind }, Encoding.UTF8.GetBytes($"{kind}&payer%3D{(kind == "hidden" ? "SEALED" : payer)}&order={Samples.Order(id, 1)}&code={(await Host.FindAsync(id)).Agreement.Id}")));
        }
    }

    /// <summary>Every account's statement of a day is read.</summary>
    public async Task<long> ReconcileAsync(LocalDate day)
    {
        var matched = 0L;
        foreach (var account in new[] { Host.Rail.Account, Second.Account })
        {
            var report = await Host.Services.GetRequiredService<Reconciler>().RunAsync(account, day);
            report.State.Should().Be(ReconciliationState.Complete, report.Why);
            matched += report.Matched;
        }

        return matched;
    }

    /// <summary>Renews once, cancels and waits for the end of the agreements.</summary>
    public async Task EndAsync()
    {
        foreach (var id in Mine)
            await Host.Members.CancelAsync(id, "enough");
        await Host.SweepUntilAsync(async () => (await Task.WhenAll(Mine.Select(Host.FindAsync))).All(s => s.Agreement.Status == AgreementStatus.Terminated));
    }

    /// <summary>All the money that the ledger knows of, by membership.</summary>
    public async Task<Dictionary<SubscriptionId, long>> MoneyAsync()
    {
        Dictionary<SubscriptionId, long> money = [];
        foreach (var account in new[] { Host.Rail.Account, Second.Account })
        {
            await foreach (var m in Host.Ledger.ReadMovementsAsync(account, Instant.FromUtc(2026, 1, 1, 0, 0), Instant.FromUtc(2027, 1, 1, 0, 0), default))
                money[m.Order.Charge.Subscription] = money.GetValueOrDefault(m.Order.Charge.Subscription) + (m.RefundNumber is null ? m.Amount.MinorUnits : -m.Amount.MinorUnits);
        }

        return money;
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private string PayerOf(AgreementId agreement) => members.First(m => new AgreementId(EventIds.Named(m.Id.Value, "agreement/1")) == agreement).Payer;

    private CallbackReading Read(Callback callback)
    {
        var fields = Encoding.UTF8.GetString(callback.Body.Span).Split('&');
        var (order, code) = (fields[2].Split('=')[1], fields[3].Split('=')[1]);
        AgreementId.TryParse(code, out var agreement).Should().BeTrue();
        return fields[0] switch
        {
            "paid" or "hidden" => new CallbackReading.OfCharge(order, new(new ChargeOutcome.Succeeded(Money.Cny(990), $"T{order}", Samples.Now + Duration.FromMinutes(10)))),
            "signed" => new CallbackReading.OfAgreement(code, new AgreementAnswer.Active($"contract-{code}", PayerOf(agreement), Samples.Now, null)),
            "coupon" => new CallbackReading.NothingForUs("a coupon"),
            _ => new CallbackReading.Rejected("no signature"),
        };
    }

    // A file with a header, a line for each payment with its payer, and a total.
    private StatementAnswer StatementOf(ScriptedRail rail, LocalDate day)
    {
        var lines = rail.Orders.Where(order => order.RequestedAt.InZone(RenewalZones.Get(RenewalZones.Shanghai)).Date == day).DistinctBy(order => order.Number)
            .Select(order => (order, payer: members.First(m => m.Id == order.Number.Charge.Subscription).Payer)).ToList();
        var file = string.Concat(lines.Select(line => $"{line.order.Number},{line.payer},{line.order.Amount.MinorUnits}\n").Prepend($"order,payer,fen {day}\n").Append($"total,,{lines.Count}\n"));
        return new StatementAnswer.Ready(
            Encoding.UTF8.GetBytes(file),
            lines.Select(line => new StatementLine(line.order.Number.ToString(), null, line.order.Amount, $"T{line.order.Number}", line.order.RequestedAt)));
    }
}
