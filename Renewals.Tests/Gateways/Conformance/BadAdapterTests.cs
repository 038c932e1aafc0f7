using Renewals.Core.Gateways;
using Renewals.Gateways.Conformance;
using Renewals.Tests.Gateways.Conformance.BadAdapters;

namespace Renewals.Tests.Gateways.Conformance;

/// <summary>Mistakes people make: each is found by the check that is there for it, and by no check that it does not touch.</summary>
public sealed class BadAdapterTests
{
    private static readonly string[] Orders =
    [
        "same-order-twice", "same-order-same-bytes", "success-means-paid", "amount-is-the-rails", "currency-is-checked", "lost-answer", "lost-request", "unknown-order",
        "every-decline", "no-funds", "declined-is-final", "refused-request", "trait-settle-delay", "statement-is-the-ledger",
    ];

    private static readonly string[] Callbacks =
        ["callback-is-the-truth", "callback-duplicate", "callback-reordered", "callback-forged", "callback-unsigned", "callback-stale", "callback-garbage"];

    private static readonly string[] Refunds = ["refund-in-part", "refund-twice", "refund-lost-answer", "refund-cumulative", "refund-unknown", "lost-answer"];
    private static readonly string[] Statements = ["statement-is-the-ledger", "statement-not-ready", "statement-of-a-quiet-day", "refund-in-part"];
    private static readonly string[] Calm = ["nothing-is-thrown", "steps-back", "permits-are-bounded", "signing-twice", "agreement-in-force", "agreement-closed"];

    [Fact]
    public Task A_new_number_after_a_time_out_is_found() => FailsAtAsync(
        good => new NewNumberAfterTimeout(good), Orders, "lost-request", "same-order-twice", "same-order-same-bytes", "declined-is-final");

    [Fact]
    public Task A_time_out_taken_for_a_decline_is_found() =>
        FailsAtAsync(good => new TimeoutIsADecline(good), [.. Orders, "agreement-closed"], "silence-is-no-verdict", "nothing-is-thrown");

    [Fact]
    public Task An_amount_that_is_not_checked_is_found() => FailsAtAsync(good => new AmountUnchecked(good), Orders, "amount-is-the-rails");

    [Fact]
    public Task A_missing_order_that_is_believed_at_once_is_found() => FailsAtAsync(good => new MissingIsBelieved(good), Orders, "unknown-order");

    [Fact]
    public Task Pending_taken_for_success_is_found() => FailsAtAsync(good => new PendingIsSuccess(good), Orders, "success-means-paid");

    [Fact]
    public Task A_refusal_taken_for_a_decline_is_found() =>
        FailsAtAsync(good => new RefusedIsADecline(good), Orders, "refused-request", "currency-is-checked");

    [Fact]
    public Task A_repeat_where_the_rail_takes_none_is_found() => FailsAtAsync(good => new RetriesWhereNoneIsAllowed(good), Orders, "no-repeat");

    [Fact]
    public Task A_trait_that_is_not_so_is_found() => FailsAtAsync(good => new RemembersTooLong(good), Orders, "trait-remembers-orders");

    [Fact]
    public Task An_order_written_anew_is_found() => FailsAtAsync(good => new WritesItAnew(good), Orders, "same-order-same-bytes");

    [Fact]
    public Task A_second_tap_that_is_refused_is_found() => FailsAtAsync(good => new RefusesASecondTap(good), Calm, "signing-twice");

    [Fact]
    public Task A_refund_under_a_new_number_is_found() => FailsAtAsync(good => new RefundUnderANewNumber(good), Refunds, "refund-lost-answer");

    [Fact]
    public Task A_callback_nobody_verified_is_found() =>
        FailsAtAsync(good => new BelievesForgeries(good), Callbacks, "callback-forged", "callback-unsigned");

    [Fact]
    public Task A_callback_that_is_verified_only_when_it_is_signed_is_found() =>
        FailsAtAsync(good => new BelievesTheUnsigned(good), Callbacks, "callback-unsigned");

    [Fact]
    public Task A_stale_callback_that_is_believed_is_found() => FailsAtAsync(good => new BelievesTheStale(good), Callbacks, "callback-stale");

    [Fact]
    public Task A_dropped_line_is_found() => FailsAtAsync(good => new DropsALine(good), Statements, "statement-is-the-ledger");

    [Fact]
    public Task A_wrong_unit_is_found() => FailsAtAsync(good => new ReadsYuanAsFen(good), Statements, "statement-is-the-ledger");

    [Fact]
    public Task A_statement_that_is_not_ready_taken_for_an_empty_one_is_found() =>
        FailsAtAsync(good => new NotReadyIsEmpty(good), Statements, "statement-not-ready");

    [Fact]
    public Task An_exception_that_leaves_is_found() => FailsAtAsync(good => new ThrowsOnNetworkFaults(good), Calm, "nothing-is-thrown");

    [Fact]
    public Task An_adapter_that_never_steps_back_is_found() => FailsAtAsync(good => new NeverStepsBack(good), Calm, "steps-back");

    /// <summary>Of the checks given and its own, exactly its own fail; and the adapter without the mistake keeps all of them.</summary>
    private static async Task FailsAtAsync(Func<IPaymentGateway, IPaymentGateway> bad, string[] neighbours, params string[] own)
    {
        (await FailedAsync(good => good, own)).Should().BeEmpty("without the mistake there is nothing to find");
        (await FailedAsync(bad, [.. own.Union(neighbours)])).Should().BeEquivalentTo(own);
    }

    private static async Task<List<string>> FailedAsync(Func<IPaymentGateway, IPaymentGateway> disguise, string[] names)
    {
        List<string> failed = [];
        foreach (var name in names)
        {
            var check = GatewayConformance.Checks.Single(check => check.Name == name);
            await using var stage = await new WeChatPayStage { Disguise = disguise }.OpenAsync(CancellationToken.None);
            if (await check.RunAsync(stage, CancellationToken.None) is CheckResult.Failed)
                failed.Add(name);
        }

        return failed;
    }
}
