using System.Buffers;

namespace Renewals.Gateways.Resilience;

/// <summary>Reads an HTTP answer to its end, within a limit.</summary>
internal static class BoundedReading
{
    /// <summary>Reads an answer's body.</summary>
    /// <exception cref="IOException">The body is longer than the limit, or broke off.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(this HttpResponseMessage response, int limit, CancellationToken cancellation)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        using var body = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer, cancellation)) > 0;)
            {
                if (body.Length + read > limit)
                    throw new IOException($"there are more than {limit} bytes");
                body.Write(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
