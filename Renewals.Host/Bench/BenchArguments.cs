namespace Renewals.Host.Bench;

/// <summary>The words behind <c>bench</c>.</summary>
internal static class BenchArguments
{
    /// <summary>Reads them; a number that cannot be read becomes one that is out of range.</summary>
    public static BenchOptions Read(string[] arguments)
    {
        int Number(string name, int otherwise)
        {
            var at = Array.IndexOf(arguments, name);
            return at < 0 ? otherwise : at + 1 < arguments.Length && int.TryParse(arguments[at + 1], out var value) ? value : -1;
        }

        var defaults = new BenchOptions();
        return new()
        {
            Subscriptions = Number("--subscriptions", defaults.Subscriptions),
            Rounds = Number("--rounds", defaults.Rounds),
            Batch = Number("--batch", defaults.Batch),
            Sweeps = Number("--sweeps", defaults.Sweeps),
            Json = arguments.Contains("--json"),
        };
    }
}
