using System.ComponentModel.DataAnnotations;

namespace Renewals.Host.Webhooks;

/// <summary>Where events of memberships are sent, as it was written; <see cref="WebhookEndpoints"/> reads and checks it.</summary>
internal sealed class WebhookSettings
{
    /// <summary>Endpoints by name; the name is a part of addresses and of the cursor, so another name begins anew. Default none.</summary>
    public Dictionary<string, WebhookEndpointSettings> Endpoints { get; } = [];

    /// <summary>How long an answer may take. Default 15 s, 1 s to 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:30")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How many memberships' events are on their way to an endpoint at once. Default 8, 1 to 64.</summary>
    [Range(1, 64)]
    public int Concurrency { get; set; } = 8;

    /// <summary>How many events may wait for an endpoint; at that many no new ones are read for it until some got there or were given up. Default 100,000, 100 to 10,000,000.</summary>
    [Range(100, 10_000_000)]
    public int MaxWaiting { get; set; } = 100_000;

    /// <summary>How long an event that was given up can be sent again one by one. Default 30 days, 1 to 365 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "365.00:00:00")]
    public TimeSpan KeepDeadFor { get; set; } = TimeSpan.FromDays(30);
}

/// <summary>One endpoint, as it was written.</summary>
internal sealed class WebhookEndpointSettings
{
    /// <summary>Where events are posted. HTTPS. Required.</summary>
    public string Url { get; set; } = "";

    /// <summary>What signs them, <c>whsec_</c> and base64 of 24 to 64 random bytes; two or three while one takes the place of another. At least one.</summary>
    public IList<string> Secrets { get; } = [];

    /// <summary>The stored names of the events that are sent, such as <c>charged</c>. Default: all.</summary>
    public IList<string> Events { get; } = [];

    /// <summary>False: nothing is sent; once it is true again, what happened meanwhile is sent. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>True: the address may lie in a private network, and only there may it be plain HTTP. Default false.</summary>
    public bool AllowPrivateNetworks { get; set; }
}
