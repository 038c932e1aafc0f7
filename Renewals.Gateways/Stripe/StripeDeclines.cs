using Renewals.Core.Charging;
using Sdk = Stripe;

namespace Renewals.Gateways.Stripe;

/// <summary>Why a card was declined. The codes and their meaning: docs.stripe.com/declines/codes.</summary>
internal static class StripeDeclines
{
    /// <summary>The reason behind a decline code, or behind an error code where there is no decline code.</summary>
    /// <remarks>It chooses between dunning steps and never whether a payment failed. A code that is not in the table is <see cref="DeclineReason.Other"/>.</remarks>
    public static DeclineReason ReasonOf(string code) => code switch
    {
        "insufficient_funds" => DeclineReason.InsufficientFunds,
        "card_velocity_exceeded" or "withdrawal_count_limit_exceeded" or "amount_too_large" or "invalid_amount" => DeclineReason.LimitReached,

        // The card is gone, or may not be used here: another day changes nothing.
        "lost_card" or "stolen_card" or "pickup_card" or "restricted_card" or "invalid_account" => DeclineReason.AccountAbnormal,
        "expired_card" or "invalid_expiry_month" or "invalid_expiry_year" or "incorrect_number" or "invalid_number" => DeclineReason.AccountAbnormal,
        "card_not_supported" or "currency_not_supported" or "new_account_information_available" => DeclineReason.AccountAbnormal,
        "fraudulent" or "merchant_blacklist" or "highest_risk_level" or "rule" or "do_not_try_again" => DeclineReason.AccountAbnormal,

        // The bank wants the member, or the member told the bank to stop: the saved card takes no charge without a new signature.
        "authentication_required" or "mobile_device_authentication_required" or "online_or_offline_pin_required" => DeclineReason.AgreementNotInForce,
        "revocation_of_authorization" or "revocation_of_all_authorizations" or "stop_payment_order" => DeclineReason.AgreementNotInForce,

        "issuer_not_available" or "processing_error" or "try_again_later" or "reenter_transaction" => DeclineReason.BankFault,

        // do_not_honor, generic_decline, call_issuer, no_action_taken, not_permitted, transaction_not_allowed and their kind say nothing more.
        _ => DeclineReason.Other,
    };

    /// <summary>The reason behind a payment's failure. What the card's own network says of another try stands above the code.</summary>
    /// <param name="intent">The payment, with its last charge.</param>
    /// <param name="code">Its code, see <see cref="CodeOf"/>.</param>
    public static DeclineReason ReasonOf(Sdk.PaymentIntent intent, string code) => IsForbidden(intent) ? DeclineReason.AccountAbnormal : ReasonOf(code);

    // Stripe's advice_code, Mastercard's advice codes 03 and 21, and Visa's response codes of category 1 (Core Rules, table 7-2); 57 means something else
    // at other networks.
    private static bool IsForbidden(Sdk.PaymentIntent intent)
    {
        var (error, charge) = (intent.LastPaymentError, intent.LatestCharge is { Status: "failed" } failed ? failed : null);
        return (error?.AdviceCode ?? charge?.Outcome?.AdviceCode) == "do_not_try_again"
            || (error?.NetworkAdviceCode ?? charge?.Outcome?.NetworkAdviceCode) is "03" or "21"
            || (charge?.PaymentMethodDetails?.Card?.Network == "visa"
                && (error?.NetworkDeclineCode ?? charge.Outcome?.NetworkDeclineCode) is
                    "04" or "07" or "12" or "14" or "15" or "41" or "43" or "46" or "57" or "R0" or "R1" or "R3");
    }

    /// <summary>The code of a payment's last failure; null when it never failed.</summary>
    /// <remarks>
    /// <c>last_payment_error</c> is cleared by any later change of the payment, a cancel included; the failed charge keeps its outcome.
    /// </remarks>
    public static string? CodeOf(Sdk.PaymentIntent intent) =>
        intent.LastPaymentError?.DeclineCode ?? intent.LastPaymentError?.Code
        ?? (intent.LatestCharge is { Status: "failed" } charge ? charge.Outcome?.Reason ?? charge.FailureCode : null);
}
