using System.Runtime.InteropServices;
using Renewals.Host.Bench;
using Renewals.Host.Commands;

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return args switch
{
    ["database", .. var rest] => await DatabaseCommand.RunAsync(rest is ["--data", var folder] ? folder : null, Console.Out, stop.Token),
    ["bench", .. var rest] => await BenchCommand.RunAsync(BenchArguments.Read(rest), Console.Out, stop.Token),
    _ => 0,
};
