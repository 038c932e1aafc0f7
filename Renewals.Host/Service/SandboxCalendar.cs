using System.Globalization;
using System.Text.Json.Nodes;
using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Ledger;
using Renewals.Host.Sandbox;

namespace Renewals.Host.Service;

/// <summary>The calendar of a service with the sandbox: it goes with this machine's, and can be moved forward. Waits are still measured in real time.</summary>
internal sealed class SandboxClock : TimeProvider
{
    private long ahead;

    public Instant Now => Instant.FromDateTimeOffset(GetUtcNow());

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref ahead));

    /// <summary>Moves it forward to a moment; one that is past changes nothing.</summary>
    public void MoveTo(Instant moment)
    {
        if (moment - Now is { } by && by > Duration.Zero)
            Interlocked.Add(ref ahead, (long)by.TotalTicks);
    }
}

/// <summary>Lets days pass for engine and sandbox together: from one thing that is due to the next, each of which is waited for, so that none is passed over.</summary>
internal sealed class SandboxCalendar(SandboxClock clock) : IDisposable
{
    private const int MostDays = 400;

    // What is under way stands in the book as claimed for longer than any call takes; nothing else is due so soon, or it costs this little patience.
    private static readonly Duration Soon = Duration.FromMinutes(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim one = new(1);
    private Func<Instant?>? railDue;
    private IServiceProvider? engine;

    /// <summary>Adds <c>/_control/clock</c>: GET says the moment, POST with <c>days</c> lets so many pass.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/_control/clock", context => ReplyAsync(context, StatusCodes.Status200OK, "now", $"{clock.Now}"));
        routes.MapPost("/_control/clock", MoveAsync);
    }

    /// <summary>From now on there is something to wait for.</summary>
    /// <param name="services">The engine.</param>
    /// <param name="nextAtRails">When a rail next has something to do.</param>
    public void Open(IServiceProvider services, Func<Instant?> nextAtRails) => (railDue, engine) = (nextAtRails, services);

    public void Dispose() => one.Dispose();

    private async Task MoveAsync(HttpContext context)
    {
        var form = await SandboxForm.ReadAsync(context.Request);
        if (!int.TryParse(form["days"], NumberStyles.None, CultureInfo.InvariantCulture, out var days) || days is < 1 or > MostDays)
            await ReplyAsync(context, StatusCodes.Status400BadRequest, "problem", $"give days, 1 to {MostDays}");
        else if (engine is null)
            await ReplyAsync(context, StatusCodes.Status400BadRequest, "problem", "the calendar moves only where the data is thrown away at the end: leave --data out");
        else
        {
            await PassAsync(Duration.FromDays(days), context.RequestAborted);
            await ReplyAsync(context, StatusCodes.Status200OK, "now", $"{clock.Now}");
        }
    }

    private async Task PassAsync(Duration time, CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            var until = clock.Now + time;
            while (await SettledAsync(cancellation) is var next && clock.Now < until)
                clock.MoveTo(Instant.Min(until, Instant.Max(next, clock.Now + Duration.FromMinutes(1))));
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Waits until nothing is under way, and says when something is due next. What does not come to rest is not waited for any longer.</summary>
    private async Task<Instant> SettledAsync(CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            var now = clock.Now;
            var accounts = await engine!.GetRequiredService<LedgerDatabase>().Lists.CountAsync(now, cancellation);
            var next = Earliest([.. accounts.Select(account => account.NextAlarm), railDue!()]);
            if (next > now + Soon || clock.GetElapsedTime(began) > Patience)
                return next;
            await Task.Delay(Look, cancellation);
        }
    }

    private static Instant Earliest(IReadOnlyList<Instant?> moments) => moments.Min() ?? Instant.MaxValue;

    private static Task ReplyAsync(HttpContext context, int status, string name, string value)
    {
        (context.Response.StatusCode, context.Response.ContentType) = (status, "application/json; charset=utf-8");
        return context.Response.WriteAsync(new JsonObject { [name] = value }.ToJsonString());
    }
}
