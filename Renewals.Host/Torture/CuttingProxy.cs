using System.Net;
using System.Net.Sockets;

namespace Renewals.Host.Torture;

/// <summary>Where a connection to the database is cut.</summary>
internal enum Cut
{
    /// <summary>The commit never reaches the server.</summary>
    BeforeCommit = 1,

    /// <summary>The commit is sent and the connection is gone at once: the server may or may not carry it out.</summary>
    InsideCommit,

    /// <summary>The server has answered; the answer is lost.</summary>
    AfterCommit,
}

/// <summary>A wire between hosts and database that can be cut around a commit. Understands no more of the protocol than the word.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<EndPoint> server;
    private readonly CancellationTokenSource ending = new();
    private readonly int[] cuts = new int[4];
    private readonly Task accepting;
    private int armed;

    /// <param name="server">Where the database is now.</param>
    public CuttingProxy(Func<EndPoint> server)
    {
        this.server = server;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>How often it cut, by place.</summary>
    public IReadOnlyDictionary<Cut, int> Cuts => Enum.GetValues<Cut>().ToDictionary(cut => cut, cut => Volatile.Read(ref cuts[(int)cut]));

    /// <summary>The next commit is cut so.</summary>
    public void Arm(Cut cut) => Volatile.Write(ref armed, (int)cut);

    /// <summary>No commit is cut until it is armed again.</summary>
    public void Disarm() => Volatile.Write(ref armed, 0);

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        listener.Stop();
        await accepting;
        ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await listener.AcceptSocketAsync(ending.Token));
        }
        catch (OperationCanceledException)
        {
            // The proxy is being disposed.
        }
    }

    private async Task CarryAsync(Socket client)
    {
        using var near = client;
        using var far = await ConnectAsync();
        if (far is null)
            return;
        var line = new Line(near, far);
        try
        {
            await Task.WhenAny(ToServerAsync(line), ToClientAsync(line));
        }
        finally
        {
            // A client that is gone must not leave its locks with the server, and one that was cut must learn of it at once.
            near.Close(0);
            far.Close(0);
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        var place = server();
        var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(place, ending.Token);
            return socket;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The server is down: the client is hung up on, as it would be by the server itself.
            socket.Dispose();
            return null;
        }
    }

    private async Task ToServerAsync(Line line)
    {
        var buffer = new byte[64 * 1024];
        while (await ReadAsync(line.Near, buffer) is > 0 and var length)
        {
            var cut = (Cut)(buffer.AsSpan(0, length).IndexOf("COMMIT"u8) >= 0 ? Interlocked.Exchange(ref armed, 0) : 0);
            if (cut != 0)
                Interlocked.Increment(ref cuts[(int)cut]);
            if (cut == Cut.BeforeCommit)
                return;
            line.LosesReply = cut == Cut.AfterCommit;
            if (!await WriteAsync(line.Far, buffer.AsMemory(0, length)) || cut == Cut.InsideCommit)
                return;
        }
    }

    private async Task ToClientAsync(Line line)
    {
        var buffer = new byte[64 * 1024];
        while (await ReadAsync(line.Far, buffer) is > 0 and var length)
        {
            if (line.LosesReply || !await WriteAsync(line.Near, buffer.AsMemory(0, length)))
                return;
        }
    }

    private async Task<int> ReadAsync(Socket socket, byte[] buffer)
    {
        try
        {
            return await socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, ending.Token);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return 0;
        }
    }

    private async Task<bool> WriteAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
                bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, ending.Token)..];
            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return false;
        }
    }

    private sealed class Line(Socket near, Socket far)
    {
        public Socket Near { get; } = near;

        public Socket Far { get; } = far;

        public volatile bool LosesReply;
    }
}
