using CsCheck;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Properties;

/// <summary>An order number says what it is of, in one spelling, and no slip of a finger makes it another.</summary>
public class OrderNumberTests
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private static readonly Gen<OrderNumber> Numbers =
        Gen.Select(Gen.Guid, Gen.Int[0, 4], Gen.Int[1, OrderNumber.MaxOrdinal], Gen.Int[1, OrderNumber.MaxAttempt], Gen.Int[0, OrderNumber.MaxRefund])
            .Select((id, kind, ordinal, attempt, refund) =>
            {
                var number = new Charge(new SubscriptionId(id), (ChargeKind)kind, ordinal).Attempt(attempt);
                return refund == 0 ? number : number.Refund(refund);
            });

    [Fact]
    public void What_is_written_is_read_back() => Numbers.Sample(number =>
    {
        var text = number.ToString();
        return text.Length == OrderNumber.Length && text.All(Alphabet.Contains) && OrderNumber.TryParse(text, out var read) && read == number
            && read.IsRefund == (read.RefundNumber > 0) && !read.OfAttempt.IsRefund;
    });

    [Fact]
    public void Any_single_mistyped_character_is_refused() => Numbers.Sample(
        number =>
        {
            var text = number.ToString().ToCharArray();
            for (var place = 0; place < text.Length; place++)
            {
                var right = text[place];
                foreach (var wrong in Alphabet.Where(c => c != right))
                {
                    text[place] = wrong;
                    if (OrderNumber.TryParse(new string(text), out _))
                        return false;
                }

                text[place] = right;
            }

            return true;
        },
        iter: 30);

    [Fact]
    public void Any_exchange_of_two_different_characters_is_refused() => Numbers.Sample(
        number =>
        {
            var text = number.ToString().ToCharArray();
            for (var i = 0; i < text.Length; i++)
            {
                for (var j = i + 1; j < text.Length; j++)
                {
                    if (text[i] == text[j])
                        continue;
                    (text[i], text[j]) = (text[j], text[i]);
                    if (OrderNumber.TryParse(new string(text), out _))
                        return false;
                    (text[i], text[j]) = (text[j], text[i]);
                }
            }

            return true;
        },
        iter: 300);

    [Fact]
    public void Lower_case_look_alikes_and_other_lengths_are_refused() => Numbers.Sample(
        number =>
        {
            var text = number.ToString();
            var lower = text.ToLowerInvariant();
            return (lower == text || !OrderNumber.TryParse(lower, out _))
                && "ILOU-ilou *０".All(c => !OrderNumber.TryParse(text[..7] + c + text[8..], out _))
                && !OrderNumber.TryParse(text + "0", out _) && !OrderNumber.TryParse(text[..^1], out _) && !OrderNumber.TryParse($" {text[1..]}", out _);
        },
        iter: 300);

    [Fact]
    public void Nothing_is_no_number()
    {
        OrderNumber.TryParse(null, out _).Should().BeFalse();
        OrderNumber.TryParse("", out _).Should().BeFalse();
        OrderNumber.TryParse(new string('0', 32), out _).Should().BeFalse();
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(OrderNumber.MaxOrdinal + 1, 1)]
    [InlineData(1, 0)]
    [InlineData(1, OrderNumber.MaxAttempt + 1)]
    public void What_does_not_fit_cannot_be_made(int ordinal, int attempt) =>
        FluentActions.Invoking(() => new Charge(default, ChargeKind.Renewal, ordinal).Attempt(attempt)).Should().Throw<ArgumentOutOfRangeException>();

    [Theory]
    [InlineData(0)]
    [InlineData(OrderNumber.MaxRefund + 1)]
    public void An_attempt_has_so_many_refunds(int refund) =>
        FluentActions.Invoking(() => new Charge(default, ChargeKind.First, 1).Attempt(1).Refund(refund)).Should().Throw<ArgumentOutOfRangeException>();
}
