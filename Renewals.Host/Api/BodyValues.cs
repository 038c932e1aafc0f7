using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using NodaTime;

namespace Renewals.Host.Api;

/// <summary>What every value of every body is held to, whatever its own checks say: texts that can be stored and printed, moments and days of this century.</summary>
/// <remarks>One place for all, so that a field that is added to a body tomorrow is held to it too. What the caller wrote is never repeated.</remarks>
internal static class BodyValues
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<PropertyInfo>> Fields = new();

    /// <summary>What is wrong with a body, in a sentence; null: nothing.</summary>
    public static string? FaultOf(object body) => FaultOf(body, "");

    private static string? FaultOf(object body, string within)
    {
        foreach (var field in Fields.GetOrAdd(body.GetType(), FieldsOf))
        {
            var name = within + JsonNamingPolicy.CamelCase.ConvertName(field.Name);
            var fault = field.GetValue(body) switch
            {
                null => null,
                string text => Check.Text(name, text, Check.MostOfReason),
                LocalDate day => Check.Day(name, day),
                Instant moment => Check.Moment(name, moment),
                IDictionary words => words.Keys.OfType<string>().Select(key => Check.Text($"a name in {name}", key, Check.MostOfName)).FirstOrDefault(wrong => wrong is not null),
                var more => FaultOf(more, $"{name}."),
            };
            if (fault is not null)
                return fault;
        }

        return null;
    }

    // Amounts have a check of their own, and words of a fixed list can be nothing else.
    private static IReadOnlyList<PropertyInfo> FieldsOf(Type type) =>
    [
        .. type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(field => field.GetIndexParameters().Length == 0).Where(field =>
            (Nullable.GetUnderlyingType(field.PropertyType) ?? field.PropertyType) is var held
            && (held == typeof(string) || held == typeof(LocalDate) || held == typeof(Instant) || held == typeof(IReadOnlyDictionary<string, int>)
                || (held.IsClass && held.Assembly.GetName().Name!.StartsWith("Renewals.", StringComparison.Ordinal)))),
    ];
}
