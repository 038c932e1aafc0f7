using System.Text.Json;
using System.Text.Json.Nodes;
using Renewals.Host.Commands;

namespace Renewals.Tests.Service;

/// <summary>The <c>reconcile</c>, <c>agreements</c> and <c>doctor</c> commands, by their words and with the settings the sandbox prints.</summary>
public sealed class ReconcileTests : IDisposable
{
    private readonly SampleSettings scratch = new();

    public void Dispose() => scratch.Dispose();

    [Theory]
    [InlineData("x", "wechat:1", "--date is x; write a day as 2026-03-31.")]
    [InlineData("2026-03-31", "wechat", "--account is wechat; write it as rail:number, such as wechat:1900000109.")]
    public async Task A_wrong_argument_is_refused_with_a_sentence_before_anything_starts(string date, string account, string sentence)
    {
        var ending = await HostProgram.RunAsync(scratch.Folder, "reconcile", "--account", account, "--date", date);
        ending.ExitCode.Should().Be(1);
        ending.Errors.Should().Contain(sentence).And.NotContain("   at ");
    }

    [Fact]
    public async Task The_settings_of_the_sandbox_are_enough_to_reconcile_to_survey_agreements_and_to_be_examined()
    {
        using var ending = new CancellationTokenSource();
        using var output = new StringWriter();
        var running = SandboxCommand.RunAsync(0, null, json: true, output, TextWriter.Null, ending.Token);
        while (output.ToString().Length == 0 && !running.IsCompleted)
            await Task.Delay(20);
        var settings = JsonNode.Parse(output.ToString())!["settings"]!;
        settings["Renewals"]!["Notifier"] = new JsonObject { ["Url"] = "http://127.0.0.1:9/notices" };
        settings["Renewals"]!["DataFolder"] = Path.Combine(scratch.Folder, "ledger");
        var file = Path.Combine(scratch.Folder, "sandbox.json");
        await File.WriteAllTextAsync(file, settings.ToJsonString());

        var read = await HostCommand.RunAtTerminalAsync("reconcile", "--config", file, "--account", "wechat:1900000109", "--date", "2026-01-31", "--json");
        read.ExitCode.Should().Be(0, read.Errors);
        read.Errors.Should().Contain("0 lines compared so far").And.NotContain("%", "a statement says at its end how many lines it has");
        JsonDocument.Parse(read.Output).RootElement.GetProperty("state").GetString().Should().Be("complete");

        var agreements = await HostCommand.RunAsync("agreements", "--config", file, "--json");
        agreements.ExitCode.Should().Be(0, agreements.Errors);
        var reports = JsonDocument.Parse(agreements.Output).RootElement.GetProperty("accounts").EnumerateArray().ToList();
        reports.Select(report => report.GetProperty("account").GetString()).Should().Contain("wechat:1900000109").And.HaveCountGreaterThan(2);
        reports.Should().OnlyContain(report => report.GetProperty("inForce").GetInt64() == 0 && report.GetProperty("cannotBeKnown").GetArrayLength() > 0);

        var examined = await HostCommand.RunAsync("doctor", "--config", file, "--json");
        examined.ExitCode.Should().Be(1, "a callback address on this machine cannot be reached by a rail");
        JsonDocument.Parse(examined.Output).RootElement.GetProperty("accounts")[0].GetProperty("findings").EnumerateArray()
            .Where(finding => finding.GetProperty("verdict").GetString() == "no").Select(finding => finding.GetProperty("check").GetString())
            .Should().Equal("callback-address");
        await ending.CancelAsync();
        (await running).Should().Be(0);
    }
}
