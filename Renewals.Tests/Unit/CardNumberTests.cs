using Renewals.Host.MovingIn;

namespace Renewals.Tests.Unit;

/// <summary>A card number is found wherever it stands; what only has as many digits is none.</summary>
public class CardNumberTests
{
    // The last digit is right in the first of each pair. None of them is anybody's: they are of the schemes' ranges for tests.
    [Theory]
    [InlineData("4111111111111111", true)]
    [InlineData("4111111111111112", false)]
    [InlineData("4111 1111-1111 1111", true)]
    [InlineData("card=6200000000000000000;", true)]
    [InlineData("6200000000000000001", false)]
    [InlineData("5555555555554444", true)]
    [InlineData("2223000048400011", true)]
    [InlineData("378282246310005", true)]
    [InlineData("4222222222222", true)]
    [InlineData("411111111111111", false)]
    [InlineData("1790000000000000005", false)]
    [InlineData("20255601000000000101", false)]
    [InlineData("41111111111111110000", false)]
    [InlineData("Wx15463511252015071056489715", false)]
    [InlineData("m-1", false)]
    [InlineData("", false)]
    public void Digits_are_a_card_when_they_begin_and_end_as_one(string text, bool isCard) => CardNumbers.AreIn(text).Should().Be(isCard);
}
