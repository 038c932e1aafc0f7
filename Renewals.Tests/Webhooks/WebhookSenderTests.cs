using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Renewals.Core.Engine;
using Renewals.Core.Ledger;
using Renewals.Host.Webhooks;
using Renewals.Tests.Support;

namespace Renewals.Tests.Webhooks;

/// <summary>One event to one endpoint over a real connection: what is sent, and what is not even connected to.</summary>
public sealed class WebhookSenderTests : IDisposable
{
    private static readonly FeedEvent Event = new(
        Guid.Parse("70000000-0000-8000-8000-000000000001"), 7, Samples.Id, 3, "charged", Samples.Now, JsonSerializer.SerializeToElement(new { at = "2026-01-31T02:00:00Z" }));

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private int lookedUp;

    public WebhookSenderTests() => listener.Start();

    private int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Dispose() => listener.Dispose();

    [Fact]
    public async Task What_is_sent_can_be_verified_and_a_2xx_means_it_got_there()
    {
        var answering = AnswerAsync("HTTP/1.1 204 No Content\r\n\r\n");
        (await SendAsync($"http://127.0.0.1:{Port}/hooks", true)).Should().Be((true, "204"));
        var (head, body) = await answering;
        var headers = head.Split("\r\n").Skip(1).Where(line => line.Contains(':')).ToDictionary(line => line.Split(':')[0].ToLowerInvariant(), line => line.Split(':', 2)[1].Trim());
        headers["webhook-id"].Should().Be("70000000-0000-8000-8000-000000000001");
        headers["webhook-timestamp"].Should().Be("1769824800");
        headers["webhook-signature"].Should().Be(StandardWebhooks.SignatureOf(headers["webhook-id"], 1769824800, Encoding.UTF8.GetBytes(body), StandardWebhooksTests.Read().Secrets));
        headers["content-type"].Should().StartWith("application/json");
        body.Should().Be($$"""{"type":"charged","timestamp":"2026-01-31T02:00:00Z","id":"{{Event.Id}}","sequence":7,"membership":"{{Samples.Id.Value}}","number":3,"data":{"at":"2026-01-31T02:00:00Z"} }""".Replace("} }", "}}"));
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_did_not_get_there()
    {
        var answering = AnswerAsync($"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{Port}/else\r\nContent-Length: 0\r\n\r\n");
        (await SendAsync($"http://127.0.0.1:{Port}/hooks", true)).Should().Be((false, "302"));
        await answering;
        listener.Pending().Should().BeFalse();
    }

    [Theory]
    [InlineData("https", false, "it lies in a private network", 127, 0, 0, 1)]
    [InlineData("http", true, "plain http is for private networks", 8, 8, 8, 8)]
    public async Task What_a_name_stands_for_is_looked_at_before_it_is_connected_to(string scheme, bool allowed, string answer, params int[] address)
    {
        var said = await SendAsync($"{scheme}://shop.example.com:{Port}/hooks", allowed, new([.. address.Select(part => (byte)part)]));
        said.Should().Be((false, answer));
        lookedUp.Should().Be(1);
        listener.Pending().Should().BeFalse("it was never connected to");
    }

    private async Task<(bool Delivered, string Answer)> SendAsync(string url, bool allowed, IPAddress? address = null)
    {
        var endpoint = StandardWebhooksTests.Read(settings => (settings.Url, settings.AllowPrivateNetworks) = (url, allowed));
        var time = TestHost.Clock();
        using var sender = new WebhookSender(endpoint, TimeSpan.FromSeconds(10), new EngineClock(time), TimeProvider.System, WebhookSender.HandlerFor(endpoint, TimeSpan.FromSeconds(10), (_, _) =>
        {
            lookedUp++;
            return Task.FromResult(new[] { address ?? IPAddress.Loopback });
        }));
        return await sender.SendAsync(Event, default);
    }

    private async Task<(string Head, string Body)> AnswerAsync(string answer)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var stream = client.GetStream();
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        while (!text.ToString().Contains("\r\n\r\n") || !text.ToString().EndsWith('}'))
        {
            var read = await stream.ReadAsync(buffer);
            read.Should().BePositive();
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes(answer));
        var parts = text.ToString().Split("\r\n\r\n", 2);
        return (parts[0], parts[1]);
    }
}
