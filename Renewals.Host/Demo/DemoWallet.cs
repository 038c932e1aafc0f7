using System.Net.Http.Json;
using System.Text.Json;

namespace Renewals.Host.Demo;

/// <summary>The members' devices: a browser at the sandbox that follows no redirects by itself.</summary>
internal sealed class DemoWallet(Uri sandbox) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = sandbox };

    /// <summary>Fetches a page, which the rail verifies.</summary>
    public async Task<string> OpenAsync(Uri address, CancellationToken cancellation)
    {
        using var answer = await http.GetAsync(address, cancellation);
        return await ReadAsync(answer, address, cancellation);
    }

    /// <summary>Posts a form as a browser does.</summary>
    public async Task<string> SubmitAsync(Uri address, IEnumerable<KeyValuePair<string, string>> fields, CancellationToken cancellation)
    {
        using var form = new FormUrlEncodedContent(fields);
        using var answer = await http.PostAsync(address, form, cancellation);
        return await ReadAsync(answer, address, cancellation);
    }

    /// <summary>Does what a button of the sandbox's page does.</summary>
    public async Task PostAsync(string path, object body, CancellationToken cancellation)
    {
        using var answer = await http.PostAsJsonAsync(path, body, JsonSerializerOptions.Default, cancellation);
        await ReadAsync(answer, new Uri(path, UriKind.Relative), cancellation);
    }

    public void Dispose() => http.Dispose();

    private static async Task<string> ReadAsync(HttpResponseMessage answer, Uri address, CancellationToken cancellation)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        return (int)answer.StatusCode < 400
            ? text
            : throw new InvalidOperationException($"The wallet was refused at {address.OriginalString.Split('?')[0]}: {(int)answer.StatusCode} {text}");
    }
}
