using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Renewals.Core.Agreements;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Api;

/// <summary>Further agreements of a membership: sign one, end one, charge under it from now on.</summary>
internal static class AgreementsApi
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder one)
    {
        one.MapPost("/agreements", AddAsync).For(ApiRole.Operator).Gives<SignReply>("Signs a further agreement: what the member's device opens, and the membership.");
        one.MapDelete("/agreements/{agreement}", RetireAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("Ends a further agreement that is not in use.");
        one.MapPost("/agreements/{agreement}/use", UseAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("Charges under another agreement from now on, and ends the one in use.");
    }

    private static async Task<IResult> AddAsync(Guid id, AgreementBody body, ApiEngine engine, CancellationToken cancellation)
    {
        if (Accounts.Find(body.Account, engine, out var account) is { } fault)
            return fault;
        return await engine.Memberships.AddAgreementAsync(body.ToRequest(new(id), account), cancellation) is { } result
            ? await SubscriptionsApi.AnswerAsync(result, engine, cancellation)
            : Answer.NotFound();
    }

    private static async Task<IResult> RetireAsync(
        Guid id, string agreement, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation, string why = "not wanted any more") =>
        Check.Reason(why) is { } fault ? ApiEndpoints.Problem(400, fault)
        : await WhyNoneAsync(id, agreement, engine, cancellation) is { } none ? none
        : Answer.Of(await engine.At(context).RetireAgreementAsync(new(id), Read(agreement), caller.Name, why, cancellation), context);

    private static async Task<IResult> UseAsync(
        Guid id, string agreement, WhyBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        await WhyNoneAsync(id, agreement, engine, cancellation)
            ?? Answer.Of(await engine.At(context).SwitchAgreementAsync(new(id), Read(agreement), caller.Name, body.Why, cancellation), context);

    // Which of the two is not there, the membership or its agreement; null: both are.
    private static async Task<IResult?> WhyNoneAsync(Guid id, string agreement, ApiEngine engine, CancellationToken cancellation) =>
        await engine.Memberships.FindAsync(new(id), cancellation) is not { } s ? Answer.NotFound()
        : AgreementId.TryParse(agreement, out var code) && (s.Agreement.Id == code || s.Backups.Any(backup => backup.Agreement.Id == code)) ? null
        : ApiEndpoints.Problem(404, "This membership has no such agreement; it names those it has.");

    private static AgreementId Read(string agreement) =>
        AgreementId.TryParse(agreement, out var code) ? code : throw new InvalidOperationException("The agreement's code was not checked.");
}

/// <summary>A member signs a further agreement for a running membership. Asking again goes on with the signing in progress.</summary>
/// <param name="Account">Where: <c>rail:number</c>.</param>
/// <param name="DisplayAccount">What the wallet shows as the member's account.</param>
/// <param name="Plan">The plan whose template is signed. Default: the membership's own.</param>
/// <param name="Scene">Where the member is. Default: the merchant's app.</param>
/// <param name="ClientAddress">The member's IP address; some scenes require it.</param>
/// <param name="PayerId">The member's id at the rail, where known.</param>
/// <param name="Card">The member's card, for rails where the merchant hands it over.</param>
/// <param name="TakesOverAfterAnyEnd">True: the member agreed that it takes over however the one in use ends. Default: an end in the wallet stops renewal.</param>
/// <param name="Consent">What the member was shown and agreed to; null: it is kept elsewhere.</param>
/// <example>{ "account": "wechat:1900000109", "displayAccount": "Ann", "takesOverAfterAnyEnd": true }</example>
internal sealed record AgreementBody(
    string Account, string DisplayAccount, string? Plan = null, SigningScene Scene = SigningScene.App, string? ClientAddress = null, string? PayerId = null,
    CardBody? Card = null, bool TakesOverAfterAnyEnd = false, Consent? Consent = null) : IBody
{
    string? IBody.Fault => Check.Name("displayAccount", DisplayAccount) ?? Check.Text("plan", Plan, Check.MostOfName) ?? Check.Address("clientAddress", ClientAddress)
        ?? Check.Text("payerId", PayerId, Check.MostOfName) ?? Card?.Fault ?? (Consent is null ? null : SignBody.FaultOf(Consent));

    /// <summary>The engine's own form.</summary>
    public BackupRequest ToRequest(SubscriptionId id, MerchantAccount account) => new()
    {
        Subscription = id, Account = account, PlanId = Plan, Scene = Scene, DisplayAccount = DisplayAccount, ClientAddress = ClientAddress, PayerId = PayerId,
        Card = Card?.ToCard(), TakesOverAfterAnyEnd = TakesOverAfterAnyEnd, Consent = Consent,
    };
}

/// <summary>A further agreement of a membership.</summary>
/// <param name="Code">Our code of it on the wire.</param>
/// <param name="Account">Where it is signed.</param>
/// <param name="Template">The rail's template.</param>
/// <param name="Status">What it is now.</param>
/// <param name="IsWanted">False: it is being ended, or was left for another.</param>
/// <param name="TakesOverAfterAnyEnd">Whether it takes over however the one in use ends.</param>
internal sealed record BackupReply(string Code, MerchantAccount Account, string Template, AgreementStatus Status, bool IsWanted, bool TakesOverAfterAnyEnd)
{
    public static BackupReply Of(BackupAgreement backup) => new(
        backup.Agreement.Id.SigningCode, backup.Account, backup.Agreement.Template, backup.Agreement.Status, backup.RetiredAt is null, backup.TakesOverAfterAnyEnd);
}
