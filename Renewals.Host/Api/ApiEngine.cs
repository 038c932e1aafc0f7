using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Renewals.Core.Engine;

namespace Renewals.Host.Api;

/// <summary>The engine behind the service's door: it comes after the door is open, and goes before it is closed.</summary>
internal sealed class ApiEngine
{
    private volatile IServiceProvider? services;

    /// <summary>True while there is one.</summary>
    [MemberNotNullWhen(true, nameof(services))]
    public bool IsOpen => services is not null;

    /// <summary>The memberships.</summary>
    public Memberships Memberships => Get<Memberships>();

    /// <summary>The memberships, as the caller has seen them: with <c>If-Match</c> nothing is done to one that has moved on.</summary>
    public Memberships At(HttpContext context) => context.Request.Headers.IfMatch.ToString() switch
    {
        "" or "*" => Memberships,
        ['"', .. var version, '"'] when long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var seen) => Memberships.At(seen),
        _ => throw new BadHttpRequestException("If-Match is no ETag of a membership: send the one that came with it, such as \"12\"."),
    };

    /// <summary>Lets callers in.</summary>
    public void Open(IServiceProvider engine) => services = engine;

    /// <summary>One of its parts that it may be without.</summary>
    public T? Find<T>()
        where T : class => services?.GetService<T>();

    /// <summary>One of its parts.</summary>
    public T Get<T>()
        where T : notnull => (services ?? throw new InvalidOperationException("The engine is not there yet.")).GetRequiredService<T>();
}
