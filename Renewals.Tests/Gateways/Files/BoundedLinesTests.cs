using System.Text;
using Renewals.Gateways.Files;

namespace Renewals.Tests.Gateways.Files;

/// <summary>Lines of a statement, whose length is somebody else's choice.</summary>
public class BoundedLinesTests
{
    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\r\nand more")]
    public void A_statement_line_has_so_many_characters_and_not_one_more(string end)
    {
        Lines(new string('x', 100) + end).ReadLine().Should().HaveLength(100);
        FluentActions.Invoking(() => Lines(new string('x', 101) + end).ReadLine()).Should().Throw<FormatException>().WithMessage("*more than 100*");
    }

    [Theory]
    [InlineData("a\nb\n")]
    [InlineData("a\r\nb")]
    [InlineData("a\rb\r")]
    [InlineData("a\n\nb")]
    [InlineData("")]
    public void Lines_are_read_as_any_reader_reads_them(string text)
    {
        using var expected = new StringReader(text);
        using var lines = Lines(text);
        while (expected.ReadLine() is { } line)
            lines.ReadLine().Should().Be(line);
        lines.ReadLine().Should().BeNull();
    }

    private static BoundedLines Lines(string text) => new(new MemoryStream(Encoding.UTF8.GetBytes(text)), Encoding.UTF8, marks: false, 100);
}
