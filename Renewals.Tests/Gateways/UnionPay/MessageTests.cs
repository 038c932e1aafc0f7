using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.UnionPay;

namespace Renewals.Tests.Gateways.UnionPay;

/// <summary>What goes on the wire, beside the vectors.</summary>
public sealed class MessageTests
{
    private static readonly string Code = Samples.Agreement.SigningCode;

    [Fact]
    public void A_collection_carries_our_number_the_time_of_its_order_and_the_card_of_the_vault()
    {
        var (messages, sealer) = Build();
        var fields = sealer.Seal(messages.Collect(Samples.Order));
        fields["orderId"].Should().Be(Samples.Number.ToString());
        fields["txnTime"].Should().Be("20260305101530");
        (fields["billType"], fields["billNo"], fields["txnAmt"], fields["currencyCode"]).Should().Be(("01", Code, "1990", "156"));
        using var platform = Samples.Key("certs/platform_enc_private.pem");
        UnionPayCipher.TryDecrypt(fields["accNo"], platform, Samples.Utf8).Should().Be(Samples.Card);
    }

    [Theory]
    [InlineData(UnionPayGeneration.A, "72/01/000501 11/00/000501 74/00/000000")]
    [InlineData(UnionPayGeneration.B, "72/11/000501 11/02/000501 74/04/000501")]
    [InlineData(UnionPayGeneration.C, "72/16/000000 11/03/000000 74/05/000000")]
    public void Each_generation_has_its_own_kinds_of_call(UnionPayGeneration generation, string kinds)
    {
        var options = Samples.Options(o => o.Generation = generation);
        var (messages, _) = Build(o => o.Generation = generation);
        UnionPayMessage[] all =
        [
            new UnionPaySigningMessages(options, new(options)).Establish(Samples.Signing(Samples.Payer)), messages.Collect(Samples.Order),
            messages.Remove(Samples.Signed, Samples.Now),
        ];
        string.Join(' ', all.Select(m => $"{m.Operation.Type}/{m.Operation.SubType}/{m.Operation.BizType}")).Should().Be(kinds);
        all[1].Fields.Any(field => field.Name == "accNo").Should().Be(generation != UnionPayGeneration.A, "a binding stands for the card");
    }

    /// <summary>Where sources disagree there is an option.</summary>
    [Fact]
    public void The_disputed_products_can_be_set()
    {
        var options = Samples.Options(o => (o.Generation, o.EstablishBizType, o.RefundBizType) = (UnionPayGeneration.B, "000000", "000000"));
        UnionPayOperation.Establish(options).BizType.Should().Be("000000");
        UnionPayOperation.Refund(options).BizType.Should().Be("000000");
        UnionPayOperation.Refund(Samples.Options()).BizType.Should().Be("000000", "that of the collection");
        UnionPayOperation.Void(Samples.Options(o => o.Generation = UnionPayGeneration.B)).BizType.Should().Be("000501");
    }

    [Theory]
    [InlineData(BillingUnit.Month, 1, "030002")]
    [InlineData(BillingUnit.Month, 2, "030002")]
    [InlineData(BillingUnit.Month, 3, "020002")]
    [InlineData(BillingUnit.Month, 12, "010002")]
    [InlineData(BillingUnit.Year, 1, "010002")]
    [InlineData(BillingUnit.Week, 2, "040002")]
    [InlineData(BillingUnit.Day, 10, "040002")]
    [InlineData(BillingUnit.Day, 3, "050002")]
    public void The_terms_never_allow_less_than_the_plan_needs(BillingUnit unit, int count, string frequency) =>
        UnionPayTerms.For(Samples.Options(), new BillingInterval(count, unit)).ToString().Should().Be($"{{validMonth=120&frequency={frequency}}}");

    [Fact]
    public void A_refund_goes_as_a_void_only_where_that_is_wanted_and_the_day_and_amount_allow_it()
    {
        var whole = Samples.Refund with { Amount = Samples.Refund.Paid };
        var beijing = Instant.FromUtc(2026, 3, 5, 0, 0);
        Build().Messages.IsVoid(whole).Should().BeFalse("that is the default");
        var (messages, _) = Build(o => o.VoidSameDay = true);
        messages.IsVoid(whole).Should().BeTrue();
        messages.IsVoid(Samples.Refund).Should().BeFalse("a part cannot be voided");
        messages.IsVoid(whole with { RequestedAt = beijing + Duration.FromHours(14.9) }).Should().BeTrue("22:54 in Beijing");
        messages.IsVoid(whole with { RequestedAt = beijing + Duration.FromHours(15) }).Should().BeFalse("the clearing day ended at 23:00");
        messages.IsVoid(whole with { RailTransaction = "another shape" }).Should().BeFalse();
        messages.IsVoid(whole with { RailTransaction = "201703051015301234568" }).Should().BeFalse("the old shape has a century");
        (messages.GiveBack(whole).Operation.Type, messages.GiveBack(Samples.Refund).Operation.Type).Should().Be(("31", "04"));
    }

    [Fact]
    public void A_clearing_day_ends_when_the_option_says()
    {
        var (messages, _) = Build();
        messages.ClearingDay(Instant.FromUtc(2026, 3, 5, 14, 59, 59)).Should().Be(new LocalDate(2026, 3, 5));
        messages.ClearingDay(Instant.FromUtc(2026, 3, 5, 15, 0)).Should().Be(new LocalDate(2026, 3, 6));
        Build(o => o.ClearingDayEnds = LocalTime.Midnight).Messages.ClearingDay(Instant.FromUtc(2026, 3, 5, 15, 59)).Should().Be(new LocalDate(2026, 3, 5));
    }

    [Fact]
    public void Numbers_of_calls_without_money_differ_with_purpose_and_time_and_fit_the_rail()
    {
        var numbers = new[]
        {
            UnionPayMessages.NumberOf("remove", Code, Samples.Now), UnionPayMessages.NumberOf("ask", Code, Samples.Now),
            UnionPayMessages.NumberOf("remove", Code, Samples.Now + Duration.FromMilliseconds(1)),
        };
        numbers.Should().OnlyHaveUniqueItems().And.OnlyContain(number => number.Length == 32 && number.All(char.IsAsciiLetterOrDigit));
        UnionPayMessages.VoidNumber(Samples.Order).Should().NotBe(Samples.Number.Refund(1).ToString(), "the void and the refund of one order are two");
    }

    public static TheoryData<string, SigningRequest> Unsendable()
    {
        PayerCard card = Samples.Payer;
        SigningRequest Of(PayerCard? changed) => Samples.Signing(changed);
        return new()
        {
            { "CARD", Of(null) },
            { "CARD", Of(card with { Number = "621626100000" }) },
            { "CARD", Of(card with { Number = "62162610000000000x" }) },
            { "CARD", Of(card with { Number = "６２１６２６１０００００００００" }) },
            { "CARD", Of(card with { CertificateType = "1" }) },
            { "CARD", Of(card with { Holder = "" }) },
            { "CARD", Of(card with { Phone = "" }) },
            { "CARD", Of(card with { Holder = "a&smsCode=111111" }) },
            { "CARD", Of(card with { CertificateNumber = "1}" }) },
            { "CARD", Of(card with { SmsCode = "1\n1" }) },
            { "CARD", Of(card with { SmsCode = "" }) },
            { "BILL_TYPE", Of(card) with { Template = "template" } },
            { "FIRST_PAYMENT", Of(card) with { FirstPayment = new(Samples.Number, Money.Cny(1), "x", Samples.Now) } },
        };
    }

    [Theory]
    [MemberData(nameof(Unsendable))]
    public void What_the_rail_would_choke_on_is_refused_without_a_word_of_the_card(string field, SigningRequest request)
    {
        var options = Samples.Options();
        var (named, why) = new UnionPaySigningMessages(options, new(options)).WhyNot(request)!.Value;
        named.Should().Be(field);
        if (request.Card is { } card)
            why.Should().NotContainAny(new[] { card.Number, card.Holder, card.Phone, card.CertificateNumber }.Where(text => text.Length > 1));
        new UnionPaySigningMessages(options, new(options)).WhyNot(Samples.Signing(Samples.Payer)).Should().BeNull();
    }

    [Fact]
    public void Nothing_that_can_be_printed_tells_a_card()
    {
        var options = Samples.Options(o => o.EncryptionCertificatePem = "");
        var message = new UnionPaySigningMessages(options, new(options)).Establish(Samples.Signing(Samples.Payer));
        message.Fields.Should().Contain(("accNo", Samples.Card), "this account sends it readable, inside TLS");
        string[] printed = [message.ToString(), Samples.Payer.ToString(), Samples.Signed.ToString(), Samples.Order.ToString(), Samples.Signing(Samples.Payer).ToString()];
        foreach (var text in printed)
            text.Should().NotContainAny(Samples.Card, Samples.Payer.Holder, Samples.Payer.Phone, Samples.Payer.CertificateNumber);
    }

    private static (UnionPayMessages Messages, UnionPaySealer Sealer) Build(Action<UnionPayOptions>? change = null)
    {
        var options = Samples.Options(change);
        return (new(options, new(options)), new(options));
    }
}
