using Renewals.Core.Engine;
using Renewals.Core.Gateways;

namespace Renewals.Host.Callbacks;

/// <summary>Where rails call back: <c>POST /callbacks/{account}</c>, such as <c>/callbacks/wechat:1900000109</c>.</summary>
internal static class CallbackEndpoint
{
    /// <summary>The path of an account's callbacks.</summary>
    public static string PathOf(MerchantAccount account) => $"/callbacks/{account}";

    /// <summary>Adds the route.</summary>
    /// <param name="routes">Where to.</param>
    /// <param name="desk">Who takes callbacks; asked for with each one.</param>
    /// <param name="accounts">The accounts served here.</param>
    /// <param name="maxBytes">Larger bodies are not read.</param>
    public static void MapCallbacks(this IEndpointRouteBuilder routes, Func<CallbackDesk> desk, Func<RegisteredGateways> accounts, int maxBytes) =>
        routes.MapPost("/callbacks/{account}", context => ReceiveAsync(context, desk(), accounts(), maxBytes));

    private static async Task ReceiveAsync(HttpContext context, CallbackDesk desk, RegisteredGateways gateways, int maxBytes)
    {
        var account = gateways.Accounts.FirstOrDefault(known => known.ToString() == (string?)context.Request.RouteValues["account"]);
        if (account == default)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (await ReadAsync(context.Request, maxBytes, context.RequestAborted) is not { } body)
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var reply = await desk.ReceiveAsync(account, new(headers, body), context.RequestAborted);
        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.ContentType;
        await context.Response.WriteAsync(reply.Body, context.RequestAborted);
    }

    private static async Task<byte[]?> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        var buffer = new byte[8_192];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellation)) > 0)
        {
            if (body.Length + read > maxBytes)
                return null;
            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }
}
