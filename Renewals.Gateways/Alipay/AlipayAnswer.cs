using System.Buffers;

namespace Renewals.Gateways.Alipay;

/// <summary>An HTTP answer read to its end, within a limit.</summary>
internal static class AlipayAnswer
{
    /// <summary>Reads an answer's body.</summary>
    /// <exception cref="IOException">The body is longer than the limit, or broke off.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage response, int limit, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer, cancellation)) > 0;)
            {
                if (body.Length + read > limit)
                    throw new IOException($"the answer has more than {limit} bytes");
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
