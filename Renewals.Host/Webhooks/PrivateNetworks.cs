using System.Net;
using System.Net.Sockets;

namespace Renewals.Host.Webhooks;

/// <summary>Addresses that are not the internet's: this machine, its neighbours, private and reserved networks.</summary>
/// <remarks>
/// Whoever may name an address to send to must not reach what only this machine reaches, a cloud's metadata service for one. The name is looked up once for
/// each connection, and the connection goes to the address that was looked at: a name that changes between the look and the connection gains nothing.
/// </remarks>
internal static class PrivateNetworks
{
    private static readonly IPNetwork[] Networks =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(network => IPNetwork.Parse(network)),
    ];

    // All of the internet's addresses of version 6 begin so; within, those that stand for others, for examples or for benchmarks are none.
    private static readonly IPNetwork Internet6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] Reserved6 = [IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("2002::/16"), IPNetwork.Parse("3fff::/20")];

    /// <summary>Whether an address lies in one.</summary>
    public static bool Contain(IPAddress address) => address switch
    {
        { IsIPv4MappedToIPv6: true } => Contain(address.MapToIPv4()),
        { AddressFamily: AddressFamily.InterNetwork } => Networks.Any(network => network.Contains(address)),
        _ => !Internet6.Contains(address) || Reserved6.Any(network => network.Contains(address)),
    };

    /// <summary>Connects to what a name stands for, if it may be reached.</summary>
    /// <param name="host">The name.</param>
    /// <param name="port">The port.</param>
    /// <param name="mayReach">Which addresses may be reached.</param>
    /// <param name="resolve">Looks the name up.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="PrivateNetworkException">None of its addresses may.</exception>
    public static async ValueTask<Stream> ConnectAsync(
        string host, int port, Func<IPAddress, bool> mayReach, Func<string, CancellationToken, Task<IPAddress[]>> resolve, CancellationToken cancellation)
    {
        var addresses = (await resolve(host, cancellation)).Where(mayReach).ToArray();
        if (addresses.Length == 0)
            throw new PrivateNetworkException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The name stands for no address that may be reached.</summary>
internal sealed class PrivateNetworkException() : IOException("The name stands for no address that may be reached.");
