using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Features;
using Renewals.Host.Dashboard;

namespace Renewals.Host.Api;

/// <summary>How much one caller may ask of the API: calls in a second, and bytes in a call.</summary>
internal static class ApiLimits
{
    /// <summary>Adds the limiter. It knows a caller by its right, and who has none by the address. A sign-in at the identity provider makes us ask there, so it is counted too.</summary>
    public static void AddTo(IServiceCollection services, ApiSettings settings) => services.AddRateLimiter(limiter =>
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => ApiEndpoints.IsGuarded(context) || context.Request.Path.StartsWithSegments(OpenIdPages.Address)
            ? RateLimitPartition.GetTokenBucketLimiter(OwnerOf(context), _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = settings.Burst, TokensPerPeriod = settings.CallsPerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0,
            })
            : RateLimitPartition.GetNoLimiter(""));
        limiter.OnRejected = (rejected, _) =>
        {
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : 1;
            rejected.HttpContext.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
            return new(ApiEndpoints.Problem(429, $"These are more calls than Renewals:Api:CallsPerSecond ({settings.CallsPerSecond}) and Burst ({settings.Burst}) allow: wait and ask again.")
                .ExecuteAsync(rejected.HttpContext));
        };
    });

    /// <summary>Bounds the body of a call.</summary>
    public static void Bound(HttpContext context, ApiSettings settings)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = settings.MaxBodyBytes;
    }

    private static string OwnerOf(HttpContext context) =>
        context.Features.Get<ApiCaller>() is { } caller ? $"caller {caller.Name}" : $"address {context.Connection.RemoteIpAddress}";
}
