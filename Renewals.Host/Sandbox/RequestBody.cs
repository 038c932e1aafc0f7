namespace Renewals.Host.Sandbox;

/// <summary>Reads a request's raw bytes: what is verified is what was sent.</summary>
internal static class RequestBody
{
    public static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        using var buffer = new MemoryStream(request.ContentLength is > 0 and < 65536 ? (int)request.ContentLength : 1024);
        await request.Body.CopyToAsync(buffer, request.HttpContext.RequestAborted);
        return buffer.ToArray();
    }
}
