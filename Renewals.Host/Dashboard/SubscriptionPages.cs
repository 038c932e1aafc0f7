using Microsoft.AspNetCore.WebUtilities;
using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Host.Api;
using Renewals.Host.Dashboard.Pages;

namespace Renewals.Host.Dashboard;

/// <summary>Memberships: found, and one of them from all sides.</summary>
internal static class SubscriptionPages
{
    private const int MostOfList = 50;

    private delegate Task<Subscription?> Change(Memberships memberships, SubscriptionId id, string by, string why, CancellationToken cancellation);

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/subscriptions", ListAsync).ForPage(ApiRole.Reader);
        routes.MapGet("/subscriptions/{id:guid}", OneAsync).ForPage(ApiRole.Reader);
        MapChange(routes, "park", (memberships, id, by, why, cancellation) => memberships.ParkAsync(id, by, why, cancellation));
        MapChange(routes, "unpark", (memberships, id, by, why, cancellation) => memberships.UnparkAsync(id, by, why, cancellation));
    }

    private static void MapChange(IEndpointRouteBuilder routes, string name, Change change) => routes.MapPost(
        $"/subscriptions/{{id:guid}}/{name}",
        (Guid id, HttpContext context, ApiCaller caller, ApiEngine engine) => Forms.ActAsync(context, $"/subscriptions/{id:N}", async (_, why) =>
            await change(engine.Memberships, new(id), caller.Name, why, context.RequestAborted) is null ? NotFound() : null)).ForPage(ApiRole.Operator);

    private static async Task<IResult> ListAsync(HttpContext context, ApiEngine engine, CancellationToken cancellation)
    {
        var search = MembershipSearch.Of(context.Request.Query);
        var list = engine.Get<MembershipList>();
        var page = await list.ReadAsync(search.Filter, search.Cursor, MostOfList, cancellation);

        // A member's name may look like an id, so that an id is tried only when no member is called so.
        if (page.Entries.Count == 0 && Guid.TryParse(search.Text, out var id) && await engine.Memberships.FindAsync(new(id), cancellation) is not null)
            return Results.Redirect($"/subscriptions/{id:N}");
        var accounts = engine.Get<RegisteredGateways>().Accounts.OrderBy(account => $"{account}", StringComparer.Ordinal).ToList();
        return new PageResult<SubscriptionsPage>(new Dictionary<string, object?>
        {
            [nameof(SubscriptionsPage.Page)] = page, [nameof(SubscriptionsPage.Search)] = search, [nameof(SubscriptionsPage.Accounts)] = accounts,
        });
    }

    private static async Task<IResult> OneAsync(Guid id, ApiEngine engine, DashboardData data, CancellationToken cancellation, int before = int.MaxValue)
    {
        var events = await engine.Memberships.HistoryAsync(new(id), cancellation);
        if (Evolve.All(null, events) is not { } s)
            return NotFound();

        // Of an account that is no longer served nothing can be foreseen.
        var coming = engine.Get<RegisteredGateways>().Accounts.Contains(s.Account) ? await engine.Memberships.PreviewAsync(s.Id, 3, cancellation) : null;
        return new PageResult<SubscriptionPage>(new Dictionary<string, object?> { [nameof(SubscriptionPage.View)] = MembershipView.Of(s, events, coming ?? [], data.Now, before) });
    }

    private static IResult NotFound() => MessagePage.Of(404, "There is no such membership.", "没有此会员。");
}

/// <summary>What is looked for, as it stands in an address.</summary>
/// <param name="Text">An id, or the merchant's own name of a member; empty: any.</param>
/// <param name="Account">Where; null: anywhere.</param>
/// <param name="Status">Where they stand; null: anywhere.</param>
/// <param name="ParkedOnly">Only those that wait for a person.</param>
/// <param name="Cursor">The last of the page before.</param>
public sealed record MembershipSearch(string Text, MerchantAccount? Account, SubscriptionStatus? Status, bool ParkedOnly, SubscriptionId? Cursor)
{
    /// <summary>For the list.</summary>
    public MembershipFilter Filter => new() { Member = Text.Length > 0 ? Text : null, Account = Account, Status = Status, ParkedOnly = ParkedOnly };

    /// <summary>The address of the page after this one.</summary>
    public string After(SubscriptionId last) => QueryHelpers.AddQueryString("/subscriptions", new Dictionary<string, string?>
    {
        ["q"] = Text, ["account"] = $"{Account}", ["status"] = $"{Status}", ["parked"] = ParkedOnly ? "true" : null, ["after"] = $"{last}",
    });

    /// <summary>Reads it; what cannot be meant does not matter.</summary>
    internal static MembershipSearch Of(IQueryCollection query) => new(
        query["q"].ToString().Trim(), query["account"].ToString().Split(':') is [{ Length: > 0 } rail, { Length: > 0 } number] ? new(rail, number) : null,
        Enum.TryParse<SubscriptionStatus>(query["status"], out var status) && Enum.IsDefined(status) ? status : null, query["parked"] == "true",
        Guid.TryParse(query["after"], out var after) ? new(after) : null);
}

/// <summary>One membership from all sides.</summary>
/// <param name="State">As its events tell it.</param>
/// <param name="Entitlement">Whether the member has it.</param>
/// <param name="Money">Every sum.</param>
/// <param name="Duties">What it must do, and when.</param>
/// <param name="Coming">The next charges.</param>
/// <param name="Events">A part of its events, in order.</param>
/// <param name="First">The place of the first of these; 1 is the first of all.</param>
public sealed record MembershipView(
    Subscription State, Entitlement Entitlement, MemberAccount Money, IReadOnlyList<Duty> Duties, IReadOnlyList<ComingCharge> Coming, IReadOnlyList<SubscriptionEvent> Events, int First)
{
    private const int MostEvents = 300;

    internal static MembershipView Of(Subscription s, IReadOnlyList<SubscriptionEvent> events, IReadOnlyList<ComingCharge> coming, Instant now, int before)
    {
        var last = Math.Clamp(before - 1, 1, events.Count);
        var first = Math.Max(1, last - MostEvents + 1);
        return new(s, Entitlement.Of(s, now), MemberAccount.Of(events), new Replay(events, s).Duties, coming, [.. events.Skip(first - 1).Take(last - first + 1)], first);
    }
}
