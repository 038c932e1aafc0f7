using System.CommandLine;

namespace Renewals.Host.Commands;

/// <summary>The <c>release</c> command: ends a hold.</summary>
internal static class ReleaseCommand
{
    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var options = new StopOptions();
        var id = new Argument<long>("id") { Description = "The hold's number, as hold or fuse list prints it." };
        var command = options.AddTo(new("release", $"Ends a hold: charging goes on at once. {StopOptions.ExitCodes}") { id }, changes: true);
        command.SetAction((parsed, cancellation) =>
            options.ChangeAsync(parsed, (fuses, by, reason, stop) => fuses.ReleaseAsync(parsed.GetValue(id), by, reason, stop), cancellation));
        return command;
    }
}
