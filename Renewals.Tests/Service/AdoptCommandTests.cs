using Renewals.Host.Commands;

namespace Renewals.Tests.Service;

/// <summary>What the command <c>adopt</c> asks for before anything starts.</summary>
public sealed class AdoptCommandTests
{
    [Theory]
    [InlineData("--dry-run --config settings.json")]
    [InlineData("--dry-run --json")]
    [InlineData("--reconcile --by ann --reason moved --config settings.json")]
    public void What_the_manual_has_can_be_read(string arguments) => AdoptCommand.Create().Parse(arguments).Errors.Should().BeEmpty("a look keeps nothing, so it needs neither who nor why");

    [Theory]
    [InlineData("", "add --reconcile")]
    [InlineData("--by ann --reason moved", "add --reconcile")]
    [InlineData("--reconcile --reason moved", "'--by' is required")]
    [InlineData("--reconcile --by ann", "'--reason' is required")]
    [InlineData("--reconcile --reason moved --by  ", "--by")]
    public void An_adoption_is_not_begun_without_a_reconciliation_nor_without_who_and_why(string arguments, string sentence) =>
        AdoptCommand.Create().Parse(arguments).Errors.Select(error => error.Message).Should().Contain(message => message.Contains(sentence));
}
