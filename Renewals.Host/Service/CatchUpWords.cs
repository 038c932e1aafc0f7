using System.Text.Json;
using Renewals.Core.Plans;

namespace Renewals.Host.Service;

/// <summary>Policies for missed periods as they are written in settings and on the command line.</summary>
internal static class CatchUpWords
{
    /// <summary>All of them, for a sentence.</summary>
    public static string All { get; } = string.Join(", ", Enum.GetValues<CatchUpPolicy>().Select(Of));

    /// <summary>The word of a policy.</summary>
    public static string Of(CatchUpPolicy policy) => JsonNamingPolicy.KebabCaseLower.ConvertName(policy.ToString());

    /// <summary>Reads a word.</summary>
    public static bool TryRead(string word, out CatchUpPolicy policy)
    {
        foreach (var each in Enum.GetValues<CatchUpPolicy>())
        {
            policy = each;
            if (string.Equals(Of(each), word.Trim(), StringComparison.OrdinalIgnoreCase))
                return true;
        }

        policy = default;
        return false;
    }
}
