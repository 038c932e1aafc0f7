using Spectre.Console;
using Spectre.Console.Rendering;

namespace Renewals.Host.Commands;

/// <summary>Draws how far a long piece of work is, for a person who looks at a terminal; when the work is over, however it ended, the bar is gone.</summary>
internal static class WorkBar
{
    private const int Width = 20;

    // The bar is told no more often than it can be seen to move.
    private const int Parts = 1_000;

    /// <summary>Does the work under a bar.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="work">What is done.</param>
    /// <param name="run">Does it.</param>
    public static Task<T> RunAsync<T>(IAnsiConsole console, LongWork work, Func<WorkProgress, Task<T>> run)
    {
        ProgressTask? task = null;
        var progress = new WorkProgress(work, progress => Move(task!, progress.Share));
        return console.Progress().AutoClear(true)
            .Columns(new ProgressBarColumn { Width = Width }, new WordsColumn(_ => progress.Words), new WordsColumn(drawn => Times(drawn.ElapsedTime ?? TimeSpan.Zero, progress.Share)))
            .StartAsync(context =>
            {
                task = context.AddTask(work.What, maxValue: Parts);
                Move(task, progress.Share);
                return run(progress);
            });
    }

    private static void Move(ProgressTask task, double? share)
    {
        task.IsIndeterminate = share is null;
        var parts = Math.Floor((share ?? 0) * Parts);
        if (parts > task.Value)
            task.Value = parts;
    }

    // What is left, if it goes on as it went on the whole. Before the first thousandth nobody can say.
    private static string Times(TimeSpan passed, double? share) =>
        share is >= 1.0 / Parts and < 1 ? $"{Clock(passed)}, {Clock(passed * ((1 / share.Value) - 1))} left" : Clock(passed);

    private static string Clock(TimeSpan time) => $"{(int)time.TotalHours}:{time:mm\\:ss}";

    /// <summary>A column of words that are asked for each time it is drawn.</summary>
    private sealed class WordsColumn(Func<ProgressTask, string> words) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(words(task));
    }
}
