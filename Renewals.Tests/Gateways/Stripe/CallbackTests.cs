using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.Stripe;
using Sdk = Stripe;

namespace Renewals.Tests.Gateways.Stripe;

public sealed class CallbackTests
{
    private static readonly JsonObject RefundJson = new()
    {
        ["id"] = "re_1", ["object"] = "refund", ["amount"] = 500, ["currency"] = "cny", ["created"] = Samples.Now.ToUnixTimeSeconds(), ["status"] = "succeeded",
        ["metadata"] = new JsonObject { ["refund"] = Samples.Refund.Number.ToString(), ["order"] = Samples.Number.ToString() },
    };

    private static readonly JsonObject SetupJson = new()
    {
        ["id"] = "seti_1", ["object"] = "setup_intent", ["status"] = "succeeded", ["customer"] = "cus_1", ["payment_method"] = "pm_1",
        ["metadata"] = new JsonObject { ["agreement"] = Samples.Agreement.SigningCode },
    };

    [Fact]
    public void A_success_carries_order_amount_and_agreement_from_the_payment_itself()
    {
        var news = Read(Samples.Webhook(Samples.Event("payment_intent.succeeded", Samples.IntentJson("succeeded")))).Should().BeOfType<CallbackReading.OfCharge>().Subject;
        news.Should().Be(new CallbackReading.OfCharge(
            Samples.Number.ToString(), new(new ChargeOutcome.Succeeded(Money.Cny(1500), "pi_1", Samples.Now)), "cus_1/pm_1"));
    }

    [Theory]
    [InlineData("payment_intent.payment_failed", "requires_payment_method")]
    [InlineData("payment_intent.requires_action", "requires_action")]
    [InlineData("payment_intent.canceled", "canceled")]
    public void A_failure_only_makes_the_question_due(string type, string status)
    {
        var news = Read(Samples.Webhook(Samples.Event(type, Samples.IntentJson(status, "do_not_honor")))).Should().BeOfType<CallbackReading.OfCharge>().Subject;
        (news.OrderNumber, news.Answer.Evidence).Should().Be((Samples.Number.ToString(), Evidence.Hint));
        news.Answer.Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
    }

    [Fact]
    public void A_signing_names_customer_and_card() =>
        Read(Samples.Webhook(Samples.Event("setup_intent.succeeded", Copy(SetupJson)))).Should().Be(
            new CallbackReading.OfAgreement(Samples.Agreement.SigningCode, new AgreementAnswer.Active("cus_1/pm_1", "cus_1", Samples.Now, null)));

    [Fact]
    public void A_refund_names_its_number_and_its_order() =>
        Read(Samples.Webhook(Samples.Event("refund.updated", Copy(RefundJson)))).Should().Be(
            new CallbackReading.OfRefund(Samples.Number.ToString(), Samples.Refund.Number.ToString(), new RefundAnswer.Refunded(Money.Cny(500), "re_1", Samples.Now)));

    [Theory]
    [InlineData("payout.paid", """{"id":"po_1","object":"payout"}""")]
    [InlineData("payment_method.detached", """{"id":"pm_1","object":"payment_method"}""")]
    [InlineData("payment_intent.succeeded", """{"id":"pi_9","object":"payment_intent","status":"succeeded"}""")]
    [InlineData("a.type.of.next.year", """{"id":"x_1","object":"thing_of_next_year"}""")]
    public void What_is_about_nothing_of_ours_is_genuine_and_nothing_for_us(string type, string about) =>
        Read(Samples.Webhook(Samples.Event(type, JsonNode.Parse(about)!.AsObject()))).Should().Be(new CallbackReading.NothingForUs($"event {type}"));

    [Theory]
    [InlineData(300, true)]
    [InlineData(301, false)]
    [InlineData(-300, true)]
    [InlineData(-301, false)]
    public void A_webhook_is_fresh_for_five_minutes_either_way(int seconds, bool fresh) =>
        (Read(Success(at: Samples.Now - Duration.FromSeconds(seconds))) is not CallbackReading.Rejected).Should().Be(fresh);

    [Fact]
    public void While_a_secret_is_rolled_both_are_believed_and_no_third()
    {
        var callbacks = new StripeCallbacks(Samples.Options(o => o.WebhookSecrets.Add("whsec_TESTONLYsecondTESTONLY")), Samples.Verdicts);
        callbacks.Read(Success(), Samples.Now).Should().BeOfType<CallbackReading.OfCharge>();
        callbacks.Read(Success(secret: "whsec_TESTONLYsecondTESTONLY"), Samples.Now).Should().BeOfType<CallbackReading.OfCharge>();
        callbacks.Read(Success(secret: "whsec_TESTONLYthirdTESTONLY"), Samples.Now).Should().BeOfType<CallbackReading.Rejected>();
    }

    [Fact]
    public void Ours_is_the_signature_of_the_rails_own_library()
    {
        var body = Success().Body.Span;
        var time = Samples.Now.ToUnixTimeSeconds();
        StripeSignature.Sign(Samples.Secret, Samples.Now, body).Should().Be(
            Sdk.EventUtility.GenerateSignatureHeader(Encoding.UTF8.GetString(body), Samples.Secret, time));
    }

    [Theory]
    [InlineData("")]
    [InlineData("t=")]
    [InlineData("v1={0}")]
    [InlineData("t={1}")]
    [InlineData("t={1},v0={0}")]
    [InlineData("t={1},t={1},v1={0}")]
    [InlineData("t=+{1},v1={0}")]
    [InlineData("t=0{1},v1={0}")]
    [InlineData("t={1},v1={2}")]
    [InlineData("t={1};v1={0}")]
    [InlineData("t={1} ,v1={0}")]
    public void A_header_of_another_form_is_refused(string form)
    {
        var good = Success();
        var parts = good.Headers["stripe-signature"].Split(',').Select(part => part.Split('=')[1]).ToArray();
        var header = string.Format(form, parts[1], parts[0], parts[1].ToUpperInvariant());
        Read(good with { Headers = new Dictionary<string, string> { ["Stripe-Signature"] = header } }).Should().BeOfType<CallbackReading.Rejected>();
        Read(good with { Headers = new Dictionary<string, string> { ["Stripe-Signature"] = $"t={parts[0]},v1={new string('0', 64)},v1={parts[1]}" } })
            .Should().BeOfType<CallbackReading.OfCharge>("one right signature of several is enough, as the rail documents it");
    }

    [Fact]
    public void A_signed_event_of_another_mode_or_account_is_refused()
    {
        var live = Samples.Event("payment_intent.succeeded", Samples.IntentJson("succeeded"));
        live["livemode"] = true;
        Read(Samples.Webhook(live)).Should().BeOfType<CallbackReading.Rejected>();
        var ours = Samples.Event("payment_intent.succeeded", Samples.IntentJson("succeeded"));
        ours["account"] = Samples.AccountId;
        Read(Samples.Webhook(ours)).Should().BeOfType<CallbackReading.OfCharge>();
        ours["account"] = "acct_another";
        Read(Samples.Webhook(ours)).Should().BeOfType<CallbackReading.Rejected>();
        Read(Samples.Webhook(new() { ["object"] = "v2.core.event" })).Should().BeOfType<CallbackReading.Rejected>();
        Read(Samples.Webhook(new() { ["object"] = "event", ["livemode"] = false })).Should().BeOfType<CallbackReading.Rejected>("it has no time");
    }

    [Fact]
    public void A_thousand_one_bit_changes_of_valid_webhooks_are_refused()
    {
        var originals = Originals();
        var refused = 0;
        Gen.Select(Gen.Int[0, originals.Count - 1], Gen.Double[0, 1], Gen.Int[0, 7]).Sample(
            (which, where, bit) =>
            {
                var body = originals[which].Body.ToArray();
                body[(int)(where * (body.Length - 1))] ^= (byte)(1 << bit);
                if (Read(originals[which] with { Body = body }) is not CallbackReading.Rejected)
                    return false;
                Interlocked.Increment(ref refused);
                return true;
            },
            iter: 1_000, threads: 1);
        refused.Should().BeGreaterThanOrEqualTo(1_000);
        originals.Select(Read).Should().NotContain(reading => reading.GetType() == typeof(CallbackReading.Rejected), "unchanged they are believed");
    }

    [Fact]
    public void A_thousand_one_field_changes_of_valid_webhooks_are_refused()
    {
        var originals = Originals();
        var refused = 0;
        Gen.Select(Gen.Int[0, originals.Count - 1], Gen.Int[0, 10_000], Gen.Int[1, 1_000_000]).Sample(
            (which, where, to) =>
            {
                var news = JsonNode.Parse(originals[which].Body.Span)!.AsObject();
                var leaves = Leaves(news).ToList();
                var (parent, name) = leaves[where % leaves.Count];
                parent[name] = parent[name] is JsonValue value && value.TryGetValue<long>(out var number) ? number + to : $"{parent[name]}{to}";
                if (Read(originals[which] with { Body = Encoding.UTF8.GetBytes(news.ToJsonString()) }) is not CallbackReading.Rejected)
                    return false;
                Interlocked.Increment(ref refused);
                return true;
            },
            iter: 1_000, threads: 1);
        refused.Should().BeGreaterThanOrEqualTo(1_000);
    }

    [Theory]
    [InlineData(true, 200)]
    [InlineData(false, 500)]
    public void The_rail_is_answered_by_status(bool received, int status) => StripeCallbacks.ReplyTo(received, "busy").Status.Should().Be(status);

    private static IEnumerable<(JsonObject Parent, string Name)> Leaves(JsonObject node) => node.SelectMany(pair =>
        pair.Value is JsonObject child ? Leaves(child) : [(node, pair.Key)]);

    private static List<Callback> Originals() =>
    [
        Success(), Samples.Webhook(Samples.Event("setup_intent.succeeded", Copy(SetupJson))), Samples.Webhook(Samples.Event("refund.updated", Copy(RefundJson))),
    ];

    private static Callback Success(string secret = Samples.Secret, Instant? at = null) =>
        Samples.Webhook(Samples.Event("payment_intent.succeeded", Samples.IntentJson("succeeded")), secret, at);

    private static JsonObject Copy(JsonObject json) => json.DeepClone().AsObject();

    private static CallbackReading Read(Callback callback) => new StripeCallbacks(Samples.Options(), Samples.Verdicts).Read(callback, Samples.Now);
}
