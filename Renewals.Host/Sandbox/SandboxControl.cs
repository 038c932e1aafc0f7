using System.Globalization;
using System.Text.Json.Nodes;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Host.Sandbox;

/// <summary>The endpoints under <c>/_control</c>: what a script does to members, rails and callbacks, and a look at the bank. Not part of any rail.</summary>
internal sealed class SandboxControl(SandboxServer sandbox, SandboxWeather weather)
{
    private static readonly Dictionary<string, CallbackTurn> Turns = new(StringComparer.Ordinal)
    {
        ["lose"] = CallbackTurn.Lose, ["duplicate"] = CallbackTurn.Duplicate, ["reorder"] = CallbackTurn.Reorder, ["forge"] = CallbackTurn.Forge,
    };

    private static readonly Dictionary<string, TerminationMode> Modes = new(StringComparer.Ordinal)
    {
        ["member"] = TerminationMode.Member, ["expired"] = TerminationMode.Expired, ["merchant"] = TerminationMode.Merchant,
        ["platform"] = TerminationMode.Platform, ["account-closed"] = TerminationMode.AccountClosed,
    };

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/_control/bank", context => ReplyAsync(context, new JsonArray([.. sandbox.Bank.Entries.Select(Describe)])));
        routes.MapGet("/_control/failures", context => ReplyAsync(context, new JsonArray([.. sandbox.Bank.FailedAttempts.Select(Describe)])));
        Post(routes, "/_control/members", OpenMember);
        Post(routes, "/_control/members/{member}/deposit", Deposit);
        routes.MapGet("/_control/{rail}/agreements", context => Rail(context) is { } rail
            ? ReplyAsync(context, new JsonArray([.. rail.Agreements.Select(Describe)]))
            : RefuseAsync(context, NoSuchRail()));
        OfRail(routes, "signings/{code}/confirm", ConfirmAsync);
        OfRail(routes, "agreements/{code}/end", EndAsync);
        OfRail(routes, "faults", (rail, _, form) => Task.FromResult(Fault(rail, form)));
        OfRail(routes, "declines", (rail, _, form) => Task.FromResult(Decline(rail, form)));
        OfRail(routes, "callbacks", (rail, _, form) => Task.FromResult(Callback(rail, form)));
        OfRail(routes, "notify-url", (rail, _, form) => Task.FromResult(NotifyUrl(rail, form)));
        OfRail(routes, "outage", (rail, _, form) => Task.FromResult(Outage(rail, form)));
        OfRail(routes, "delay", (rail, _, form) => Task.FromResult(Delay(rail, form)));
    }

    private (JsonObject? Done, string? Problem) OpenMember(HttpContext context, SandboxForm form)
    {
        if (form["member"].Length == 0 || !long.TryParse(form["balance"], NumberStyles.None, CultureInfo.InvariantCulture, out var balance))
            return (null, "give member and balance (minor units, 0 or more)");
        sandbox.Bank.OpenAccount(form["member"], balance);
        return (new() { ["member"] = form["member"], ["balance"] = balance }, null);
    }

    private (JsonObject? Done, string? Problem) Deposit(HttpContext context, SandboxForm form)
    {
        var member = Route(context, "member");
        if (!long.TryParse(form["amount"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var amount) || !sandbox.Bank.IsOpen(member))
            return (null, "give amount (minor units, negative takes out) for a member whose account is open");
        sandbox.Bank.Deposit(member, amount);
        return (new() { ["member"] = member, ["balance"] = sandbox.Bank.BalanceOf(member) }, null);
    }

    private static async Task<(JsonObject? Done, string? Problem)> ConfirmAsync(ISandboxRail rail, HttpContext context, SandboxForm form)
    {
        var signed = await rail.ConfirmSigningAsync(Route(context, "code"), form["member"]);
        return signed.Refusal is { } refusal ? (null, refusal) : (new() { ["agreement"] = signed.RailAgreementId }, null);
    }

    private static async Task<(JsonObject? Done, string? Problem)> EndAsync(ISandboxRail rail, HttpContext context, SandboxForm form)
    {
        if (!Modes.TryGetValue(form["mode"], out var mode))
            return (null, $"give mode: {string.Join(", ", Modes.Keys)}");
        return await rail.TerminateAsync(Route(context, "code"), mode) ? (new() { ["ended"] = true }, null) : (null, "there is no such agreement in force");
    }

    private static (JsonObject? Done, string? Problem) Fault(ISandboxRail rail, SandboxForm form) =>
        form["key"].Length > 0 && rail.TryInjectFault(form["key"], form["fault"])
            ? (new() { ["fault"] = form["fault"] }, null)
            : (null, $"give key (an order, refund or agreement) and fault: {string.Join(", ", rail.FaultWords)}");

    private static (JsonObject? Done, string? Problem) Decline(ISandboxRail rail, SandboxForm form)
    {
        if (form["member"].Length == 0 || form["code"].Length == 0)
            return (null, "give member and code (the rail's own)");
        rail.DeclineNext(form["member"], form["code"]);
        return (new() { ["member"] = form["member"], ["code"] = form["code"] }, null);
    }

    private static (JsonObject? Done, string? Problem) Callback(ISandboxRail rail, SandboxForm form)
    {
        if (!Turns.TryGetValue(form["next"], out var turn))
            return (null, $"give next: {string.Join(", ", Turns.Keys)}");
        rail.Callbacks.Add(turn);
        return (new() { ["next"] = form["next"] }, null);
    }

    private static (JsonObject? Done, string? Problem) NotifyUrl(ISandboxRail rail, SandboxForm form)
    {
        if (form["url"].Length > 0 && !(Uri.TryCreate(form["url"], UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            return (null, "give url, absolute, http or https; empty for none");
        rail.MerchantNotifyUrl = form["url"].Length > 0 ? new Uri(form["url"]) : null;
        return (new() { ["url"] = rail.MerchantNotifyUrl?.AbsoluteUri }, null);
    }

    private (JsonObject? Done, string? Problem) Outage(ISandboxRail rail, SandboxForm form)
    {
        if (!bool.TryParse(form["on"], out var on))
            return (null, "give on: true or false");
        weather.Outage(rail.Account.Rail, on);
        return (new() { ["outage"] = on }, null);
    }

    private (JsonObject? Done, string? Problem) Delay(ISandboxRail rail, SandboxForm form)
    {
        if (!int.TryParse(form["milliseconds"], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) || milliseconds > 120_000)
            return (null, "give milliseconds, 0 to 120000");
        weather.Delay(rail.Account.Rail, TimeSpan.FromMilliseconds(milliseconds));
        return (new() { ["milliseconds"] = milliseconds }, null);
    }

    private void OfRail(
        IEndpointRouteBuilder routes, string path, Func<ISandboxRail, HttpContext, SandboxForm, Task<(JsonObject? Done, string? Problem)>> act) =>
        routes.MapPost($"/_control/{{rail}}/{path}", async context => await AnswerAsync(
            context, Rail(context) is { } rail ? await act(rail, context, await SandboxForm.ReadAsync(context.Request)) : (null, NoSuchRail())));

    private static void Post(IEndpointRouteBuilder routes, string path, Func<HttpContext, SandboxForm, (JsonObject? Done, string? Problem)> act) =>
        routes.MapPost(path, async context => await AnswerAsync(context, act(context, await SandboxForm.ReadAsync(context.Request))));

    private static Task AnswerAsync(HttpContext context, (JsonObject? Done, string? Problem) answer) =>
        answer.Problem is { } problem ? RefuseAsync(context, problem) : ReplyAsync(context, answer.Done!);

    private static Task RefuseAsync(HttpContext context, string problem)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return ReplyAsync(context, new JsonObject { ["problem"] = problem });
    }

    private static Task ReplyAsync(HttpContext context, JsonNode body)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(body.ToJsonString());
    }

    private ISandboxRail? Rail(HttpContext context) => sandbox.Rails.FirstOrDefault(rail => rail.Account.Rail == Route(context, "rail"));

    private string NoSuchRail() => $"no such rail; there are {string.Join(", ", sandbox.Rails.Select(rail => rail.Account.Rail))}";

    private static string Route(HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    private static JsonObject Describe(BankEntry entry) => new()
    {
        ["account"] = entry.Account.ToString(), ["order"] = entry.OrderNumber, ["refund"] = entry.RefundNumber, ["member"] = entry.Member,
        ["amount"] = entry.Amount.MinorUnits, ["currency"] = entry.Amount.Currency, ["kind"] = entry.Kind.ToString(),
        ["at"] = entry.At.ToString(), ["transaction"] = entry.TransactionId, ["under"] = entry.Under.ToString(),
    };

    private static JsonObject Describe(FailedAttempt failure) => new()
    {
        ["order"] = failure.OrderNumber, ["at"] = failure.At.ToString(), ["reason"] = failure.Reason,
    };

    private static JsonObject Describe(SandboxAgreement agreement) => new()
    {
        ["code"] = agreement.SigningCode, ["id"] = agreement.RailAgreementId, ["member"] = agreement.Member,
        ["signed_at"] = agreement.SignedAt.ToString(), ["ended_at"] = agreement.EndedAt?.ToString(), ["mode"] = agreement.Mode?.ToString(),
    };
}
