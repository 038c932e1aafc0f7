using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Service;

namespace Renewals.Tests.Rules;

/// <summary>Whatever the service can say at night stands in the manual with what to do, and nothing else does.</summary>
public partial class OperatingPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(SourceRules.Root(), "docs", "operating.md"));

    private static readonly IReadOnlyList<LoggerMessageAttribute> Messages =
    [
        .. new[] { typeof(Renewals.Core.Engine.EngineOptions), typeof(WeChatPayOptions), typeof(ServiceSettings) }
            .SelectMany(type => type.Assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>(),
    ];

    [Fact]
    public void Every_warning_error_and_critical_line_of_the_log_stands_on_the_page_with_its_level_and_what_to_do()
    {
        var rows = Row().Matches(Page).Select(row => (Id: int.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture), Level: row.Groups[2].Value, Cells: row.Groups[3].Value)).ToList();
        var wanted = Messages.Where(message => message.Level >= LogLevel.Warning).Select(message => (message.EventId, $"{message.Level}")).ToList();
        wanted.Should().HaveCountGreaterThan(30, "the rule must see the engine's log");

        rows.Select(row => (row.Id, row.Level)).Should().BeEquivalentTo(wanted);
        rows.Should().OnlyContain(row => row.Cells.Split('|', StringSplitOptions.TrimEntries).Count(cell => cell.Length > 10) == 2, "it says what it means and what to do");
    }

    [Fact]
    public void An_event_id_means_one_thing() => Messages.Select(message => message.EventId).Should().OnlyHaveUniqueItems().And.NotContain(0);

    [Fact]
    public void Every_word_of_the_health_page_stands_there()
    {
        var services = new ServiceCollection();
        HealthChecks.AddTo(services);
        using var provider = services.BuildServiceProvider();
        var names = provider.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Select(check => check.Name).ToList();
        names.Should().NotBeEmpty();
        foreach (var name in names)
            Page.Should().Contain($"\n| `{name}` | ");
    }

    [GeneratedRegex(@"^\| (\d{4}) \| (\w+) \|(.*)\|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
