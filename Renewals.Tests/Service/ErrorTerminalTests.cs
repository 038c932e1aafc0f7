using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Renewals.Host.Commands;
using Spectre.Console;

namespace Renewals.Tests.Service;

/// <summary>How far a long command is: a bar for whoever looks at a terminal, lines elsewhere, and no more said than is known.</summary>
public sealed partial class ErrorTerminalTests : IDisposable
{
    private const string HideCursor = "\u001b[?25l";
    private const string ShowCursor = "\u001b[?25h";

    private readonly StringWriter errors = new();
    private readonly TextWriter written;

    public ErrorTerminalTests() => written = TextWriter.Synchronized(errors);

    public void Dispose() => written.Dispose();

    [Fact]
    public async Task A_bar_goes_as_far_as_the_work_and_is_gone_when_it_is_done()
    {
        var terminal = Terminal();
        var done = await terminal.RunAsync(new("memberships compared", 40_000), progress => CountAsync(progress, 10_000, 40_000));

        done.Should().Be(40_000);
        Frames().Should().Contain(frame => frame.Contains("40,000 of 40,000 memberships compared, 100 %", StringComparison.Ordinal));
        ShouldBeGone();
    }

    [Fact]
    public async Task A_bar_moves_only_when_work_was_done_and_says_how_much_is_left()
    {
        await Terminal().RunAsync(new("memberships compared", 1_000), async progress =>
        {
            await SeenAsync("0 of 1,000 memberships compared, 0 %");
            Bars().Should().OnlyContain(bar => bar == 0);
            progress.Report(500);
            await SeenAsync("500 of 1,000 memberships compared, 50 %");
            await SeenAsync(" left");
            return 0;
        });
        Bars().Distinct().Should().Equal(0, 10);
        Frames().Should().NotContain(frame => frame.Contains("100 %", StringComparison.Ordinal), "half was done");
    }

    [Fact]
    public async Task A_bar_is_gone_before_a_fault_is_said()
    {
        var run = () => Terminal().RunAsync<int>(new("streams folded", 10), async progress =>
        {
            progress.Report(5);
            await SeenAsync("5 of 10 streams folded, 50 %");
            throw new InvalidOperationException("The database went away.");
        });

        (await run.Should().ThrowAsync<InvalidOperationException>()).WithMessage("The database went away.");
        ShouldBeGone();
        Frames().Should().NotContain(frame => frame.Contains("100 %", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_interrupts_gets_the_terminal_back_and_one_word()
    {
        using var interrupted = new CancellationTokenSource();
        var code = await Faults.SayAsync(
            () => Terminal().RunAsync(new("streams folded", 10), async progress =>
            {
                progress.Report(5);
                await SeenAsync("5 of 10 streams folded, 50 %");
                await interrupted.CancelAsync();
                await Task.Delay(Timeout.InfiniteTimeSpan, interrupted.Token);
                return 0;
            }),
            written);

        code.Should().Be(130);
        ShouldBeGone($"Stopped.{Environment.NewLine}");
    }

    [Fact]
    public async Task What_is_said_meanwhile_and_what_the_engine_logs_stands_above_the_bar_whole()
    {
        var terminal = Terminal();
        var services = new ServiceCollection().AddLogging(logging => logging.AddSimpleConsole(console => console.SingleLine = true));
        TerminalLog.AddTo(services, terminal);
        await using var provider = services.BuildServiceProvider();
        await terminal.RunAsync(new("memberships looked at", 10), async progress =>
        {
            progress.Report(5);
            await SeenAsync("5 of 10");
            terminal.Report("wechat:1900000109: asking for orders");
#pragma warning disable CA1848, CA2254 // A line of a test.
            provider.GetRequiredService<ILogger<ErrorTerminalTests>>().LogError("It cannot be folded.");
#pragma warning restore CA1848, CA2254
            progress.Report(10);
            return 0;
        });

        var lines = Frames().SelectMany(frame => frame.Split('\n')).Select(line => line.Trim()).ToList();
        lines.Should().Contain("wechat:1900000109: asking for orders").And.Contain($"fail: {typeof(ErrorTerminalTests).FullName}[0] It cannot be folded.");
        lines.FindIndex(line => line.Contains("cannot be folded", StringComparison.Ordinal)).Should().BeLessThan(lines.FindLastIndex(line => line.Contains("10 of 10", StringComparison.Ordinal)));
        ShouldBeGone();
    }

    [Fact]
    public async Task Where_more_come_than_were_counted_nothing_is_above_a_hundred_and_where_nobody_counted_there_is_no_share()
    {
        await Terminal().RunAsync(new("memberships compared", 100), async progress =>
        {
            progress.Report(100);
            await SeenAsync("100 of 100 memberships compared, 100 %");
            progress.Report(150);
            return 0;
        });
        Frames()[^1].Should().Contain("150 memberships compared so far").And.NotContain("%").And.NotContain("left");
        Frames().SelectMany(frame => Percent().Matches(frame)).Select(match => int.Parse(match.Groups[1].Value)).Should().OnlyContain(percent => percent <= 100);

        errors.GetStringBuilder().Clear();
        await Terminal().RunAsync(new("lines compared", null), progress => CountAsync(progress, 500, 12_500));
        Frames()[^1].Should().Contain("12,500 lines compared so far").And.NotContain("%").And.NotContain("left");
    }

    [Theory]
    [InlineData(30_000L, "10,000 of 30,000 memberships compared, 33 %\n20,000 of 30,000 memberships compared, 66 %\n30,000 of 30,000 memberships compared, 100 %\n")]
    [InlineData(20_000L, "10,000 of 20,000 memberships compared, 50 %\n20,000 of 20,000 memberships compared, 100 %\n30,000 memberships compared so far\n")]
    [InlineData(30_001L, "10,000 of 30,001 memberships compared, 33 %\n20,000 of 30,001 memberships compared, 66 %\n30,000 of 30,001 memberships compared, 99 %\n")]
    [InlineData(null, "10,000 memberships compared so far\n20,000 memberships compared so far\n30,000 memberships compared so far\n")]
    public async Task Where_nobody_looks_there_are_lines_with_the_share_where_it_is_known(long? total, string lines)
    {
        await Terminal(interactive: false).RunAsync(new("memberships compared", total), progress => CountAsync(progress, 500, 30_400));
        Written().ReplaceLineEndings("\n").Should().Be(lines);
    }

    [Fact]
    public async Task A_command_that_writes_its_result_to_the_same_terminal_has_lines()
    {
        await Terminal(showsOutput: true).RunAsync(new("memberships read", 10_000) { Prints = true }, progress => CountAsync(progress, 500, 10_000));
        Written().Trim().Should().Be("10,000 of 10,000 memberships read, 100 %");
    }

    [Fact]
    public async Task Several_tasks_may_tell_and_it_never_goes_back()
    {
        var told = new List<long>();
        var progress = new WorkProgress(new("memberships looked at", 100_000), progress => told.Add(progress.Done));
        var next = 0L;
        await Parallel.ForAsync(0, 100_000, (_, _) =>
        {
            progress.Report(Interlocked.Increment(ref next));
            return ValueTask.CompletedTask;
        });
        told.Should().BeInAscendingOrder();
        (told[^1], progress.Words).Should().Be((100_000, "100,000 of 100,000 memberships looked at, 100 %"));
    }

    [Fact]
    public async Task What_is_redirected_is_not_drawn_however_able_the_terminal()
    {
        using var scratch = new SampleSettings();
        var ending = await HostProgram.RunAsync(scratch.Folder, "simulate", "--seeds", "1", "--years", "1", "--members", "2");
        ending.Errors.Should().Be("1 of 1 worlds lived, 100 %\n");
    }

    private ErrorTerminal Terminal(bool interactive = true, bool showsOutput = false) => new(HostCommand.ConsoleOver(written, interactive), showsOutput);

    private static async Task<long> CountAsync(IProgress<long> progress, long step, long until)
    {
        for (var done = step; done <= until; done += step)
            progress.Report(done);
        await Task.Yield();
        return until;
    }

    private string Written()
    {
        // The bar is drawn by a thread of its own.
        lock (written)
            return errors.ToString();
    }

    private async Task SeenAsync(string words)
    {
        for (var tries = 0; tries < 200 && !Written().Contains(words, StringComparison.Ordinal); tries++)
            await Task.Delay(50);
        Written().Should().Contain(words);
    }

    /// <summary>What stood on the terminal, one picture after another.</summary>
    private List<string> Frames() =>
        [.. Up().Split(Written()).Select(frame => Escapes().Replace(frame, "").Replace("\r", "", StringComparison.Ordinal)).Where(frame => !string.IsNullOrWhiteSpace(frame))];

    /// <summary>How much of the bar was full, in each picture: 0 to 20.</summary>
    private IEnumerable<int> Bars() => Frames().Select(frame => frame.Count(letter => letter == '━'));

    private void ShouldBeGone(string after = "") =>
        Written().Should().StartWith(HideCursor).And.MatchRegex($@"\r\u001b\[2K(\u001b\[1A\u001b\[2K)+{Regex.Escape(ShowCursor + after)}\z");

    [GeneratedRegex(@"\u001b\[\d+A")]
    private static partial Regex Up();

    [GeneratedRegex(@"\u001b\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escapes();

    [GeneratedRegex(@"(\d+) %")]
    private static partial Regex Percent();
}
