using System.Reflection;

namespace Renewals.Tests.Rules;

/// <summary>The walls of the house: arrows point one way, and the pure folders know nothing of the world.</summary>
public class ArchitectureTests
{
    [Fact]
    public void Product_source_keeps_the_rules()
    {
        var files = SourceRules.Product();
        files.Count(file => SourceRules.IsPure(file.Path)).Should().BeGreaterThan(30, "the rule must see the pure folders");
        files.SelectMany(file => SourceRules.Broken(file.Path, file.Text)).Should().BeEmpty();
    }

    [Theory]
    [InlineData("Renewals.Core/Plans/Bad.cs", "using Marten;")]
    [InlineData("Renewals.Core/Gateways/Bad.cs", "using Npgsql;")]
    [InlineData("Renewals.Core/Charging/Bad.cs", "using Polly.Retry;")]
    [InlineData("Renewals.Core/Charging/Bad.cs", "using System.Net.Http;")]
    [InlineData("Renewals.Core/Calendar/Bad.cs", "using System.IO;")]
    [InlineData("Renewals.Core/Calendar/Bad.cs", "var now = DateTime.UtcNow;")]
    [InlineData("Renewals.Core/Calendar/Bad.cs", "DateTimeOffset at;")]
    [InlineData("Renewals.Core/Agreements/Bad.cs", "class X(TimeProvider time);")]
    [InlineData("Renewals.Core/Subscriptions/Bad.cs", "SystemClock.Instance.GetCurrentInstant();")]
    [InlineData("Renewals.Core/Subscriptions/Bad.cs", "new Random(7);")]
    [InlineData("Renewals.Core/Subscriptions/Bad.cs", "var id = Guid.NewGuid();")]
    [InlineData("Renewals.Core/Subscriptions/Bad.cs", "using Renewals.Core.Ledger;")]
    [InlineData("Renewals.Core/Engine/Bad.cs", "using Marten;")]
    [InlineData("Renewals.Core/Audit/Bad.cs", "await using var c = new Npgsql.NpgsqlConnection();")]
    [InlineData("Renewals.Gateways/WeChatPay/Bad.cs", "using Marten.Events;")]
    [InlineData("Renewals.Gateways/WeChatPay/Bad.cs", "using Renewals.Host.Sandbox;")]
    [InlineData("Renewals.Core/Engine/Bad.cs", "using Renewals.Gateways.WeChatPay;")]
    public void A_planted_fault_is_found(string path, string text) => SourceRules.Broken(path, $"namespace X;\n{text}\n").Should().NotBeEmpty();

    [Theory]
    [InlineData("Renewals.Core/Calendar/Good.cs", "var day = zoned.LocalDateTime.Date; // not DateTime.Now")]
    [InlineData("Renewals.Core/Subscriptions/Good.cs", "/* Marten keeps it */ var profile = new Profile();")]
    [InlineData("Renewals.Core/Ledger/Good.cs", "using Marten; using Npgsql;")]
    [InlineData("Renewals.Core/Engine/Good.cs", "using Renewals.Core.Gateways;")]
    public void What_is_allowed_is_not_found(string path, string text) => SourceRules.Broken(path, text).Should().BeEmpty();

    [Fact]
    public void A_file_may_have_400_lines_and_not_one_more()
    {
        string Lines(int count) => string.Concat(Enumerable.Repeat("\n", count));
        SourceRules.Broken("Renewals.Host/A.cs", Lines(SourceRules.MaxLines)).Should().BeEmpty();
        SourceRules.Broken("Renewals.Host/A.cs", Lines(SourceRules.MaxLines + 1)).Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("Renewals.Core", "Renewals.Gateways", "Renewals.Host")]
    [InlineData("Renewals.Gateways", "Renewals.Host", "Marten", "Npgsql")]
    public void Assemblies_point_one_way(string assembly, params string[] never)
    {
        var references = Assembly.Load(assembly).GetReferencedAssemblies().Select(name => name.Name!).ToList();
        references.Should().NotBeEmpty().And.NotIntersectWith(never);
        var project = File.ReadLines(Path.Combine(SourceRules.Root(), assembly, $"{assembly}.csproj")).Where(line => line.Contains("Reference Include=")).ToList();
        project.Should().NotBeEmpty().And.NotContain(line => never.Any(name => line.Contains($"\"{name}\"") || line.Contains($"{name}.csproj")));
    }
}
