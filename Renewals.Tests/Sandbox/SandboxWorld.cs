using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.WeChatPay;
using Fields = System.Collections.Generic.Dictionary<string, string>;

namespace Renewals.Tests.Sandbox;

/// <summary>A sandbox on a movable clock, a member with money, and a raw merchant that signs by hand.</summary>
internal sealed class SandboxWorld : IAsyncDisposable
{
    /// <summary>Made once: RSA keys are slow to make.</summary>
    public static readonly WeChatPaySandboxCredentials Credentials = WeChatPaySandboxCredentials.Generate(Instant.FromUtc(2026, 1, 1, 0, 0));

    private static readonly RSA MerchantKey = Load(Credentials.MerchantPrivateKeyPem);
    private static readonly RSA PlatformKey = Load(Credentials.PlatformPublicKeyPem);
    private readonly HttpClient http = new();

    private SandboxWorld(SandboxServer server, WeChatPaySandbox sandbox, MerchantPost post, FakeTimeProvider clock) =>
        (Server, Sandbox, Post, Clock) = (server, sandbox, post, clock);

    public SandboxServer Server { get; }

    public WeChatPaySandbox Sandbox { get; }

    public MerchantPost Post { get; }

    public FakeTimeProvider Clock { get; }

    public SandboxBank Bank => Sandbox.Bank;

    public Instant Now => Instant.FromDateTimeOffset(Clock.GetUtcNow());

    /// <summary>Starts on 1 May 2026, 10:00 in Beijing, with member "ann" owning 1,000 yuan.</summary>
    public static async Task<SandboxWorld> StartAsync(WeChatPaySandboxOptions? options = null)
    {
        var clock = new FakeTimeProvider(Beijing(1, 10).ToDateTimeOffset());
        var bank = new SandboxBank();
        bank.OpenAccount("ann", 100_000);
        var post = await MerchantPost.OpenAsync();
        var sandbox = new WeChatPaySandbox((options ?? new()) with { Credentials = options?.Credentials ?? Credentials }, bank, clock)
        {
            MerchantNotifyUrl = new Uri(post.Url("/platform")),
        };
        return new SandboxWorld(await SandboxServer.StartAsync(0, bank, [sandbox], selfDriven: false, CancellationToken.None), sandbox, post, clock);
    }

    /// <summary>A day of May 2026 in Beijing.</summary>
    public static Instant Beijing(int day, int hour, int minute = 0) =>
        new LocalDateTime(2026, 5, 1, hour, minute).PlusDays(day - 1).WithOffset(Offset.FromHours(8)).ToInstant();

    public void MoveTo(Instant at) => Clock.SetUtcNow(at.ToDateTimeOffset());

    /// <summary>Moves the clock from due item to due item up to an instant.</summary>
    public async Task RunUntilAsync(Instant end)
    {
        while (Sandbox.NextDue is { } due && due <= end)
        {
            if (due > Now)
                MoveTo(due);
            await Sandbox.RunDueAsync(CancellationToken.None);
        }

        if (end > Now)
            MoveTo(end);
    }

    public Task RunForAsync(int seconds) => RunUntilAsync(Now + Duration.FromSeconds(seconds));

    public Fields Signed(Fields fields, WeChatPaySignType type = WeChatPaySignType.Md5) =>
        new(WeChatPaySigner.Signed(fields, Credentials.ApiV2Key, type));

    /// <summary>Posts an API v2 call with the merchant's name, nonce and signature; checks the answer's signature.</summary>
    public async Task<IReadOnlyDictionary<string, string>> CallAsync(string path, Fields fields, bool nonce = true)
    {
        var all = new Fields(fields);
        all.TryAdd("appid", Credentials.AppId);
        all.TryAdd("mch_id", Credentials.MchId);
        if (nonce)
            all.TryAdd("nonce_str", RandomNumberGenerator.GetHexString(16));
        var answer = await PostRawAsync(path, WeChatPayXml.Write(Signed(all)));
        if (answer["return_code"] == "SUCCESS")
            WeChatPaySigner.Verify(answer, Credentials.ApiV2Key, WeChatPaySignType.Md5).Should().BeTrue("answers are signed");
        return answer;
    }

    public async Task<IReadOnlyDictionary<string, string>> PostRawAsync(string path, string body)
    {
        var bytes = await PostBytesAsync(path, body);
        return WeChatPayXml.TryRead(bytes, out var answer, out var why) ? answer : throw new InvalidOperationException(why);
    }

    public async Task<byte[]> PostBytesAsync(string path, string body)
    {
        using var response = await http.PostAsync(new Uri(Server.Address, path), new StringContent(body, Encoding.UTF8, "text/xml"));
        return await response.Content.ReadAsByteArrayAsync();
    }

    public Task<string> GetAsync(string pathAndQuery) => http.GetStringAsync(new Uri(Server.Address, pathAndQuery));

    public Task<HttpResponseMessage> PostJsonAsync(string path, string json) =>
        http.PostAsync(new Uri(Server.Address, path), new StringContent(json, Encoding.UTF8, "application/json"));

    /// <summary>An API v3 call; <paramref name="spoil"/> may change the request after it was signed.</summary>
    public async Task<(int Status, string Body)> CallV3Async(
        string method, string path, string body = "", Action<HttpRequestMessage>? spoil = null, Instant? at = null, string? serial = null)
    {
        var content = Encoding.UTF8.GetBytes(body);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Server.Address, path));
        if (content.Length > 0)
        {
            request.Content = new ByteArrayContent(content);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        var authorization = WeChatPayV3Signer.Authorize(
            (Credentials.MchId, serial ?? Credentials.MerchantSerial), MerchantKey,
            (method, path, (at ?? Now).ToUnixTimeSeconds().ToString(), RandomNumberGenerator.GetHexString(16), content));
        request.Headers.TryAddWithoutValidation("Authorization", authorization.ToString());
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", "raw");
        spoil?.Invoke(request);
        using var response = await http.SendAsync(request);
        var answer = await response.Content.ReadAsByteArrayAsync();
        Verified(name => response.Headers.TryGetValues(name, out var values) ? values.First() : null, answer).Should().BeTrue("answers are signed");
        return ((int)response.StatusCode, Encoding.UTF8.GetString(answer));
    }

    public static bool Verified(Func<string, string?> header, ReadOnlySpan<byte> body) =>
        WeChatPaySignedHeaders.TryRead(header) is { } signed
        && signed.Serial == Credentials.PlatformSerial
        && WeChatPayV3Signer.Verify(PlatformKey, WeChatPayV3Signer.ResponseMessage(signed.Timestamp, signed.Nonce, body), signed.Signature);

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await Server.DisposeAsync();
        await Post.DisposeAsync();
    }

    private static RSA Load(string pem)
    {
        var key = RSA.Create();
        key.ImportFromPem(pem);
        return key;
    }
}
