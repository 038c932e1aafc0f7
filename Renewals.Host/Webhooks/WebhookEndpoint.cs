using System.Net;
using Renewals.Core.Ledger;
using Renewals.Host.Service;

namespace Renewals.Host.Webhooks;

/// <summary>Where events of memberships are sent, after every check.</summary>
/// <param name="Name">Short name.</param>
/// <param name="Url">Where to.</param>
/// <param name="Secrets">What signs; at least one.</param>
/// <param name="Events">The names of the events that are sent; empty: all.</param>
/// <param name="Enabled">Whether anything is sent.</param>
/// <param name="AllowPrivateNetworks">Whether the address may lie in a private network.</param>
internal sealed record WebhookEndpoint(
    string Name, Uri Url, IReadOnlyList<WebhookSecret> Secrets, IReadOnlySet<string> Events, bool Enabled, bool AllowPrivateNetworks)
{
    /// <summary>Whether an event is sent there.</summary>
    public bool Wants(FeedEvent e) => Events.Count == 0 || Events.Contains(e.Name);
}

/// <summary>All endpoints, with the bounds they share.</summary>
/// <param name="All">In the order of their names.</param>
/// <param name="Bounds">As they were written.</param>
internal sealed record WebhookEndpoints(IReadOnlyList<WebhookEndpoint> All, WebhookSettings Bounds)
{
    private const int MostOfName = 64;
    private const int MostSecrets = 3;

    /// <summary>None.</summary>
    public static WebhookEndpoints None { get; } = new([], new());

    /// <summary>One of them; null: there is none of that name.</summary>
    public WebhookEndpoint? Find(string name) => All.FirstOrDefault(endpoint => endpoint.Name == name);

    /// <summary>Reads the settings.</summary>
    /// <exception cref="CannotRunException">The message names the setting.</exception>
    public static WebhookEndpoints Read(WebhookSettings settings) =>
        new([.. settings.Endpoints.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => Read(one.Key, one.Value))], settings);

    private static WebhookEndpoint Read(string name, WebhookEndpointSettings settings)
    {
        var place = $"Renewals:Webhooks:Endpoints:{name}";
        Require(
            name.Length <= MostOfName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'),
            $"{place}: a name has at most {MostOfName} letters, digits, '-' and '_'; it is a part of addresses.");
        Require(settings.Secrets.Count is >= 1 and <= MostSecrets, $"{place}:Secrets has {settings.Secrets.Count} secrets; give 1, and 2 or {MostSecrets} while one takes the place of another.");
        Require(
            settings.Events.FirstOrDefault(e => !EventNames.OfSubscriptions.Values.Contains(e)) is var unknown && unknown is null,
            $"{place}:Events has '{unknown}', which is no event of a membership; those are {string.Join(", ", EventNames.OfSubscriptions.Values.Order(StringComparer.Ordinal))}.");
        return new(
            name, ReadUrl(place, settings), [.. settings.Secrets.Select((secret, i) => WebhookSecret.Read($"{place}:Secrets:{i}", secret))],
            settings.Events.ToHashSet(StringComparer.Ordinal), settings.Enabled, settings.AllowPrivateNetworks);
    }

    private static Uri ReadUrl(string place, WebhookEndpointSettings settings)
    {
        var allowed = settings.AllowPrivateNetworks ? "https, or http in a private network" : "https";
        Require(
            Uri.TryCreate(settings.Url, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && settings.AllowPrivateNetworks)),
            $"{place}:Url must be an absolute address ({allowed}).");
        Require(url!.UserInfo.Length == 0 && url.Fragment.Length == 0, $"{place}:Url has a user name or a fragment; leave it out, what is sent is signed.");
        Require(
            settings.AllowPrivateNetworks || !IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) || !PrivateNetworks.Contain(address),
            $"{place}:Url lies in a private network; set {place}:AllowPrivateNetworks where it is meant to.");
        return url;
    }

    private static void Require(bool holds, string sentence)
    {
        if (!holds)
            throw new CannotRunException(sentence);
    }
}
