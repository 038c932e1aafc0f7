using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Renewals.Core.Engine;
using Renewals.Host.Api;
using Renewals.Host.Callbacks;
using Renewals.Host.Dashboard;

namespace Renewals.Host.Service;

/// <summary>Where the service listens: callbacks of rails, the HTTP API with its document, the dashboard, health and metrics.</summary>
/// <remarks>
/// It is the first to start, as a taken port must leave no trace, and ends after the engine, as the rail still calls back about what was just
/// charged. While there is no engine, callbacks and calls are answered with 503: rails deliver them again.
/// </remarks>
internal sealed class FrontDoor : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly WebApplication app;
    private readonly ApiEngine engine;
    private readonly ApiSettings settings;

    private FrontDoor(WebApplication app, int maxBytes, ApiAccess access)
    {
        (this.app, engine, settings) = (app, app.Services.GetRequiredService<ApiEngine>(), access.Settings);
        app.Use(GuardAsync);
        app.UseRouting();
        app.UseApiAccess(access);
        app.UseKeyedCalls(engine, access.Settings);
        app.UseApiPage();
        app.UseDashboardAccess();
        app.UseAddressTexts();
        HealthChecks.Map(app);
        DoorTelemetry.Map(app);
        app.MapCallbacks(engine.Get<CallbackDesk>, engine.Get<RegisteredGateways>, maxBytes);
        app.MapApi();
        app.MapOpenApi();
        app.MapDashboard();
    }

    /// <summary>An address of it that this machine can reach.</summary>
    public Uri Address => new(app.Urls.First()
        .Replace("[::]", "127.0.0.1", StringComparison.Ordinal).Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));

    /// <summary>All that can be called.</summary>
    public IEnumerable<RouteEndpoint> Routes => ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    /// <summary>Starts listening.</summary>
    /// <param name="urls">Where.</param>
    /// <param name="maxBytes">The largest body that is read.</param>
    /// <param name="access">Who may use the API.</param>
    /// <param name="logging">How to log.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="dashboard">The dashboard; null: as it is by default.</param>
    /// <param name="telemetry">Where traces and metrics are sent; null: nowhere.</param>
    /// <exception cref="CannotRunException">An address is taken, or is not this machine's.</exception>
    public static async Task<FrontDoor> StartAsync(
        IReadOnlyList<string> urls, int maxBytes, ApiAccess access, Action<ILoggingBuilder> logging, CancellationToken cancellation, DashboardSettings? dashboard = null,
        TelemetryTarget? telemetry = null)
    {
        var door = new FrontDoor(Build(urls, maxBytes, access, logging, dashboard ?? new(), telemetry ?? TelemetryTarget.None), maxBytes, access);
        try
        {
            await door.app.StartAsync(cancellation);
            return door;
        }
        catch (Exception e) when (e is IOException or SocketException or AddressInUseException)
        {
            await door.app.DisposeAsync();
            throw new CannotRunException(
                $"The service cannot listen at {string.Join(';', urls)}: {e.Message.TrimEnd('.')}. " +
                "Choose another address (--urls), or stop what listens there.", e);
        }
    }

    /// <summary>Lets callbacks and calls in.</summary>
    public void Open(IServiceProvider services) => engine.Open(services);

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await app.StopAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // A client holds a connection open; it is cut.
        }

        await app.DisposeAsync();
    }

    private static WebApplication Build(
        IReadOnlyList<string> urls, int maxBytes, ApiAccess access, Action<ILoggingBuilder> logging, DashboardSettings dashboard, TelemetryTarget telemetry)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore().AddSingleton<ApiEngine>().ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions))
            .Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        builder.Services.AddSingleton(access.Settings).AddSingleton(TimeProvider.System).AddHostedService<AnswerEraser>();
        ApiLimits.AddTo(builder.Services, access.Settings);
        access.Tokens?.AddTo(builder.Services);
        ApiDocument.AddTo(builder.Services);
        HealthChecks.AddTo(builder.Services);
        DoorTelemetry.AddTo(builder, telemetry);
        builder.Services.AddSingleton<IHostLifetime, GuestLifetime>();
        builder.Services.AddDashboard(dashboard, access);
        logging(builder.Logging);

        // The one thing that can fail at its start is said by us, in one sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);

        // Keys of sign-ins that end with the process need no encryption at rest, and a folder that was named is guarded like the settings.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);

        // A form of a stranger's is answered; as a line of ours it would let anybody fill the log.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.None);

        // So may anybody bring an address that is no answer of the identity provider; what matters is said by us.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Authentication.OpenIdConnect", LogLevel.None);

        // The framework's request lines hold whole addresses, and who calls may write anything into one. No setting brings them back.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Math.Max(maxBytes, access.Settings.MaxBodyBytes) + 1;
            kestrel.Limits.MaxConcurrentConnections = 1_000;
            kestrel.ConfigureEndpointDefaults(listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        foreach (var url in urls)
            app.Urls.Add(url);
        return app;
    }

    private async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        if (!engine.IsOpen && !context.Request.Path.StartsWithSegments("/health"))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await SayAsync(context);
            return;
        }

        try
        {
            await next(context);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            // The sender's fault, too large a body for one. As an error of ours it would let anybody fill the log.
            if (context.Request.Path.StartsWithSegments(ApiEndpoints.Root))
                await BadRequests.Of(e, settings).ExecuteAsync(context);
            else
                context.Response.StatusCode = e.StatusCode;
        }

        await SayAsync(context);
    }

    // What routing and the server answer by themselves has a status and no words.
    private async Task SayAsync(HttpContext context)
    {
        if (!context.Response.HasStarted && context.Response.ContentType is null && context.Request.Path.StartsWithSegments(ApiEndpoints.Area)
            && BadRequests.OfStatus(context.Response.StatusCode, settings) is { } words)
            await words.ExecuteAsync(context);
    }
}

/// <summary>The lifetime of a host inside a command: the signals belong to the command, which stops its parts in their order.</summary>
internal sealed class GuestLifetime : IHostLifetime
{
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
