using System.CommandLine;
using Renewals.Host.Commands;

var root = new RootCommand("Renewals: an engine for memberships that renew themselves (自动续费).")
{
    DemoCommand.Create(),
    SandboxCommand.Create(),
    BenchCommand.Create(),
    DatabaseCommand.Create(),
};
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30), EnableDefaultExceptionHandler = false };
return await Faults.SayAsync(() => root.Parse(args).InvokeAsync(configuration), Console.Error);
