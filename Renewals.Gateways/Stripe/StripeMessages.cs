using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Sdk = Stripe;
using Checkout = Stripe.Checkout;

namespace Renewals.Gateways.Stripe;

/// <summary>Builds what is sent. Pure: the same order gives the same parameters, so a repeat under its idempotency key is the same request.</summary>
internal sealed class StripeMessages(StripeOptions options)
{
    /// <summary>The most Stripe gives in one page of a list.</summary>
    public const int PageSize = 100;

    private static readonly List<string> Card = ["card"];

    /// <summary>What the rail remembers a request by.</summary>
    public static Sdk.RequestOptions Key(string key) => new() { IdempotencyKey = key };

    /// <summary>The key of an order or a refund: its number, and nothing else.</summary>
    public static Sdk.RequestOptions Key(OrderNumber number) => Key(number.ToString());

    /// <summary>The customer of one agreement. It names nobody: it is a place for the payment method.</summary>
    public static Sdk.CustomerCreateOptions Customer(AgreementId agreement) => new()
    {
        Description = "Renewals", Metadata = new() { [StripeWire.Agreement] = agreement.SigningCode },
    };

    /// <summary>Looks for that customer once its idempotency key may be forgotten.</summary>
    public static Sdk.CustomerSearchOptions CustomerSearch(AgreementId agreement) => new()
    {
        Query = $"metadata['{StripeWire.Agreement}']:'{agreement.SigningCode}'", Limit = 2,
    };

    /// <summary>The page to sign on, alone (mode <c>setup</c>) or with the first payment (mode <c>payment</c>).</summary>
    public Checkout.SessionCreateOptions Session(SigningRequest request, string customer)
    {
        var session = new Checkout.SessionCreateOptions
        {
            Customer = customer,
            ClientReferenceId = request.Agreement.SigningCode,
            AllowedPaymentMethodTypes = Card,
            SuccessUrl = options.ReturnUrl!.AbsoluteUri,
            CancelUrl = (options.CancelUrl ?? options.ReturnUrl).AbsoluteUri,
            Locale = "auto",
            ExpiresAt = EndOf(request).ToDateTimeUtc(),
        };
        if (request.FirstPayment is { } first)
            Pay(session, request.Agreement, first);
        else
            SignOnly(session, request);
        return session;
    }

    /// <summary>A charge without the member (<c>off_session</c>), confirmed at once.</summary>
    public static Sdk.PaymentIntentCreateOptions Intent(ChargeOrder order, StripeAgreementId agreement) => new()
    {
        Amount = order.Amount.MinorUnits,
        Currency = order.Amount.Currency(),
        Customer = agreement.Customer,
        PaymentMethod = agreement.Method,
        AllowedPaymentMethodTypes = Card,
        Confirm = true,
        OffSession = true,
        Description = order.Subject,
        Metadata = new() { [StripeWire.Order] = order.Number.ToString(), [StripeWire.Agreement] = order.Agreement.Agreement.SigningCode },
        Expand = ["latest_charge"],
    };

    /// <summary>A customer's payments, newest first.</summary>
    public static Sdk.PaymentIntentListOptions Intents(string customer, string? after) => new()
    {
        Customer = customer, Limit = PageSize, StartingAfter = after, Expand = ["data.latest_charge"],
    };

    /// <summary>Gives up a payment that nobody may confirm any more.</summary>
    public static Sdk.PaymentIntentCancelOptions Cancel() => new() { CancellationReason = "abandoned", Expand = ["latest_charge"] };

    /// <summary>A customer's pages, with what came of them.</summary>
    public static Checkout.SessionListOptions Sessions(string customer) => new()
    {
        Customer = customer, Limit = PageSize,
        Expand = ["data.setup_intent.payment_method", "data.payment_intent.payment_method", "data.payment_intent.latest_charge"],
    };

    /// <summary>Gives money back.</summary>
    public static Sdk.RefundCreateOptions Refund(RefundOrder refund) => new()
    {
        PaymentIntent = refund.RailTransaction,
        Amount = refund.Amount.MinorUnits,
        Metadata = new() { [StripeWire.Refund] = refund.Number.ToString(), [StripeWire.Order] = refund.Number.OfAttempt.ToString() },
    };

    /// <summary>A payment's refunds.</summary>
    public static Sdk.RefundListOptions Refunds(string intent) => new() { PaymentIntent = intent, Limit = PageSize };

    /// <summary>What moved on a day (UTC), newest first, each with what it is about.</summary>
    public static Sdk.BalanceTransactionListOptions Statement(LocalDate day, string? after) => new()
    {
        Created = new Sdk.DateRangeOptions
        {
            GreaterThanOrEqual = Midnight(day).ToDateTimeUtc(), LessThan = Midnight(day.PlusDays(1)).ToDateTimeUtc(),
        },
        Limit = PageSize, StartingAfter = after, Expand = ["data.source"],
    };

    /// <summary>The first instant of a statement's day.</summary>
    public static Instant Midnight(LocalDate day) => day.AtMidnight().InUtc().ToInstant();

    // From the request alone, so that a second tap sends the same parameters and gets the same page.
    private Instant EndOf(SigningRequest request)
    {
        var end = request.StartedAt + options.SigningLifetime;
        return request.FirstPayment is { } first && first.ExpiresAt > request.StartedAt + Duration.FromHours(1) ? Instant.Min(end, first.ExpiresAt) : end;
    }

    private static void SignOnly(Checkout.SessionCreateOptions session, SigningRequest request)
    {
        session.Mode = "setup";
        session.Currency = request.Plan.Ceiling.Currency();
        session.SetupIntentData = new() { Metadata = new() { [StripeWire.Agreement] = request.Agreement.SigningCode } };
    }

    private static void Pay(Checkout.SessionCreateOptions session, AgreementId agreement, FirstPaymentOrder first)
    {
        session.Mode = "payment";
        session.Metadata = new() { [StripeWire.Order] = first.Number.ToString() };
        session.LineItems =
        [
            new()
            {
                Quantity = 1,
                PriceData = new() { Currency = first.Amount.Currency(), UnitAmount = first.Amount.MinorUnits, ProductData = new() { Name = first.Subject } },
            },
        ];
        session.PaymentIntentData = new()
        {
            SetupFutureUsage = "off_session", Description = first.Subject,
            Metadata = new() { [StripeWire.Order] = first.Number.ToString(), [StripeWire.Agreement] = agreement.SigningCode },
        };
    }
}
