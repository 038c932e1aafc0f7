namespace Renewals.Core.Gateways;

/// <summary>An adapter that can say whether it could work as it is set up, without moving money or signing anybody.</summary>
public interface IExaminedGateway
{
    /// <summary>Looks at keys, certificates, clock, endpoint, product and callback address, in this order.</summary>
    /// <remarks>Calls the rail a few times. Like all calls of an adapter it does not throw for what a rail or a network does.</remarks>
    Task<IReadOnlyList<RailFinding>> ExamineAsync(CancellationToken cancellation);
}

/// <summary>What is looked at.</summary>
public enum RailCheck
{
    /// <summary>The keys we sign with can be read.</summary>
    Keys = 0,

    /// <summary>Certificates are in force, and for how long.</summary>
    Certificates = 1,

    /// <summary>Our clock and the rail's agree.</summary>
    Clock = 2,

    /// <summary>The rail answers, and believes our signature.</summary>
    Endpoint = 3,

    /// <summary>The recurring product was opened for this merchant.</summary>
    Product = 4,

    /// <summary>The address the rail calls back is one it can reach.</summary>
    CallbackAddress = 5,
}

/// <summary>What was found.</summary>
public enum FindingVerdict
{
    /// <summary>It is as it must be.</summary>
    Yes = 0,

    /// <summary>It works now and will not for long.</summary>
    Soon = 1,

    /// <summary>It is not as it must be.</summary>
    No = 2,

    /// <summary>It could not be found out.</summary>
    Unknown = 3,
}

/// <summary>One finding.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Verdict">What was found.</param>
/// <param name="Detail">In words; never a key.</param>
/// <param name="NextStep">What a team does next: whom to ask, what the rail wants to see; null where nothing is to be done.</param>
public sealed record RailFinding(RailCheck Check, FindingVerdict Verdict, string Detail, string? NextStep = null);
