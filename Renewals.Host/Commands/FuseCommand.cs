using System.CommandLine;

namespace Renewals.Host.Commands;

/// <summary>The <c>fuse</c> command: lists what is stopped, and puts a blown fuse in again.</summary>
internal static class FuseCommand
{
    /// <summary>The command and its options.</summary>
    public static Command Create() => new("fuse", "Fuses stop charging when too much happens; a person resets them.") { List(), Reset() };

    private static Command List()
    {
        var options = new StopOptions();
        var all = new Option<bool>("--all") { Description = "Also those that were ended." };
        var command = options.AddTo(new("list", "Lists blown fuses and holds, newest first.") { all }, changes: false);
        command.SetAction((parsed, cancellation) => options.ListAsync(parsed, parsed.GetValue(all), cancellation));
        return command;
    }

    private static Command Reset()
    {
        var options = new StopOptions();
        var id = new Argument<long>("id") { Description = "The fuse's number, as fuse list prints it." };
        var command = options.AddTo(
            new("reset", $"Puts a blown fuse in again: what it counted counts no more, and charging goes on. {StopOptions.ExitCodes}") { id }, changes: true);
        command.SetAction((parsed, cancellation) =>
            options.ChangeAsync(parsed, (fuses, by, reason, stop) => fuses.ResetAsync(parsed.GetValue(id), by, reason, stop), cancellation));
        return command;
    }
}
