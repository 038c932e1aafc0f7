using System.Buffers;

namespace Renewals.Gateways.WeChatPay;

/// <summary>An HTTP answer read to its end, within a limit.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Signed">The headers of an API v3 signature; null when one is missing.</param>
/// <param name="Body">The raw bytes.</param>
internal sealed record HttpAnswer(int Status, WeChatPaySignedHeaders? Signed, ReadOnlyMemory<byte> Body)
{
    /// <summary>The rail's clock as its answer says it.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>Reads an answer.</summary>
    /// <exception cref="IOException">The body is longer than the limit, or broke off.</exception>
    public static async Task<HttpAnswer> ReadAsync(HttpResponseMessage response, int limit, CancellationToken cancellation)
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

        var signed = WeChatPaySignedHeaders.TryRead(
            name => response.Headers.TryGetValues(name, out var values) && values.ToList() is [var only] ? only : null);
        return new((int)response.StatusCode, signed, body.ToArray()) { Date = response.Headers.Date };
    }
}
