using System.Net;
using System.Text;

namespace Renewals.Tests.Service;

/// <summary>The service as a newcomer starts it: no settings, no contract.</summary>
public sealed class SandboxRunTests : IDisposable
{
    private readonly SampleSettings scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task It_answers_refuses_what_is_not_the_rails_and_leaves_nothing_behind()
    {
        using var program = HostProgram.Start(scratch.Folder, "run", "--sandbox", "--urls", "http://127.0.0.1:0");
        var said = await SaidAsync(program);
        using var http = new HttpClient();

        (await http.GetStringAsync(said["health"])).Should().Be("live\n");
        (await PostAsync(http, said["callbacks"], "<xml>")).Should().Be((
            HttpStatusCode.OK, "<xml><return_code><![CDATA[FAIL]]></return_code><return_msg><![CDATA[not verified]]></return_msg></xml>"));
        (await PostAsync(http, said["callbacks"], "{}")).Should().Be((HttpStatusCode.InternalServerError, """{"code":"FAIL","message":"not verified"}"""));
        (await PostAsync(http, said["callbacks"] + "9", "<xml>")).Status.Should().Be(HttpStatusCode.NotFound);
        (await PostAsync(http, said["callbacks"], new string(' ', 65_537))).Status.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        (await http.GetAsync(new Uri(new Uri(said["sandbox"]), "/wechat/pages/none"))).StatusCode.Should().Be(HttpStatusCode.NotFound);
        IsServed(said["database"]).Should().BeTrue();

        var ending = await program.StopAsync();

        ending.Errors.Should().BeEmpty();
        ending.ExitCode.Should().Be(0);
        ending.Output.Should().NotContain("   at ");
        IsServed(said["database"]).Should().BeFalse();
        Directory.Exists(said["database"]).Should().BeFalse();
    }

    [Fact]
    public async Task A_sandbox_never_writes_into_a_database_server_of_ones_own() =>
        (await HostProgram.RunAsync(scratch.Folder, "run", "--sandbox", "--connection", "Host=db.example.com")).ShouldBeRefusal(
            "The sandbox does not write into a database server of yours: leave Renewals:ConnectionString (--connection) out, or leave --sandbox out.");

    /// <summary>What a running service prints, by its first word; of several rails the first.</summary>
    internal static async Task<Dictionary<string, string>> SaidAsync(HostProgram program)
    {
        Dictionary<string, string> said = [];
        while (!said.ContainsKey("plans") && await program.Output.ReadLineAsync() is { } line)
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var name, var value, ..] && line.StartsWith("  ", StringComparison.Ordinal))
                said.TryAdd(name, value);
        }

        return said;
    }

    private static async Task<(HttpStatusCode Status, string Body)> PostAsync(HttpClient http, string url, string body)
    {
        using var answer = await http.PostAsync(url, new StringContent(body, Encoding.UTF8, "text/xml"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static bool IsServed(string folder) => Directory.EnumerateDirectories("/proc")
        .Where(entry => int.TryParse(Path.GetFileName(entry), out _))
        .Any(entry => CommandLine(entry).Contains($"\0-D\0{folder}", StringComparison.Ordinal));

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
