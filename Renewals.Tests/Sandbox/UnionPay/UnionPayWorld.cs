using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Renewals.Gateways.UnionPay;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.UnionPay;
using Fields = System.Collections.Generic.Dictionary<string, string>;

namespace Renewals.Tests.Sandbox.UnionPay;

/// <summary>A sandbox on a movable clock, a member with money, and a raw merchant that signs by hand.</summary>
internal sealed class UnionPayWorld : IAsyncDisposable
{
    /// <summary>Made once: RSA keys are slow to make.</summary>
    public static readonly UnionPaySandboxCredentials Credentials = UnionPaySandboxCredentials.Generate(Instant.FromUtc(2026, 1, 1, 0, 0));

    public static readonly X509Certificate2 Merchant =
        X509CertificateLoader.LoadPkcs12(Credentials.MerchantPfx, UnionPaySandboxCredentials.PfxPassword);

    private static readonly X509Certificate2 Encryption = X509Certificate2.CreateFromPem(Credentials.EncryptionCertificatePem);
    private static readonly RSA MerchantKey = Merchant.GetRSAPrivateKey()!;
    private static readonly RSA EncryptionKey = Encryption.GetRSAPublicKey()!;
    private readonly HttpClient http = new();
    private readonly UnionPaySandboxOptions options;

    private UnionPayWorld(
        UnionPaySandboxOptions options, SandboxServer server, UnionPaySandbox sandbox, MerchantPost post, FakeTimeProvider clock) =>
        (this.options, Server, Sandbox, Post, Clock) = (options, server, sandbox, post, clock);

    public SandboxServer Server { get; }

    public UnionPaySandbox Sandbox { get; }

    public MerchantPost Post { get; }

    public FakeTimeProvider Clock { get; }

    public SandboxBank Bank => Sandbox.Bank;

    public Instant Now => Instant.FromDateTimeOffset(Clock.GetUtcNow());

    public string Time => UnionPayTime.Compact(Now);

    public UnionPaySignMethod Method => options.SignMethod switch
    {
        "01" => UnionPaySignMethod.Rsa,
        "11" => UnionPaySignMethod.Sha256,
        _ => UnionPaySignMethod.Sm3,
    };

    /// <summary>Starts on 1 May 2026, 10:00 in Beijing, with member "ann" owning 1,000 yuan.</summary>
    public static async Task<UnionPayWorld> StartAsync(UnionPaySandboxOptions? options = null)
    {
        var set = (options ?? new()) with { Credentials = options?.Credentials ?? Credentials };
        var clock = new FakeTimeProvider(Beijing(1, 10).ToDateTimeOffset());
        var bank = new SandboxBank();
        bank.OpenAccount("ann", 100_000);
        var post = await MerchantPost.OpenAsync();
        post.Answer = _ => (200, "");
        var sandbox = new UnionPaySandbox(set, bank, clock);
        return new UnionPayWorld(set, await SandboxServer.StartAsync(0, bank, [sandbox], selfDriven: false, CancellationToken.None), sandbox, post, clock);
    }

    /// <summary>A day of May 2026 in Beijing.</summary>
    public static Instant Beijing(int day, int hour, int minute = 0, int second = 0) =>
        UnionPayTime.ToInstant(new LocalDateTime(2026, 5, 1, hour, minute, second).PlusDays(day - 1));

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

    /// <summary>What every request of this merchant has.</summary>
    public Fields Request(string type, string subType, string product, Fields more)
    {
        var fields = new Fields
        {
            ["version"] = options.Version, ["encoding"] = "UTF-8", ["signMethod"] = options.SignMethod, ["txnType"] = type,
            ["txnSubType"] = subType, ["bizType"] = product, ["accessType"] = "0", ["merId"] = Credentials.MerId, ["txnTime"] = Time,
        };
        if (options.SignMethod == "01")
            fields["certId"] = UnionPayCertificates.CertId(Merchant);
        foreach (var (name, value) in more)
            fields[name] = value;
        return fields;
    }

    public Fields Signed(Fields fields)
    {
        var encoding = UnionPayWire.EncodingOf(fields["encoding"]);
        return new Fields(fields)
        {
            ["signature"] = Method == UnionPaySignMethod.Rsa
                ? UnionPaySigner.SignRsa(fields, MerchantKey, options.Version, encoding)
                : UnionPaySigner.SignSecure(fields, Method, Credentials.SecureKey, encoding),
        };
    }

    /// <summary>Signs and posts a request; checks the answer's signature.</summary>
    public async Task<IReadOnlyDictionary<string, string>> SendAsync(string path, Fields fields) => await PostAsync(path, Signed(fields));

    public async Task<IReadOnlyDictionary<string, string>> PostAsync(string path, Fields signed)
    {
        var answer = await RawAsync(path, signed);
        UnionPayWire.TryReadAnswer(answer, UnionPayWire.EncodingOf(signed["encoding"]), out var fields, out var why).Should().BeTrue(why);
        Verified(fields!).Should().BeTrue("answers are signed");
        return fields!;
    }

    public async Task<byte[]> RawAsync(string path, Fields signed)
    {
        using var content = new ByteArrayContent(UnionPayWire.WriteForm(signed, UnionPayWire.EncodingOf(signed["encoding"])));
        content.Headers.ContentType = new("application/x-www-form-urlencoded");
        using var response = await http.PostAsync(new Uri(Server.Address, path), content);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync();
    }

    /// <summary>Posts a plain form, as a person's browser does.</summary>
    public async Task<string> BrowseAsync(string path, Fields form)
    {
        using var response = await http.PostAsync(new Uri(Server.Address, path), new FormUrlEncodedContent(form));
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>Whether a message comes from the platform: chain, owner and signature.</summary>
    public bool Verified(IReadOnlyDictionary<string, string> fields)
    {
        var encoding = UnionPayWire.EncodingOf(fields["encoding"]);
        if (Method != UnionPaySignMethod.Rsa)
            return UnionPaySigner.VerifySecure(fields, Method, Credentials.SecureKey, encoding);
        if (options.Version == UnionPaySigner.Version500)
            return VerifiedBy(X509Certificate2.CreateFromPem(Credentials.PlatformCertificatePem), fields, encoding);
        return UnionPayCertificates.TryParse(fields["signPubKeyCert"]) is { } leaf && fields["signPubKeyCert"].Contains("\r\n")
            && new UnionPayChain(Credentials.MiddleCertificatePem, Credentials.RootCertificatePem, allowSha1: false).WhyNot(leaf, Now) is null
            && UnionPayCertificates.IsPlatform(UnionPayCertificates.CommonName(leaf)!, strict: true)
            && VerifiedBy(leaf, fields, encoding);
    }

    /// <summary>The notification that came last, its signature not looked at.</summary>
    public IReadOnlyDictionary<string, string> LastNotification => Notification(Post.Came.Count - 1);

    public IReadOnlyDictionary<string, string> Notification(int n) =>
        UnionPayWire.TryReadForm(Post.Came.ElementAt(n).Body.Span, Encoding.UTF8, out var fields, out var why)
            ? fields
            : throw new InvalidOperationException(why);

    /// <summary>Card and holder of a member, encrypted as the rail wants them.</summary>
    public Fields Payer(string member, string? smsCode = "111111")
    {
        var card = Sandbox.CardOf(member);
        var key = options.EncryptedFields ? EncryptionKey : null;
        return new Fields
        {
            ["accNo"] = key is null ? card.Number : UnionPayCipher.Encrypt(card.Number, key, Encoding.UTF8),
            ["customerInfo"] = UnionPayCipher.CustomerInfo(
                [("certifTp", "01"), ("certifId", card.CertificateNumber), ("customerNm", card.Holder), ("phoneNo", card.Phone), ("smsCode", smsCode)],
                Encoding.UTF8, key)!,
            ["encryptCertId"] = UnionPayCertificates.CertId(Encryption),
            ["accType"] = "01",
        };
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await Server.DisposeAsync();
        await Post.DisposeAsync();
    }

    private static bool VerifiedBy(X509Certificate2 certificate, IReadOnlyDictionary<string, string> fields, Encoding encoding)
    {
        using var key = certificate.GetRSAPublicKey()!;
        return UnionPaySigner.VerifyRsa(fields, key, fields["version"], encoding);
    }
}
