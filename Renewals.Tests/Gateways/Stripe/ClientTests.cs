using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Tests.Gateways.Stripe;

/// <summary>The adapter against a scripted line: what goes out, how often, and what is made of what comes back.</summary>
public sealed class ClientTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly StubRail rail = new();

    public void Dispose() => rail.Dispose();

    [Fact]
    public async Task A_charge_goes_out_once_under_its_order_number()
    {
        var answer = await rail.Says(Samples.IntentJson("succeeded")).Gateway().ChargeAsync(Samples.Order, None);
        answer.Outcome.Should().BeOfType<ChargeOutcome.Succeeded>().Which.RailTransaction.Should().Be("pi_1");
        var (call, body, key, authorization, _) = rail.Received.Should().ContainSingle().Subject;
        (call, key, authorization).Should().Be(("POST /v1/payment_intents", Samples.Number.ToString(), $"Bearer {Samples.Key}"));
        Fields(body).Should().Contain(new KeyValuePair<string, string>[]
        {
            new("amount", "1500"), new("currency", "cny"), new("customer", "cus_1"), new("payment_method", "pm_1"), new("confirm", "true"),
            new("off_session", "true"), new("metadata[order]", Samples.Number.ToString()), new("metadata[agreement]", Samples.Agreement.SigningCode),
        });
    }

    [Fact]
    public async Task A_lost_charge_is_repeated_by_our_pipeline_alone_and_byte_for_byte()
    {
        var answer = await rail.Breaks().Says(Samples.IntentJson("succeeded")).Gateway(o => o.Resilience.Retries = 1).ChargeAsync(Samples.Order, None);
        answer.Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
        rail.Received.Should().HaveCount(2);
        rail.Received[1].Should().Be(rail.Received[0]);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 3)]
    public async Task The_library_never_repeats_by_itself(int retries, int calls)
    {
        for (var i = 0; i < calls; i++)
            rail.Breaks();
        (await rail.Gateway(o => o.Resilience.Retries = retries).ChargeAsync(Samples.Order, None)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        rail.Received.Should().HaveCount(calls);
    }

    [Theory]
    [InlineData(409)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task An_answer_is_no_reason_to_repeat(int status)
    {
        (await rail.Says(Samples.Error("api_error"), status).Gateway().ChargeAsync(Samples.Order, None)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        rail.Received.Should().ContainSingle("the library repeats these by default, and must not");
    }

    [Fact]
    public async Task A_time_out_is_unknown()
    {
        var gateway = rail.KeepsSilent(TimeSpan.FromSeconds(9)).Gateway(o => o.Resilience.Retries = 0);
        (await gateway.ChargeAsync(Samples.Order, None)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>().Which.Why.Should().Contain("no answer within");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("<html>")]
    [InlineData("{}")]
    [InlineData("{\"object\":\"payment_intent\",\"metadata\":7}")]
    public async Task An_answer_that_cannot_be_read_is_unknown(string text)
    {
        foreach (var status in new[] { 200, 400, 500 })
            (await rail.SaysText(text, status).Gateway().ChargeAsync(Samples.Order, None)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>($"HTTP {status}");
    }

    [Fact]
    public async Task A_failed_payment_is_cancelled_before_it_is_called_declined()
    {
        rail.Says(Samples.Error("card_error", "card_declined", "insufficient_funds", Samples.IntentJson("requires_payment_method", "insufficient_funds")), 402)
            .Says(Samples.IntentJson("canceled"));
        (await rail.Gateway().ChargeAsync(Samples.Order, None)).Should().Be(new ChargeAnswer(new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "insufficient_funds")));
        rail.Received.Select(x => x.Call).Should().Equal("POST /v1/payment_intents", "POST /v1/payment_intents/pi_1/cancel");
    }

    [Fact]
    public async Task A_failed_payment_that_could_not_be_cancelled_is_unknown()
    {
        rail.Says(Samples.Error("card_error", "card_declined", "insufficient_funds", Samples.IntentJson("requires_payment_method", "insufficient_funds")), 402).Breaks().Breaks();
        (await rail.Gateway().ChargeAsync(Samples.Order, None)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
    }

    [Fact]
    public async Task A_failed_payment_found_paid_by_the_cancel_is_paid()
    {
        rail.Says(Samples.Error("card_error", "card_declined", "do_not_honor", Samples.IntentJson("requires_payment_method", "do_not_honor")), 402)
            .Says(Samples.Error("invalid_request_error", "payment_intent_unexpected_state", intent: Samples.IntentJson("succeeded")), 400);
        (await rail.Gateway().ChargeAsync(Samples.Order, None)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
    }

    [Theory]
    [InlineData(22, false)]
    [InlineData(23, true)]
    [InlineData(48, true)]
    public async Task An_order_older_than_its_key_can_be_trusted_is_looked_for_before_it_is_sent(int hours, bool asks)
    {
        var old = Samples.Order with { RequestedAt = Samples.Now - Duration.FromHours(hours) };
        rail.Says(asks ? Samples.List(Samples.IntentJson("succeeded")) : Samples.IntentJson("succeeded"));
        (await rail.Gateway().ChargeAsync(old, None)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
        rail.Received.Should().ContainSingle().Which.Call.Should().Be(asks ? "GET /v1/payment_intents" : "POST /v1/payment_intents");
    }

    [Fact]
    public async Task An_old_order_whose_list_cannot_be_had_is_not_sent()
    {
        var old = Samples.Order with { RequestedAt = Samples.Now - Duration.FromDays(2) };
        (await rail.Says(Samples.Error("api_error"), 500).Gateway().ChargeAsync(old, None)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        rail.Received.Should().NotContain(x => x.Call.StartsWith("POST"));
    }

    [Fact]
    public async Task An_old_refund_is_looked_for_before_it_is_sent()
    {
        var old = Samples.Refund with { RequestedAt = Samples.Now - Duration.FromDays(2) };
        rail.Says(Samples.List(new System.Text.Json.Nodes.JsonObject
        {
            ["id"] = "re_1", ["object"] = "refund", ["amount"] = 500, ["currency"] = "cny", ["created"] = Samples.Now.ToUnixTimeSeconds(), ["status"] = "succeeded",
            ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["refund"] = old.Number.ToString() },
        }));
        (await rail.Gateway().RefundAsync(old, None)).Should().BeOfType<RefundAnswer.Refunded>();
        rail.Received.Should().ContainSingle().Which.Call.Should().Be("GET /v1/refunds");
    }

    [Fact]
    public async Task A_question_reads_every_page_of_the_customers_payments()
    {
        var other = Samples.IntentJson("succeeded");
        (other["id"], other["metadata"]!["order"]) = ("pi_9", "another");
        var first = Samples.List(other);
        first["has_more"] = true;
        rail.Says(first).Says(Samples.List(Samples.IntentJson("succeeded")));
        (await rail.Gateway().QueryChargeAsync(Samples.Order, None)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
        rail.Received[1].Query.Should().Contain("starting_after=pi_9").And.Contain("customer=cus_1");
    }

    [Fact]
    public async Task No_payment_in_a_whole_list_is_missing()
    {
        (await rail.Says(Samples.List()).Gateway().QueryChargeAsync(Samples.Order, None)).Outcome.Should().BeOfType<ChargeOutcome.Missing>();
        (await rail.Breaks().Breaks().Gateway().QueryChargeAsync(Samples.Order, None)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
    }

    [Fact]
    public async Task Without_a_payment_method_nothing_is_sent()
    {
        (await rail.Gateway().ChargeAsync(Samples.Order with { Agreement = Samples.Unsigned }, None)).Outcome.Should().BeOfType<ChargeOutcome.Refused>();
        (await rail.Gateway().RefundAsync(Samples.Refund with { RailTransaction = "" }, None)).Should().BeOfType<RefundAnswer.Refused>();
        rail.Received.Should().BeEmpty();
    }

    [Theory]
    [InlineData(false, "setup")]
    [InlineData(true, "payment")]
    public async Task Signing_makes_a_customer_and_a_page_and_a_second_tap_sends_the_same(bool paying, string mode)
    {
        var gateway = rail.Gateway();
        for (var tap = 0; tap < 2; tap++)
        {
            rail.Says(new() { ["id"] = "cus_1", ["object"] = "customer" }).Says(new() { ["id"] = "cs_1", ["object"] = "checkout.session", ["url"] = "https://checkout.stripe.com/c/pay/cs_1" });
            (await gateway.StartSigningAsync(Samples.Signing(paying), None)).Should().BeOfType<SigningAnswer.Ready>()
                .Which.Page.Should().Be(new SigningPage.Redirect(new("https://checkout.stripe.com/c/pay/cs_1")));
            rail.Time.Advance(TimeSpan.FromMinutes(10));
        }

        rail.Received.Skip(2).Should().Equal(rail.Received.Take(2));
        rail.Received.Should().OnlyContain(x => x.Key != null);
        var page = Fields(rail.Received[1].Body);
        page.Should().Contain(new KeyValuePair<string, string>[]
        {
            new("mode", mode), new("customer", "cus_1"), new("client_reference_id", Samples.Agreement.SigningCode),
            new(paying ? "payment_intent_data[metadata][agreement]" : "setup_intent_data[metadata][agreement]", Samples.Agreement.SigningCode),
            new("expires_at", (Samples.Now + Duration.FromMinutes(paying ? 90 : 120)).ToUnixTimeSeconds().ToString()),
        });
        page.ContainsKey("payment_intent_data[setup_future_usage]").Should().Be(paying);
    }

    [Theory]
    [InlineData(401, null, typeof(SigningAnswer.Refused))]
    [InlineData(400, "expires_at", typeof(SigningAnswer.Unknown))]
    [InlineData(400, "currency", typeof(SigningAnswer.Refused))]
    [InlineData(429, null, typeof(SigningAnswer.Unknown))]
    [InlineData(500, null, typeof(SigningAnswer.Unknown))]
    public async Task A_page_that_was_not_made_shows_nothing(int status, string? param, Type answer)
    {
        rail.Says(new() { ["id"] = "cus_1", ["object"] = "customer" }).Says(Samples.Error("invalid_request_error", param: param), status);
        (await rail.Gateway().StartSigningAsync(Samples.Signing(), None)).Should().BeOfType(answer);
    }

    [Fact]
    public async Task An_old_signing_is_found_by_search_and_makes_no_customer()
    {
        rail.Says(new() { ["object"] = "search_result", ["has_more"] = false, ["data"] = new System.Text.Json.Nodes.JsonArray() });
        (await rail.Gateway().QueryAgreementAsync(Samples.Unsigned with { StartedAt = Samples.Now - Duration.FromDays(2) }, None)).Should().BeOfType<AgreementAnswer.NotFound>();
        rail.Received.Should().ContainSingle().Which.Should().Match<(string Call, string Body, string? Key, string Authorization, string Query)>(
            x => x.Call == "GET /v1/customers/search" && Uri.UnescapeDataString(x.Query).Contains(Samples.Agreement.SigningCode));
    }

    [Theory]
    [InlineData(200, true, FindingVerdict.Yes, FindingVerdict.Yes)]
    [InlineData(200, false, FindingVerdict.Yes, FindingVerdict.No)]
    [InlineData(401, false, FindingVerdict.No, FindingVerdict.Unknown)]
    public async Task The_doctor_finds_what_is_wrong_and_says_what_to_do(int status, bool enabled, FindingVerdict endpoint, FindingVerdict product)
    {
        rail.Says(status == 200 ? new() { ["id"] = Samples.AccountId, ["object"] = "account", ["charges_enabled"] = enabled } : Samples.Error("invalid_request_error"), status);
        var findings = await rail.Gateway().ExamineAsync(None);
        findings.Single(f => f.Check == RailCheck.Endpoint).Verdict.Should().Be(endpoint);
        findings.Single(f => f.Check == RailCheck.Product).Verdict.Should().Be(product);
        findings.Single(f => f.Check == RailCheck.Clock).Verdict.Should().Be(FindingVerdict.Yes);
        findings.Should().NotContain(f => f.Verdict == FindingVerdict.No && f.NextStep == null);
        findings.Should().NotContain(f => f.Detail.Contains("TESTONLY"), "a key is no finding");
    }

    private static Dictionary<string, string> Fields(string body) => body.Split('&').Select(field => field.Split('=', 2))
        .ToDictionary(pair => System.Net.WebUtility.UrlDecode(pair[0]), pair => System.Net.WebUtility.UrlDecode(pair[1]));
}
