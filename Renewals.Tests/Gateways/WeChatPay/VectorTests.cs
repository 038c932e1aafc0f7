using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NodaTime;
using Renewals.Gateways.WeChatPay;
using Xunit.Abstractions;

namespace Renewals.Tests.Gateways.WeChatPay;

/// <summary>Every document of the vector folder is run, counted and printed; a file without a runner here fails.</summary>
public sealed partial class VectorTests(ITestOutputHelper output)
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Gateways", "WeChatPay", "Vectors");

    /// <summary>What runs a file and how many cases it must have run.</summary>
    private static readonly Dictionary<string, (Func<int> Run, int Cases)> Runners = new()
    {
        ["v2-sign.json"] = (RunV2Signatures, 18),
        ["v3-request-sign.json"] = (RunV3Requests, 5),
    };

    public static TheoryData<string> Files() => [.. Directory.GetFiles(Folder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_case_of_the_file_holds(string file)
    {
        Runners.Should().ContainKey(file, "a vector without a test proves nothing");
        var (run, cases) = Runners[file];
        var ran = run();
        output.WriteLine($"{file}: {ran} cases");
        ran.Should().Be(cases);
    }

    [Fact]
    public void Every_runner_has_its_file() => Runners.Keys.Should().BeEquivalentTo(Directory.GetFiles(Folder).Select(Path.GetFileName));

    private static int RunV2Signatures() => ForEachCase("v2-sign.json", "cases", test =>
    {
        var (key, type) = (Text(test, "key"), SignType(test));
        var message = Fields(test.GetProperty("params"));
        WeChatPaySigner.StringToSign(message, key).Should().Be(Text(test, "string_to_sign"));
        WeChatPaySigner.Sign(message, key, type).Should().Be(Text(test, "sign"), Text(test, "id"));
        message["sign"] = Text(test, "sign");
        FlipsWithEveryValue(message, key, type);
    });

    private static int RunV3Requests()
    {
        using var file = Read("v3-request-sign.json");
        using var privateKey = PrivateKey(Text(file.RootElement, "merchant_private_key_pem"));
        using var publicKey = PrivateKey(Text(file.RootElement, "merchant_public_key_pem"));
        var serial = Text(file.RootElement, "merchant_serial_no");
        return ForEachCase("v3-request-sign.json", "cases", test =>
        {
            var (method, url, time, nonce) = (Text(test, "method"), Text(test, "canonical_url"), Text(test, "timestamp"), Text(test, "nonce_str"));
            var body = Encoding.UTF8.GetBytes(Text(test, "body"));
            var message = WeChatPayV3Signer.RequestMessage(method, url, time, nonce, body);
            Encoding.UTF8.GetString(message).Should().Be(Text(test, "message"));
            var header = WeChatPayV3Signer.Authorize(("1900000109", serial), privateKey, (method, url, time, nonce, body));
            header.Signature.Should().Be(Text(test, "signature"));
            header.Should().Be(WeChatPayAuthorization.TryParse(Text(test, "authorization")));
            WeChatPayAuthorization.TryParse(header.ToString()).Should().Be(header);
            WeChatPayV3Signer.Verify(publicKey, header, method, url, body).Should().BeTrue();
            FlipsWithEveryByte(publicKey, message, header.Signature);
        });
    }

    /// <summary>One changed character in any value, or in the signature, makes a v2 message invalid.</summary>
    private static void FlipsWithEveryValue(Dictionary<string, string> message, string key, WeChatPaySignType type)
    {
        WeChatPaySigner.Verify(message, key, type).Should().BeTrue();
        var other = type == WeChatPaySignType.Md5 ? WeChatPaySignType.HmacSha256 : WeChatPaySignType.Md5;
        WeChatPaySigner.Verify(message, key, other).Should().BeFalse("only the configured method counts");
        foreach (var name in message.Keys.Where(name => message[name].Length > 0))
        {
            var changed = new Dictionary<string, string>(message) { [name] = Changed(message[name]) };
            WeChatPaySigner.Verify(changed, key, type).Should().BeFalse("{0} was changed", name);
        }
    }

    /// <summary>One changed byte anywhere in the message, or one changed character of the signature, makes it invalid.</summary>
    private static void FlipsWithEveryByte(RSA key, byte[] message, string signature)
    {
        for (var i = 0; i < message.Length; i += 7)
        {
            var changed = message.ToArray();
            changed[i] ^= 1;
            WeChatPayV3Signer.Verify(key, changed, signature).Should().BeFalse("byte {0} was changed", i);
        }

        for (var i = 0; i < signature.Length; i += 11)
        {
            var letter = signature[i] == 'A' ? 'B' : 'A';
            WeChatPayV3Signer.Verify(key, message, signature[..i] + letter + signature[(i + 1)..]).Should().BeFalse("character {0} was changed", i);
        }
    }

    private static string Changed(string value) => (char)(value[0] ^ 1) + value[1..];

    private static WeChatPaySignType SignType(JsonElement test) =>
        Text(test, "sign_type") == "MD5" ? WeChatPaySignType.Md5 : WeChatPaySignType.HmacSha256;

    private static RSA PrivateKey(string pem)
    {
        var key = RSA.Create();
        key.ImportFromPem(pem);
        return key;
    }

    private static int ForEachCase(string file, string list, Action<JsonElement> run)
    {
        using var document = Read(file);
        var count = 0;
        foreach (var test in document.RootElement.GetProperty(list).EnumerateArray())
        {
            run(test);
            count++;
        }

        return count;
    }

    private static Dictionary<string, string> Fields(JsonElement map) =>
        map.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString()!);

    private static JsonDocument Read(string file) => JsonDocument.Parse(Bytes(file));

    private static byte[] Bytes(string file) => File.ReadAllBytes(Path.Combine(Folder, file));

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
