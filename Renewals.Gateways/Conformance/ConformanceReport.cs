using System.Globalization;
using System.Text;
using Renewals.Core.Gateways;

namespace Renewals.Gateways.Conformance;

/// <summary>What a run of the suite found.</summary>
/// <param name="Account">The merchant account the adapter served.</param>
/// <param name="Verdicts">One for each check, in the order they ran.</param>
public sealed record ConformanceReport(MerchantAccount Account, IReadOnlyList<CheckVerdict> Verdicts)
{
    /// <summary>True when no check failed.</summary>
    public bool Conforms => Failed.Count == 0;

    /// <summary>The checks that failed.</summary>
    public IReadOnlyList<CheckVerdict> Failed => [.. Verdicts.Where(verdict => verdict.Result is CheckResult.Failed)];

    /// <summary>The report for people: a line for the whole, then one for each check.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Account}: {Count<CheckResult.Passed>()} passed, {Failed.Count} failed, ")
            .Append(CultureInfo.InvariantCulture, $"{Count<CheckResult.NotApplicable>()} not applicable\n");
        foreach (var verdict in Verdicts)
            text.Append(CultureInfo.InvariantCulture, $"{Word(verdict.Result),-15} {verdict.Name,-28} {Tail(verdict)}\n");
        return text.ToString();
    }

    private static string Word(CheckResult result) => result switch
    {
        CheckResult.Passed => "passed",
        CheckResult.Failed => "FAILED",
        CheckResult.NotApplicable => "not applicable",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Tail(CheckVerdict verdict) => verdict.Result switch
    {
        CheckResult.Passed => verdict.Promise,
        CheckResult.Failed failed => $"{verdict.Promise} But: {failed.Why}",
        CheckResult.NotApplicable none => none.Why,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private int Count<T>() => Verdicts.Count(verdict => verdict.Result is T);
}

/// <summary>What one check found.</summary>
/// <param name="Name">The check's name.</param>
/// <param name="Promise">What it is about.</param>
/// <param name="Result">What came of it.</param>
public sealed record CheckVerdict(string Name, string Promise, CheckResult Result);
