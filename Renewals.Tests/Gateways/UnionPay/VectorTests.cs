using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NodaTime;
using Renewals.Gateways.UnionPay;
using Xunit.Abstractions;

namespace Renewals.Tests.Gateways.UnionPay;

/// <summary>Every document of the vector folder is run, counted and printed; a file without a runner here fails.</summary>
public sealed partial class VectorTests(ITestOutputHelper output)
{
    private static readonly Instant Judged = Instant.FromUtc(2026, 6, 1, 0, 0);

    /// <summary>What runs a file and how many cases it must have run. Files in folders are run by the documents that name them.</summary>
    private static readonly Dictionary<string, (Func<string, int> Run, int Cases)> Runners = new()
    {
        ["01-certificates.json"] = (RunCertificates, 18),
        ["02-sign-string.json"] = (RunSignStrings, 10),
        ["03-signature-510-rsa.json"] = (RunRsa510, 7),
        ["04-signature-500-rsa.json"] = (RunRsa500, 3),
        ["05-signature-secure-key.json"] = (RunSecureKey, 5),
        ["06-url-encoding.json"] = (RunForms, 6),
        ["07-response-parse.json"] = (RunAnswers, 7),
        ["08-sensitive-fields.json"] = (RunSensitive, 19),
        ["09-requests.json"] = (RunRequests, 16),
        ["10-responses.json"] = (RunResponses, 17),
        ["11-notifications.json"] = (RunNotifications, 16),
        ["12-reconciliation.json"] = (RunSettlement, 49),
        ["13-batch.json"] = (RunBatch, 6),
        ["14-entrust-terms.json"] = (RunTerms, 15),
        ["15-outcome-table.json"] = (RunOutcomes, 44),
    };

    public static TheoryData<string> Files() =>
        [.. Directory.GetFiles(Samples.Folder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_case_of_the_file_holds(string file)
    {
        Runners.Should().ContainKey(file, "a vector without a test proves nothing");
        var (run, cases) = Runners[file];
        var ran = run(file);
        output.WriteLine($"{file}: {ran} of {cases} cases");
        ran.Should().Be(cases);
    }

    [Fact]
    public void Every_runner_has_its_file() =>
        Runners.Keys.Should().BeEquivalentTo(Directory.GetFiles(Samples.Folder).Select(Path.GetFileName));

    private static int RunCertificates(string file)
    {
        var certificates = ForEachCase(file, "certificates", test =>
        {
            using var certificate = UnionPayCertificates.TryParse(Samples.Text(test.Text("file").Replace(".pfx", ".cer")))!;
            UnionPayCertificates.CertId(certificate).Should().Be(test.Text("certId"));
            certificate.GetCertHashString(HashAlgorithmName.SHA256).Should().Be(test.Text("sha256Fingerprint").Replace(":", ""));
            UnionPayCertificates.IsValidAt(certificate, Judged).Should().BeTrue();
            UnionPayCertificates.CommonName(certificate).Should().Be(test.Text("subject").Split("CN=")[1]);
            if (test.Text("file").EndsWith(".pfx", StringComparison.Ordinal))
                UnionPayMerchantKey.TryLoad(Samples.Bytes(test.Text("file")), "000000")!.CertId.Should().Be(test.Text("certId"));
        });
        UnionPayMerchantKey.TryLoad(Samples.Bytes("certs/merchant_sign_legacy.pfx"), "000000")!.CertId.Should().Be("69901000004");
        UnionPayMerchantKey.TryLoad(Samples.Bytes("certs/merchant_sign.pfx"), "000001").Should().BeNull();
        return 1 + certificates
            + ForEachCase(file, "certIdCases", test => UnionPayCertificates.CertId(Convert.FromHexString(test.Text("serialHex"))).Should().Be(test.Text("certId")))
            + ForEachCase(file, "cnCases", test =>
            {
                UnionPayCertificates.IsPlatform(test.Text("cn"), strict: true).Should().Be(test.GetProperty("acceptedStrict").GetBoolean());
                UnionPayCertificates.IsPlatform(test.Text("cn"), strict: false).Should().Be(test.GetProperty("acceptedRelaxed").GetBoolean());
            });
    }

    private static int RunSignStrings(string file) => ForEachCase(file, "cases", test =>
    {
        var encoding = UnionPayWire.EncodingOf(test.Text("encoding"));
        var fields = UnionPayWire.Clean(test.GetProperty("fields").EnumerateObject()
            .Select(field => KeyValuePair.Create(field.Name, field.Value.GetString())));
        var text = UnionPaySigner.StringToSign(fields);
        text.Should().Be(test.Text("signString"));
        encoding.GetByteCount(text).Should().Be(test.GetProperty("signStringBytesLength").GetInt32());
        UnionPaySigner.Digest(text, "5.1.0", encoding).Should().Be(test.Text("sha256Hex"));
        UnionPaySigner.Digest(text, "5.0.0", encoding).Should().Be(test.Text("sha1Hex"));
    });

    private static int RunRsa510(string file)
    {
        var right = ForEachCase(file, "cases", RunSigned);
        return right + ForEachCase(file, "wrongSignatures", test =>
        {
            var fields = test.Map("fields");
            fields["signature"] = test.Text("signature");
            Key("merchant_sign").Use(key => UnionPaySigner.VerifyRsa(fields, key, "5.1.0", Samples.Utf8)).Should().BeFalse(test.Text("name"));
        });
    }

    private static int RunRsa500(string file) => ForEachCase(file, "cases", RunSigned);

    /// <summary>One signed request: text, hash, signature and body, byte for byte; each flipped byte breaks it.</summary>
    private static void RunSigned(JsonElement test)
    {
        var (fields, encoding) = (test.Map("fields"), UnionPayWire.EncodingOf(test.TryGetProperty("encoding", out var name) ? name.GetString()! : "UTF-8"));
        var signature = fields.Remove("signature", out var inside) ? inside : test.Text("signature");
        UnionPaySigner.StringToSign(fields).Should().Be(test.Text("signString"));
        if (test.TryGetProperty("digestHex", out var digest))
            UnionPaySigner.Digest(test.Text("signString"), fields["version"], encoding).Should().Be(digest.GetString());
        var store = Key(fields["merId"] == Samples.MerId ? "merchant_sign" : "merchant_sign_2");
        store.CertId.Should().Be(fields["certId"]);
        store.Use(key => UnionPaySigner.SignRsa(fields, key, fields["version"], encoding)).Should().Be(signature, test.ToString());
        fields["signature"] = signature;
        Encoding.ASCII.GetString(UnionPayWire.WriteForm(fields, encoding)).Should().Be(test.Text("wireBody"));
        UnionPayWire.TryReadForm(Encoding.ASCII.GetBytes(test.Text("wireBody")), encoding, out var read, out _).Should().BeTrue();
        read.Should().BeEquivalentTo(fields);
        store.Use(key => FlipsWithEveryValue(fields, f => UnionPaySigner.VerifyRsa(f, key, fields["version"], encoding)));
    }

    private static int RunSecureKey(string file)
    {
        var check = Samples.Vector(file).GetProperty("sm3Check");
        UnionPaySigner.Hash(Encoding.ASCII.GetBytes(check.Text("input")), UnionPaySignMethod.Sm3).Should().Be(check.Text("hex"));
        return 1 + ForEachCase(file, "cases", test =>
        {
            var (fields, key) = (test.Map("fields"), test.Text("secureKey"));
            var method = fields["signMethod"] == "11" ? UnionPaySignMethod.Sha256 : UnionPaySignMethod.Sm3;
            method.WireName().Should().Be(fields["signMethod"]);
            UnionPaySigner.StringToSign(fields).Should().Be(test.Text("signString"));
            UnionPaySigner.SignSecure(fields, method, key, Samples.Utf8).Should().Be(test.Text("signature"));
            fields["signature"] = test.Text("signature");
            Encoding.ASCII.GetString(UnionPayWire.WriteForm(fields, Samples.Utf8)).Should().Be(test.Text("wireBody"));
            FlipsWithEveryValue(fields, f => UnionPaySigner.VerifySecure(f, method, key, Samples.Utf8));
            UnionPaySigner.VerifySecure(fields, method, "", Samples.Utf8).Should().BeFalse("no key verifies nothing");
        });
    }

    private static int RunForms(string file) => ForEachCase(file, "cases", test =>
    {
        var encoding = UnionPayWire.EncodingOf(test.Text("encoding"));
        Encoding.ASCII.GetString(UnionPayWire.WriteForm(test.Map("fields"), encoding)).Should().Be(test.Text("body"));
        foreach (var body in new[] { test.Text("body"), test.Text("body").Replace("+", "%20") })
        {
            UnionPayWire.TryReadForm(Encoding.ASCII.GetBytes(body), encoding, out var fields, out var why).Should().BeTrue(why);
            fields.Should().Equal(test.Map("fields"));
        }
    });

    private static int RunAnswers(string file) => ForEachCase(file, "cases", test =>
    {
        UnionPayWire.TryReadAnswer(Encoding.UTF8.GetBytes(test.Text("body")), Samples.Utf8, out var fields, out var why).Should().BeTrue(why);
        fields.Should().Equal(test.Map("fields"));
    });

    private static UnionPayMerchantKey Key(string name) => UnionPayMerchantKey.TryLoad(Samples.Bytes($"certs/{name}.pfx"), "000000")!;

    /// <summary>One changed character in any value, or in the signature, makes a message invalid.</summary>
    private static bool FlipsWithEveryValue(Dictionary<string, string> message, Func<Dictionary<string, string>, bool> verifies)
    {
        verifies(message).Should().BeTrue();
        foreach (var (name, value) in message)
        {
            var changed = new Dictionary<string, string>(message) { [name] = (char)(value[0] ^ 1) + value[1..] };
            verifies(changed).Should().BeFalse($"{name} was changed");
        }

        return true;
    }

    private static int ForEachCase(string file, string list, Action<JsonElement> run)
    {
        var ran = 0;
        foreach (var test in Samples.Vector(file).GetProperty(list).EnumerateArray())
        {
            run(test);
            ran++;
        }

        return ran;
    }
}
