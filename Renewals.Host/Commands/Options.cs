using System.CommandLine;

namespace Renewals.Host.Commands;

/// <summary>Options that several commands have alike.</summary>
internal static class Options
{
    /// <summary>A whole number within bounds; a number outside them is refused with the bounds, before anything starts.</summary>
    public static Option<int> Ranged(string name, string description, int standard, int least, int most)
    {
        var option = new Option<int>(name) { Description = $"{description} {least:N0} to {most:N0}.", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            // The text, not the value: what is no number at all gets the same sentence.
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, out var value) && value >= least && value <= most))
                result.AddError($"{name} is {text}; give a number from {least:N0} to {most:N0}.");
        });
        return option;
    }
}
