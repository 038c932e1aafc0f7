using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Renewals.Core.Gateways;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Tests.Sandbox;

/// <summary>The merchant's address for callbacks: keeps what came and answers as told.</summary>
internal sealed class MerchantPost : IAsyncDisposable
{
    private const string Success = "<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>";
    private readonly WebApplication app;

    private MerchantPost(WebApplication app) => this.app = app;

    public ConcurrentQueue<Callback> Came { get; } = new();

    /// <summary>Answers callback number n, from 1.</summary>
    public Func<int, (int Status, string Body)> Answer { get; set; } = _ => (200, Success);

    /// <summary>How long an answer takes.</summary>
    public TimeSpan Thinks { get; set; }

    public Uri Address { get; private set; } = new("http://localhost");

    public IReadOnlyDictionary<string, string> LastXml =>
        WeChatPayXml.TryRead(Came.Last().Body.Span, out var fields, out var why) ? fields : throw new InvalidOperationException(why);

    public static async Task<MerchantPost> OpenAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var post = new MerchantPost(app);
        app.Run(post.TakeAsync);
        await app.StartAsync();
        post.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return post;
    }

    public string Url(string path) => new Uri(Address, path).AbsoluteUri;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Came.Enqueue(new Callback(
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray()));
        if (Thinks > TimeSpan.Zero)
            await Task.Delay(Thinks);
        var (status, text) = Answer(Came.Count);
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(text);
    }
}
