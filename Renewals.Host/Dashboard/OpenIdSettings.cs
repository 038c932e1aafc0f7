using Renewals.Host.Api;

namespace Renewals.Host.Dashboard;

/// <summary>The identity provider at which people sign in to the dashboard (OpenID Connect), as it was written; <see cref="OpenIdProvider"/> reads and checks it.</summary>
/// <remarks>For people and pages only: it opens nothing of the API.</remarks>
internal sealed class OpenIdSettings
{
    /// <summary>The provider's address; its <c>/.well-known/openid-configuration</c> names the rest. HTTPS, or this machine. Default none: sign-in is by key only.</summary>
    public string? Authority { get; set; }

    /// <summary>The name under which this service is registered there. Required with an authority.</summary>
    public string? ClientId { get; set; }

    /// <summary>The secret of that registration; best from the environment. It or <see cref="ClientSecretFile"/> is required with an authority.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>A file with the secret, relative to the settings file.</summary>
    public string? ClientSecretFile { get; set; }

    /// <summary>What stands on the button, after "Sign in with". Default: the host of the authority.</summary>
    public string? Name { get; set; }

    /// <summary>What is asked for, separated by spaces; <c>openid</c> among it. Default <c>openid profile</c>.</summary>
    public string Scope { get; set; } = "openid profile";

    /// <summary>The claim of the ID token that holds the provider's roles, as a text or a list. Default <c>roles</c>.</summary>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>What the provider's roles may do here; who has none of them is refused. Required with an authority.</summary>
    public Dictionary<string, ApiRole> Roles { get; } = [];

    /// <summary>The claim of the ID token that names the person; it stands beside what the person does. Default <c>preferred_username</c>.</summary>
    public string NameClaim { get; set; } = "preferred_username";

    /// <summary>Where browsers reach this service, such as <c>https://renewals.example.com</c>. Default: what the browser's request names, by HTTPS unless it is this machine.</summary>
    public string? PublicAddress { get; set; }
}
