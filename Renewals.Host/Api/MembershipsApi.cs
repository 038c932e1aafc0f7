using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Api;

/// <summary>Memberships, many at a time: found by what is known of them.</summary>
internal static class MembershipsApi
{
    /// <summary>Adds the route.</summary>
    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/", ListAsync).For(ApiRole.Reader)
        .Gives<PageReply<ListedReply>>("Memberships by member, account, status, plan, or those that wait for a person; in the order of their ids.");

    /// <summary>Reads a page.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="filter">Which.</param>
    /// <param name="after">The end of the page before.</param>
    /// <param name="limit">How many.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<IResult> PageAsync(ApiEngine engine, MembershipFilter filter, Guid? after, int limit, CancellationToken cancellation)
    {
        if (Page.FaultOf(limit) is { } fault)
            return fault;
        var page = await engine.Get<MembershipList>().ReadAsync(filter, after is { } last ? new SubscriptionId(last) : null, limit, cancellation);
        return Answer.Of(new PageReply<ListedReply>([.. page.Entries.Select(ListedReply.Of)], page.Next?.Value.ToString()));
    }

    private static async Task<IResult> ListAsync(
        ApiEngine engine, CancellationToken cancellation, string? member = null, string? account = null, string? status = null, string? plan = null, bool parked = false,
        Guid? after = null, int limit = Page.Usual)
    {
        if (account is not null && Accounts.FaultOf("account", account) is { } fault)
            return ApiEndpoints.Problem(400, fault);
        if (status is not null && !EnumWords.TryRead<SubscriptionStatus>(status, out _))
            return ApiEndpoints.Problem(400, $"status: {EnumWords.SentenceFor<SubscriptionStatus>()}");
        var filter = new MembershipFilter
        {
            Member = member, Account = account is null ? null : MerchantAccount.Parse(account), Plan = plan, ParkedOnly = parked,
            Status = EnumWords.TryRead<SubscriptionStatus>(status, out var wanted) ? wanted : null,
        };
        return await PageAsync(engine, filter, after, limit, cancellation);
    }
}

/// <summary>Memberships that wait for a person.</summary>
internal static class ParkedApi
{
    /// <summary>Adds the list.</summary>
    public static void Map(RouteGroupBuilder routes) =>
        routes.MapGet("/", ListAsync).For(ApiRole.Reader).Gives<PageReply<ListedReply>>("Memberships that wait for a person, and why.");

    /// <summary>Adds what is done to one.</summary>
    public static void MapOne(RouteGroupBuilder one)
    {
        one.MapPost("/park", ParkAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("Lets a person look before anything is announced or charged.");
        one.MapPost("/unpark", UnparkAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("A person has looked: it goes on.");
    }

    private static Task<IResult> ListAsync(ApiEngine engine, CancellationToken cancellation, string? account = null, Guid? after = null, int limit = Page.Usual) =>
        account is not null && Accounts.FaultOf("account", account) is { } fault
            ? Task.FromResult(ApiEndpoints.Problem(400, fault))
            : MembershipsApi.PageAsync(engine, new() { Account = account is null ? null : MerchantAccount.Parse(account), ParkedOnly = true }, after, limit, cancellation);

    private static async Task<IResult> ParkAsync(Guid id, WhyBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.At(context).ParkAsync(new(id), caller.Name, body.Why, cancellation), context);

    private static async Task<IResult> UnparkAsync(Guid id, WhyBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.At(context).UnparkAsync(new(id), caller.Name, body.Why, cancellation), context);
}

/// <summary>A membership in a list.</summary>
/// <param name="Id">Which.</param>
/// <param name="Member">The merchant's own name of the member.</param>
/// <param name="Account">Where it is charged.</param>
/// <param name="Plan">The plan; absent where the membership cannot be read.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Parked">Why a person must look.</param>
/// <param name="PaidUntil">Until then the member has paid.</param>
/// <param name="Next">When something is due.</param>
/// <param name="Version">How many events it has.</param>
internal sealed record ListedReply(
    Guid Id, string Member, MerchantAccount Account, string? Plan, SubscriptionStatus Status, ParkReason? Parked, Instant? PaidUntil, Instant? Next, long Version)
{
    public static ListedReply Of(MembershipEntry x) => new(
        x.Id.Value, x.Member, x.Account, x.Membership?.Terms.PlanId, x.Status, x.Parked, x.Membership?.PaidUntil, x.Alarm, x.Version);
}
