using System.CommandLine;
using Renewals.Host.Service;

namespace Renewals.Host.Commands;

/// <summary>Options that several commands have alike.</summary>
internal static class Options
{
    /// <summary>The settings file of the service.</summary>
    public static Option<string?> Config() =>
        new("--config") { Description = $"Settings file, as for run. Default: {SettingsFile.StandardName} of the working directory." };

    /// <summary>A merchant account, as rail:number.</summary>
    public static Option<string?> Account(string description, bool required = false)
    {
        var option = new Option<string?>("--account") { Description = description, Required = required };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var name }] && name.Split(':') is not [{ Length: > 0 }, { Length: > 0 }])
                result.AddError($"--account is {name}; write it as rail:number, such as wechat:1900000109.");
        });
        return option;
    }

    /// <summary>A word that is kept with what is done: who did it, and why.</summary>
    public static Option<string> Kept(string name, string description)
    {
        var option = new Option<string>(name) { Description = description, Required = true };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && string.IsNullOrWhiteSpace(text))
                result.AddError($"{name} is empty; it is kept with what is done.");
        });
        return option;
    }

    /// <summary>A membership's id.</summary>
    public static Argument<string> Membership()
    {
        var id = new Argument<string>("membership") { Description = "The membership's id." };
        id.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !Guid.TryParse(text, out _))
                result.AddError($"{text} is no membership's id: 32 hexadecimal digits, with or without dashes.");
        });
        return id;
    }

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
