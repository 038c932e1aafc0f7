using System.Net;
using System.Net.Sockets;
using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Gateways.Examination;

/// <summary>Findings that every rail words alike.</summary>
internal static class Findings
{
    /// <summary>Rails refuse requests minutes off; callbacks and days are judged by the clock too.</summary>
    private static readonly Duration ClockMayDiffer = Duration.FromSeconds(5);

    private static readonly Duration RenewWithin = Duration.FromDays(30);

    /// <summary>A certificate's time.</summary>
    /// <param name="name">Which certificate, for people.</param>
    /// <param name="from">In force from.</param>
    /// <param name="until">In force until.</param>
    /// <param name="now">Judged at.</param>
    /// <param name="renewal">How it is renewed.</param>
    public static RailFinding Certificate(string name, Instant from, Instant until, Instant now, string renewal)
    {
        var left = (until - now).TotalDays;
        return now < from || now >= until ? new(RailCheck.Certificates, FindingVerdict.No, $"{name} is not in force now ({from} to {until})", renewal)
            : until - now < RenewWithin ? new(RailCheck.Certificates, FindingVerdict.Soon, $"{name} ends in {left:F0} days ({until})", renewal)
            : new(RailCheck.Certificates, FindingVerdict.Yes, $"{name} is in force for {left:F0} more days");
    }

    /// <summary>Our clock against the <c>Date</c> of the rail's answer, which has whole seconds.</summary>
    public static RailFinding Clock(DateTimeOffset? railsDate, Instant now)
    {
        if (railsDate is not { } date)
            return new(RailCheck.Clock, FindingVerdict.Unknown, "the rail's answer has no date");
        var apart = now - Instant.FromDateTimeOffset(date);
        return apart > ClockMayDiffer || -apart > ClockMayDiffer
            ? new(RailCheck.Clock, FindingVerdict.No, $"our clock is {apart.TotalSeconds:F0} s off the rail's", "Synchronise this machine's clock (NTP, chrony).")
            : new(RailCheck.Clock, FindingVerdict.Yes, "our clock and the rail's agree within 5 s");
    }

    /// <summary>The endpoint did not answer as a rail does.</summary>
    public static RailFinding NoAnswer(string why) => new(
        RailCheck.Endpoint, FindingVerdict.No, why,
        "Check the base address, the way out of this network (proxy, firewall), and that the rail knows this server's address where it keeps a list.");

    /// <summary>Whether the rail can reach an address of ours.</summary>
    public static RailFinding Callback(Uri? address)
    {
        const string Next = "Give a public https address without a query that leads to this service (/callbacks/{account}).";
        return address switch
        {
            null => new(RailCheck.CallbackAddress, FindingVerdict.No, "there is none", Next),
            { Query.Length: > 0 } => new(RailCheck.CallbackAddress, FindingVerdict.No, $"{address} has a query, which rails drop or sign", Next),
            _ when IsPrivate(address) => new(RailCheck.CallbackAddress, FindingVerdict.No, $"{address.Host} cannot be reached from outside", Next),
            { Scheme: not "https" } => new(RailCheck.CallbackAddress, FindingVerdict.No, $"{address} is not https", Next),
            _ => new(RailCheck.CallbackAddress, FindingVerdict.Yes, $"{address} is well-formed and public"),
        };
    }

    private static bool IsPrivate(Uri address) => address.IsLoopback || !address.Host.Contains('.', StringComparison.Ordinal)
        || (IPAddress.TryParse(address.Host, out var ip) && ip.AddressFamily == AddressFamily.InterNetwork && ip.GetAddressBytes() is var b
            && (b[0] is 10 or 127 || (b[0] == 172 && b[1] is >= 16 and <= 31) || (b[0] == 192 && b[1] == 168) || (b[0] == 169 && b[1] == 254)));
}
