using System.Security.Cryptography;
using System.Text;

namespace Renewals.Tests.Properties;

/// <summary>A hundred lives that are the same every time: none breaks a promise, and each is decided as when it was last looked at.</summary>
/// <remarks>
/// One line a life in <c>known-lives.txt</c>: its number, how many lines it has when told in full, and their hash. A decision that changed unmeant shows
/// here in every word and second, also where no rule minds it. Then the lives are told in full beside the tests; told by the code before the change they
/// say what differs. Where it is meant, the file written there takes the place of the one here.
/// </remarks>
public sealed class KnownLivesTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Properties");

    [Fact]
    public void A_hundred_known_lives_break_no_promise_and_are_decided_to_the_letter()
    {
        var tally = new Tally();
        var lives = Enumerable.Range(1, 100).Select(number => Live(number, tally)).ToList();

        tally["sent again"].Should().BePositive();
        var lines = lives.Select((life, i) => $"{i + 1:D3} {life.Count} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', life))))}").ToList();
        if (!lines.SequenceEqual(File.ReadAllLines(Path.Combine(Folder, "known-lives.txt"))))
            Assert.Fail($"What is decided must not change unseen; where it is meant, {Tell(lives, lines)} is the new file.");
    }

    private static string Tell(List<List<string>> lives, List<string> lines)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "known-lives")).FullName;
        for (var i = 0; i < lives.Count; i++)
            File.WriteAllLines(Path.Combine(folder, $"{i + 1:D3}.txt"), lives[i]);
        var today = Path.Combine(folder, "known-lives.txt");
        File.WriteAllLines(today, lines);
        return today;
    }

    private static List<string> Live(int number, Tally tally)
    {
        var random = new Random(number);
        List<string> life = [];
        new Walk([.. Enumerable.Range(0, 300).Select(_ => (uint)random.NextInt64(uint.MaxValue))], tally, life.Add).Run();
        return life;
    }
}
