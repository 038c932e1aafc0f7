using System.CommandLine;
using Renewals.Host.Commands;
using Spectre.Console;

var root = new RootCommand("Renewals: an engine for memberships that renew themselves (自动续费).")
{
    RunCommand.Create(),
    DemoCommand.Create(),
    SandboxCommand.Create(),
    DoctorCommand.Create(),
    ReconcileCommand.Create(),
    AgreementsCommand.Create(),
    AdoptCommand.Create(),
    DocumentsCommand.Create(),
    EraseCommand.Create(),
    MigrateCommand.Create(),
    PlansCommand.Create(),
    StatusCommand.Create(),
    SubscriptionsCommand.Create(),
    ReplayCommand.Create(),
    ParkCommand.CreatePark(),
    ParkCommand.CreateUnpark(),
    VerifyCommand.Create(),
    RebuildBookCommand.Create(),
    FuseCommand.Create(),
    HoldCommand.Create(),
    ReleaseCommand.Create(),
    CatchUpCommand.Create(),
    ImportCommand.Create(),
    ExportCommand.Create(),
    BenchCommand.Create(),
    BenchCallbacksCommand.Create(),
    SimulateCommand.Create(),
    TortureCommand.Create(),
    TortureCommand.CreateHost(),
    DatabaseCommand.Create(),
};
var parsed = root.Parse(args);
if (Misreadings.Sentence(parsed) is { } sentence)
{
    await Console.Error.WriteLineAsync(sentence);
    return 1;
}

// Piped or written to a file a table is as wide as what stands in it: an id that is broken over lines cannot be copied or looked for.
if (Console.IsOutputRedirected)
    AnsiConsole.Profile.Width = 10_000;

// Long enough for the service to let its calls finish and to stop its parts one after another.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(80), EnableDefaultExceptionHandler = false };
return await Faults.SayAsync(() => parsed.InvokeAsync(configuration), Console.Error);
