using System.Runtime.InteropServices;
using Renewals.Host.Commands;

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return args is ["database", .. var rest]
    ? await DatabaseCommand.RunAsync(rest is ["--data", var folder] ? folder : null, Console.Out, stop.Token)
    : 0;
