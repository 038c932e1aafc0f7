using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Renewals.Host.Sandbox.Stripe;

/// <summary>Every call of the API: the key checked, idempotency kept, faults played, then to the desks.</summary>
internal sealed class ApiDoor(StripeState state, CheckoutDesk checkout, IntentDesk intents, BalanceDesk balance, StripeFaults faults)
{
    /// <summary>How long the rail keeps a key (docs.stripe.com/api/idempotent_requests).</summary>
    private static readonly Duration KeysAreKept = Duration.FromHours(24);

    private readonly Dictionary<string, KeptAnswer> kept = new(StringComparer.Ordinal);

    public async Task ServeAsync(HttpContext context)
    {
        var body = Encoding.UTF8.GetString(await RequestBody.ReadAsync(context.Request));
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        var call = new ApiCall(
            context.Request.Method, (string)context.Request.RouteValues["path"]!, context.Request.Method == "GET" ? context.Request.QueryString.Value ?? "" : body,
            key.Length == 0 || context.Request.Method == "GET" ? null : key, state.Now);
        if (!IsOurKey(context.Request.Headers.Authorization.ToString()))
        {
            await ReplyAsync(context, new(401, ApiAnswer.Error("invalid_request_error", null, "Invalid API Key provided"), Kept: false));
            return;
        }

        var (answer, fault) = Execute(call);
        if (fault == StripeFault.SlowAnswer)
            await Task.Delay(StripeFaults.SlowAnswer, TimeProvider.System, context.RequestAborted);
        if (answer is null)
            context.Abort();
        else
            await ReplyAsync(context, answer);
    }

    /// <summary>Executes a call; no answer where the line breaks.</summary>
    private (ApiAnswer? Answer, StripeFault? Fault) Execute(ApiCall call)
    {
        lock (state.Gate)
        {
            var fault = faults.Take(call.About) ?? FirstAnswer(call);
            return fault switch
            {
                StripeFault.LoseRequest => (null, fault),
                StripeFault.RateLimit => (new(429, ApiAnswer.Error("invalid_request_error", "rate_limit", "Too many requests"), Kept: false), fault),
                StripeFault.RefuseRequest => (ApiAnswer.Invalid("Received unknown parameter"), fault),
                StripeFault.LoseAnswer => (Ignore(Once(call, spoil: false)), fault),
                StripeFault.ServerError => (Once(call, spoil: true), fault),
                StripeFault.SlowAnswer or null => (Once(call, spoil: false), fault),
                _ => throw new InvalidOperationException("No such fault."),
            };
        }
    }

    private static ApiAnswer? Ignore(ApiAnswer _) => null;

    private StripeFault? FirstAnswer(ApiCall call) =>
        call is { Method: "POST", Path: "payment_intents" } && call["metadata[order]"] is { Length: > 0 } order && state.Cards.TryGetValue(call["payment_method"], out var card)
            ? state.FirstAnswerOf(card.Member, order)
            : null;

    // The same key with the same parameters gets the same answer for a day, errors of the rail included; with others it is refused.
    private ApiAnswer Once(ApiCall call, bool spoil)
    {
        var print = $"{call.Path}\n{call.Text}";
        if (call.Key is { } key && kept.TryGetValue(key, out var known) && call.Now < known.At + KeysAreKept)
        {
            return known.Print == print
                ? known.Answer
                : new(400, ApiAnswer.Error("idempotency_error", null, "Keys for idempotent requests can only be used with the same parameters they were first used with."));
        }

        var answer = Route(call);
        if (spoil && answer.Kept)
            answer = new(500, ApiAnswer.Error("api_error", null, "An unknown error occurred"));
        if (call.Key is { } used && answer.Kept)
            kept[used] = new(print, answer, call.Now);
        return answer;
    }

    private ApiAnswer Route(ApiCall call) => (call.Method, call.Path.Split('/')) switch
    {
        ("GET", ["accounts", var id]) => Account(id),
        ("POST", ["customers"]) => checkout.CreateCustomer(call),
        ("GET", ["customers", "search"]) => checkout.SearchCustomers(call),
        ("POST", ["checkout", "sessions"]) => checkout.CreatePage(call),
        ("GET", ["checkout", "sessions"]) => checkout.ListPages(call),
        ("POST", ["checkout", "sessions", var id, "expire"]) => checkout.ClosePage(call, id),
        ("GET", ["payment_methods", var id]) => checkout.ShowCard(id),
        ("POST", ["payment_methods", var id, "detach"]) => checkout.DetachCard(call, id),
        ("POST", ["payment_intents"]) => intents.Create(call),
        ("GET", ["payment_intents"]) => intents.List(call),
        ("POST", ["payment_intents", var id, "confirm"]) => intents.ConfirmAgain(call, id),
        ("POST", ["payment_intents", var id, "cancel"]) => intents.CancelCall(call, id),
        ("POST", ["refunds"]) => balance.CreateRefund(call),
        ("GET", ["refunds"]) => balance.ListRefunds(call),
        ("GET", ["balance_transactions"]) => balance.ListBalance(call),
        _ => ApiAnswer.Invalid($"Unrecognized request URL ({call.Method}: /v1/{call.Path})", status: 404),
    };

    private ApiAnswer Account(string id) => id == state.Credentials.AccountId
        ? ApiAnswer.Of(new() { ["id"] = id, ["object"] = "account", ["charges_enabled"] = true })
        : ApiAnswer.Invalid("The provided key does not have access to account", code: "account_invalid", status: 403);

    private bool IsOurKey(string authorization) => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(authorization), Encoding.UTF8.GetBytes($"Bearer {state.Credentials.SecretKey}"));

    private Task ReplyAsync(HttpContext context, ApiAnswer answer)
    {
        // The client judges its own clock by this, so it is the sandbox's clock and not the machine's.
        context.Response.Headers.Date = state.Now.ToDateTimeOffset().ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer.Body.ToJsonString());
    }

    private sealed record KeptAnswer(string Print, ApiAnswer Answer, Instant At);
}
