using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using NodaTime;
using Renewals.Host.Webhooks;
using Renewals.Tests.Rules;

namespace Renewals.Tests.Webhooks;

/// <summary>What docs/webhooks.md tells merchants to write believes what we send and nothing else, in both languages.</summary>
public class VerifyExampleTests
{
    // Made for the tests; they sign nothing else.
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Another = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

    private static readonly string Page = File.ReadAllText(Path.Combine(SourceRules.Root(), "docs", "webhooks.md"));

    [Fact]
    public void The_code_in_CSharp_is_the_one_of_the_page_and_knows_ours()
    {
        var lines = File.ReadAllLines(Path.Combine(SourceRules.Root(), "Renewals.Tests", "Webhooks", "VerifyExample.cs"));
        var code = string.Join('\n', lines.SkipWhile(line => !line.StartsWith("    static bool IsOurs", StringComparison.Ordinal)).TakeWhile(line => !line.StartsWith('#'))
            .Select(line => line.Length > 4 ? line[4..] : line));
        Block("csharp").Should().Be(code + "\n");
        foreach (var (what, message, isOurs) in Messages())
            VerifyExample.Verify(message.Id, message.Timestamp, message.Signatures, Encoding.UTF8.GetBytes(message.Body), message.Secret).Should().Be(isOurs, what);
    }

    [PythonFact]
    public async Task The_code_in_Python_is_run_as_it_stands_on_the_page_and_knows_ours()
    {
        var messages = Messages();
        var script = Block("python") + """

            import json, sys
            print(json.dumps([is_ours(m["Id"], m["Timestamp"], m["Signatures"], m["Body"].encode(), m["Secret"]) for m in json.load(sys.stdin)]))
            """;
        var start = new ProcessStartInfo(PythonFactAttribute.Program!) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "-I", "-c", script })
            start.ArgumentList.Add(argument);
        using var python = Process.Start(start)!;
        await python.StandardInput.WriteAsync(JsonSerializer.Serialize(messages.Select(one => one.Message)));
        python.StandardInput.Close();
        var (said, faults) = (await python.StandardOutput.ReadToEndAsync(), await python.StandardError.ReadToEndAsync());
        await python.WaitForExitAsync();
        faults.Should().BeEmpty();
        JsonSerializer.Deserialize<bool[]>(said).Should().Equal(messages.Select(one => one.IsOurs), "{0}", string.Join(", ", messages.Select(one => one.What)));
    }

    private static string Block(string language) => Regex.Match(Page, $"```{language}\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;

    private static List<(string What, Sent Message, bool IsOurs)> Messages()
    {
        var good = Signed(0, Secret);
        var far = long.MinValue.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return
        [
            ("ours", good, true),
            ("ours with umlauts", Signed(0, Secret, """{"why":"größer, 元"}"""), true),
            ("ours, four minutes ago", Signed(-240, Secret), true),
            ("ours while secrets rotate", Signed(0, Another, secrets: [Secret, Another]), true),
            ("signed with another secret", Signed(0, Secret, secrets: [Another]), false),
            ("another body", good with { Body = good.Body + " " }, false),
            ("another id", good with { Id = "another" }, false),
            ("another time", good with { Timestamp = $"{long.Parse(good.Timestamp, System.Globalization.CultureInfo.InvariantCulture) + 1}" }, false),
            ("six minutes ago", Signed(-360, Secret), false),
            ("in six minutes", Signed(360, Secret), false),
            ("no signature", good with { Signatures = "" }, false),
            ("half a signature", good with { Signatures = good.Signatures[..20] }, false),
            ("a signature in other letters", good with { Signatures = "v1,größer" }, false),
            ("no time", good with { Timestamp = "" }, false),
            ("a time that is none", good with { Timestamp = "soon" }, false),
            ("a time that is too far", good with { Timestamp = far }, false),
            ("a time that is too long", good with { Timestamp = new('9', 5_000) }, false),
        ];
    }

    private static Sent Signed(int seconds, string known, string body = """{"type":"charged","sequence":4711}""", string[]? secrets = null)
    {
        var at = Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow()) + Duration.FromSeconds(seconds);
        using var request = new HttpRequestMessage();
        StandardWebhooks.Sign(request, "4b0f6d0e-1c1a-8a53-9a54-0d2f5a0f7a11", at, Encoding.UTF8.GetBytes(body), [.. (secrets ?? [known]).Select(secret => WebhookSecret.Read("test", secret))]);
        string Header(string name) => request.Headers.GetValues(name).Single();
        return new(Header(StandardWebhooks.IdHeader), Header(StandardWebhooks.TimestampHeader), Header(StandardWebhooks.SignatureHeader), body, known);
    }

    private sealed record Sent(string Id, string Timestamp, string Signatures, string Body, string Secret);
}

/// <summary>A fact that needs Python; skipped where there is none.</summary>
internal sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute() => Skip = Program is null ? "There is no python3 on this machine (Debian: apt-get install python3)." : null;

    /// <summary>Where it is.</summary>
    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "python3")).FirstOrDefault(File.Exists);
}
