using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Renewals.Host.Commands;

/// <summary>Log lines of the engine's parts on the standard error of a command: in the service's form, and above a bar where there is one.</summary>
/// <remarks>The console's own logger writes from a thread of its own to wherever the cursor stands.</remarks>
[ProviderAlias("Console")]
internal sealed class TerminalLog(ErrorTerminal terminal, ConsoleFormatter form) : ILoggerProvider
{
    /// <summary>Puts it in the place of every other log.</summary>
    public static void AddTo(IServiceCollection services, ErrorTerminal terminal)
    {
        services.RemoveAll<ILoggerProvider>();
        services.Configure<SimpleConsoleFormatterOptions>(options => options.ColorBehavior = LoggerColorBehavior.Disabled);
        services.AddSingleton<ILoggerProvider>(provider => new TerminalLog(
            terminal, provider.GetServices<ConsoleFormatter>().Single(form => form.Name == ConsoleFormatterNames.Simple)));
    }

    public ILogger CreateLogger(string categoryName) => new Category(terminal, form, categoryName);

    public void Dispose()
    {
    }

    private sealed class Category(ErrorTerminal terminal, ConsoleFormatter form, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            using var text = new StringWriter();
            form.Write(new LogEntry<TState>(logLevel, name, eventId, state, exception, formatter), scopeProvider: null, text);
            if (text.ToString().TrimEnd() is { Length: > 0 } line)
                terminal.WriteLine(line);
        }
    }
}
