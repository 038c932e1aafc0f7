using Renewals.Core.Calendar;

namespace Renewals.Gateways.Conformance;

/// <summary>One promise of <see cref="Core.Gateways.IPaymentGateway"/>, as something that can be run.</summary>
/// <remarks>It passes only when what it guards against has really happened on the stage.</remarks>
public sealed class ConformanceCheck
{
    private readonly Func<Trial, Task> play;
    private readonly Func<RailTraits, string?> exemption;

    internal ConformanceCheck(string name, string promise, Func<Trial, Task> play, Func<RailTraits, string?>? exemption = null) =>
        (Name, Promise, this.play, this.exemption) = (name, promise, play, exemption ?? (_ => null));

    /// <summary>Short and lasting, such as <c>lost-answer</c>.</summary>
    public string Name { get; }

    /// <summary>What the adapter promises, in a sentence.</summary>
    public string Promise { get; }

    /// <summary>Runs the check on a fresh stage.</summary>
    /// <param name="stage">The stage; the caller disposes of it.</param>
    /// <param name="cancellation">Gives up; the one exception that leaves.</param>
    /// <returns>A stage that fails makes the check fail, with what it threw: nothing passes by not having been tried.</returns>
    public async Task<CheckResult> RunAsync(IConformanceStage stage, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(stage);
        try
        {
            var trial = await Trial.OpenAsync(stage, Name, cancellation);
            if (exemption(trial.Traits) is { } why)
                return new CheckResult.NotApplicable(why);
            await play(trial);
            return new CheckResult.Passed();
        }
        catch (BrokenPromiseException broken)
        {
            return new CheckResult.Failed(broken.Message);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            return new CheckResult.Failed($"the stage failed: {fault.GetType().Name}: {fault.Message}");
        }
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>What came of a check.</summary>
public abstract record CheckResult
{
    private CheckResult()
    {
    }

    /// <summary>The promise was put to the test and kept.</summary>
    public sealed record Passed : CheckResult;

    /// <summary>The promise was broken, or could not be put to the test.</summary>
    /// <param name="Why">What happened, in words, and what should have.</param>
    public sealed record Failed(string Why) : CheckResult;

    /// <summary>The rail has nothing the promise is about.</summary>
    /// <param name="Why">The declared trait this follows from.</param>
    public sealed record NotApplicable(string Why) : CheckResult;
}

/// <summary>A check found a promise broken. It never leaves <see cref="ConformanceCheck.RunAsync"/>.</summary>
internal sealed class BrokenPromiseException(string why) : Exception(why);
