using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Host.Sandbox.Stripe;

/// <summary>Customers, pages and saved cards.</summary>
internal sealed class CheckoutDesk(StripeState state, IntentDesk intents, Messenger messenger, Func<Uri> address)
{
    private static readonly Duration SearchLag = Duration.FromMinutes(1);

    public ApiAnswer CreateCustomer(ApiCall call)
    {
        var customer = new Customer(state.NewId("cus", call.Key ?? call.Text), call.Under("metadata"), call.Now);
        state.Customers.Add(customer.Id, customer);
        return ApiAnswer.Of(Views.Of(customer));
    }

    /// <summary>Search by one metadata value; what is younger than a minute is not found yet.</summary>
    public ApiAnswer SearchCustomers(ApiCall call)
    {
        if (call["query"].Split('\'') is not ["metadata[", var name, "]:", var value, ""])
            return ApiAnswer.Invalid("this sandbox searches by metadata['name']:'value'", "query");
        var found = state.Customers.Values.Where(customer =>
            !customer.Deleted && customer.CreatedAt <= call.Now - SearchLag && customer.Metadata.GetValueOrDefault(name) == value);
        var page = ApiAnswer.Page(call, found, customer => customer.Id, Views.Of);
        page.Body["object"] = "search_result";
        return page;
    }

    public ApiAnswer CreatePage(ApiCall call)
    {
        var pays = call["mode"] == "payment";
        if (!pays && call["mode"] != "setup")
            return ApiAnswer.Invalid("mode must be setup or payment here", "mode");
        if (!state.Customers.TryGetValue(call["customer"], out var customer) || customer.Deleted)
            return ApiAnswer.Invalid("No such customer", "customer", "resource_missing");
        if (!Uri.IsWellFormedUriString(call["success_url"], UriKind.Absolute))
            return ApiAnswer.Invalid("success_url is required", "success_url");
        var ends = call.Time("expires_at") ?? call.Now + Duration.FromHours(24);
        if (ends < call.Now + Duration.FromMinutes(30) || ends > call.Now + Duration.FromHours(24))
            return ApiAnswer.Invalid("expires_at must be 30 minutes to 24 hours from now", "expires_at");
        if (pays && (call.Number("line_items[0][price_data][unit_amount]") is null or 0 || call["payment_intent_data[setup_future_usage]"] != "off_session"))
            return ApiAnswer.Invalid("this sandbox sells one line and saves the card", "line_items");
        if (!pays && call["currency"].Length != 3)
            return ApiAnswer.Invalid("currency is required in setup mode", "currency");
        var page = Make(call, pays, customer, ends);
        state.Pages.Add(page.Id, page);
        StripeState.ListOf(state.PagesByCustomer, customer.Id).Add(page);
        state.Later(ends, page.Id, at => Expire(page, at));
        return ApiAnswer.Of(Views.Of(page, call.Now, address()));
    }

    public ApiAnswer ListPages(ApiCall call) => ApiAnswer.Page(
        call, StripeState.ListOf(state.PagesByCustomer, call["customer"]).AsEnumerable().Reverse(), page => page.Id,
        page => Views.Of(page, call.Now, address(), "data.", call));

    public ApiAnswer ClosePage(ApiCall call, string id)
    {
        if (!state.Pages.TryGetValue(id, out var page))
            return ApiAnswer.Missing("checkout.session", id);
        if (page.StatusAt(call.Now) != "open")
            return ApiAnswer.Invalid($"Only open sessions can be expired; this one is {page.StatusAt(call.Now)}");
        page.Closed = true;
        End(page, call.Now);
        return ApiAnswer.Of(Views.Of(page, call.Now, address()));
    }

    public ApiAnswer ShowCard(string id) => state.Cards.TryGetValue(id, out var card) ? ApiAnswer.Of(Views.Of(card)) : ApiAnswer.Missing("PaymentMethod", id);

    public ApiAnswer DetachCard(ApiCall call, string id)
    {
        if (!state.Cards.TryGetValue(id, out var card))
            return ApiAnswer.Missing("PaymentMethod", id);
        if (!card.Attached)
            return ApiAnswer.Invalid("The payment method you provided is not attached to a customer so detachment is impossible.");
        Detach(card, call.Now, TerminationMode.Merchant);
        return ApiAnswer.Of(Views.Of(card));
    }

    public void Detach(SavedCard card, Instant at, TerminationMode mode)
    {
        card.Detach(at, mode);
        messenger.Tell("payment_method.detached", Views.Of(card), at);
    }

    /// <summary>Somebody deletes the customer on the dashboard.</summary>
    public void Delete(SavedCard card, Instant at, TerminationMode mode)
    {
        card.Detach(at, mode);
        var customer = state.Customers[card.Owner];
        var last = Views.Of(customer);
        customer.Deleted = true;
        messenger.Tell("customer.deleted", last, at);
    }

    /// <summary>A member confirms a page: saves the card, and pays where the page asks for it.</summary>
    public SandboxSigning Confirm(CheckoutPage? page, string member)
    {
        var now = state.Now;
        var refusal = page is null ? "not_found"
            : page.Complete ? "already_signed"
            : page.StatusAt(now) != "open" ? "page_expired"
            : string.IsNullOrWhiteSpace(member) ? "member_required"
            : !state.Bank.IsOpen(member) ? "invalid_account"
            : null;
        if (refusal is not null)
            return new(null, refusal);
        var card = new SavedCard(state.NewId("pm", page!.Id), page.Customer, page.Reference, member, now);
        if (page.Pays && intents.PayAtPage(page, card) is { } declined)
            return new(null, declined);
        state.Cards.Add(card.Id, card);
        (page.Card, page.Complete) = (card, true);
        if (!page.Pays)
            messenger.Tell("setup_intent.succeeded", Views.Setup(page), now);
        messenger.Tell("checkout.session.completed", Views.Of(page, now, address()), now);
        return new($"{card.Owner}/{card.Id}", null);
    }

    /// <summary>The rail closes a page whose time is over.</summary>
    private void Expire(CheckoutPage page, Instant at)
    {
        if (!page.Complete && !page.Closed)
            End(page, at);
    }

    private void End(CheckoutPage page, Instant at)
    {
        if (page.Intent is { } intent)
            intents.Cancel(intent, at);
        messenger.Tell("checkout.session.expired", Views.Of(page, at, address()), at);
    }

    private CheckoutPage Make(ApiCall call, bool pays, Customer customer, Instant ends)
    {
        const string Price = "line_items[0][price_data]";
        var id = state.NewId("cs_test", call.Key ?? call.Text);
        return new(
            id, customer.Id, pays, call["client_reference_id"], call.Under("metadata"),
            call.Under(pays ? "payment_intent_data[metadata]" : "setup_intent_data[metadata]"), call.Number($"{Price}[unit_amount]") ?? 0,
            pays ? call[$"{Price}[currency]"] : call["currency"], call[$"{Price}[product_data][name]"], call["success_url"], call["cancel_url"], call.Now, ends)
        {
            SetupIntent = state.NewId("seti", id),
        };
    }
}
