using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Renewals.Gateways.WeChatPay;
using Xunit.Abstractions;

namespace Renewals.Tests.Gateways.WeChatPay;

/// <summary>Every document of the vector folder is run, counted and printed; a file without a runner here fails.</summary>
public sealed partial class VectorTests(ITestOutputHelper output)
{
    /// <summary>What runs a file and how many cases it must have run.</summary>
    private static readonly Dictionary<string, (Func<string, int> Run, int Cases)> Runners = new()
    {
        ["ack-fail.xml"] = (RunAcknowledgement, 1),
        ["ack-success.xml"] = (RunAcknowledgement, 1),
        ["bill-all.txt"] = (RunBill, 1),
        ["bill-index.json"] = (RunBillIndex, 2),
        ["bill-not-exist.xml"] = (RunBill, 1),
        ["notify-contract-add.xml"] = (RunDocument, 1),
        ["notify-contract-delete.xml"] = (RunDocument, 1),
        ["notify-deduct-fail.xml"] = (RunDocument, 1),
        ["notify-deduct-success.xml"] = (RunDocument, 1),
        ["notify-refund.xml"] = (RunRefundNotification, 1),
        ["resp-contractorder-sign-refused.xml"] = (RunDocument, 1),
        ["resp-paporderquery-accept.xml"] = (RunDocument, 1),
        ["resp-pappayapply-accepted.xml"] = (RunDocument, 1),
        ["resp-pappayapply-rulelimit.xml"] = (RunDocument, 1),
        ["resp-querycontract-signed.xml"] = (RunDocument, 1),
        ["resp-return-fail.xml"] = (RunDocument, 1),
        ["v2-sign.json"] = (RunV2Signatures, 18),
        ["v2-xml-index.json"] = (RunXmlIndex, 13),
        ["v3-certificates.json"] = (RunCertificates, 1),
        ["v3-notify.json"] = (RunV3Callbacks, 5),
        ["v3-request-sign.json"] = (RunV3Requests, 5),
        ["v3-response-204.json"] = (RunEmptyAnswer, 1),
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

    private static int RunV2Signatures(string file) => ForEachCase(file, "cases", test =>
    {
        var (key, type) = (test.Text("key"), SignType(test));
        var message = test.Map("params");
        WeChatPaySigner.StringToSign(message, key).Should().Be(test.Text("string_to_sign"));
        WeChatPaySigner.Sign(message, key, type).Should().Be(test.Text("sign"), test.Text("id"));
        message["sign"] = test.Text("sign");
        FlipsWithEveryValue(message, key, type);
    });

    private static int RunV3Requests(string file)
    {
        var vector = Samples.Vector(file);
        using var privateKey = Key(vector.Text("merchant_private_key_pem"));
        using var publicKey = Key(vector.Text("merchant_public_key_pem"));
        return ForEachCase(file, "cases", test =>
        {
            var (method, url, time, nonce) = (test.Text("method"), test.Text("canonical_url"), test.Text("timestamp"), test.Text("nonce_str"));
            var body = Encoding.UTF8.GetBytes(test.Text("body"));
            var message = WeChatPayV3Signer.RequestMessage(method, url, time, nonce, body);
            Encoding.UTF8.GetString(message).Should().Be(test.Text("message"));
            var header = WeChatPayV3Signer.Authorize(("1900000109", vector.Text("merchant_serial_no")), privateKey, (method, url, time, nonce, body));
            header.Signature.Should().Be(test.Text("signature"));
            header.Should().Be(WeChatPayAuthorization.TryParse(test.Text("authorization")));
            WeChatPayAuthorization.TryParse(header.ToString()).Should().Be(header);
            WeChatPayV3Signer.Verify(publicKey, header, method, url, body).Should().BeTrue();
            FlipsWithEveryByte(publicKey, message, header.Signature);
        });
    }

    private static int RunDocument(string file)
    {
        var test = Samples.Vector("v2-xml-index.json").GetProperty("documents").EnumerateArray().Single(document => document.Text("file") == file);
        WeChatPayXml.TryRead(Samples.Bytes(file), out var fields, out var why).Should().BeTrue(why);
        fields.Should().BeEquivalentTo(test.Map("fields"));
        var valid = test.GetProperty("signature_valid");
        if (valid.ValueKind == JsonValueKind.Null)
            WeChatPaySigner.Verify(fields!, test.Text("key"), SignType(test)).Should().BeFalse("there is no signature");
        else if (valid.GetBoolean())
            FlipsWithEveryValue(new(fields!), test.Text("key"), SignType(test));
        else
            WeChatPaySigner.Verify(fields!, test.Text("key"), SignType(test)).Should().BeFalse();
        return 1;
    }

    private static int RunXmlIndex(string file)
    {
        var index = Samples.Vector(file);
        return ForEachCase(file, "documents", document => RunDocument(document.Text("file")))
            + RunRefundNotification(index.GetProperty("refund_notification").Text("file"))
            + ForEachCase(file, "acks", document => RunAcknowledgement(document.GetString()!));
    }

    private static int RunRefundNotification(string file)
    {
        var test = Samples.Vector("v2-xml-index.json").GetProperty("refund_notification");
        var key = test.Text("api_v2_key");
        WeChatPayCipher.ReqInfoKey(key).Should().Be(test.Text("aes_key"));
        WeChatPayXml.TryRead(Samples.Bytes(file), out var envelope, out _).Should().BeTrue();
        var plain = WeChatPayCipher.TryDecryptReqInfo(key, envelope!["req_info"])!;
        Encoding.UTF8.GetString(plain).Should().Be(test.Text("plaintext"));
        WeChatPayCipher.EncryptReqInfo(key, plain).Should().Be(envelope["req_info"]);
        var changed = WeChatPayCipher.TryDecryptReqInfo(key, (envelope["req_info"][0] == 'A' ? 'B' : 'A') + envelope["req_info"][1..]);
        WeChatPayXml.TryRead(changed ?? [], out _, out _, root: "root").Should().BeFalse("a changed block is no document any more");
        return 1;
    }

    private static int RunAcknowledgement(string file)
    {
        WeChatPayXml.TryRead(Samples.Bytes(file), out var expected, out _).Should().BeTrue();
        var reply = WeChatPayCallbacks.ReplyTo(
            Samples.Callback("<xml/>"u8.ToArray()), received: file == "ack-success.xml", reason: expected!["return_msg"]);
        WeChatPayXml.TryRead(Encoding.UTF8.GetBytes(reply.Body), out var written, out _).Should().BeTrue();
        written.Should().Equal(expected);
        return 1;
    }

    /// <summary>One changed character in any value, or in the signature, makes a v2 message invalid.</summary>
    private static void FlipsWithEveryValue(Dictionary<string, string> message, string key, WeChatPaySignType type)
    {
        WeChatPaySigner.Verify(message, key, type).Should().BeTrue();
        var other = type == WeChatPaySignType.Md5 ? WeChatPaySignType.HmacSha256 : WeChatPaySignType.Md5;
        WeChatPaySigner.Verify(message, key, other).Should().BeFalse("only the configured method counts");
        foreach (var name in message.Keys.Where(name => message[name].Length > 0))
        {
            var changed = new Dictionary<string, string>(message) { [name] = (char)(message[name][0] ^ 1) + message[name][1..] };
            WeChatPaySigner.Verify(changed, key, type).Should().BeFalse("{0} was changed", name);
        }
    }

    /// <summary>One changed byte in the message, or one changed character of the signature, makes it invalid.</summary>
    private static void FlipsWithEveryByte(RSA key, byte[] message, string signature)
    {
        for (var i = 0; i < message.Length; i++)
        {
            var changed = message.ToArray();
            changed[i] ^= 1;
            WeChatPayV3Signer.Verify(key, changed, signature).Should().BeFalse("byte {0} was changed", i);
        }

        for (var i = 0; i < signature.TrimEnd('=').Length; i++)
        {
            var letter = signature[i] == 'A' ? 'B' : 'A';
            WeChatPayV3Signer.Verify(key, message, signature[..i] + letter + signature[(i + 1)..]).Should().BeFalse("character {0} was changed", i);
        }
    }

    private static WeChatPaySignType SignType(JsonElement test) =>
        test.Text("sign_type") == "MD5" ? WeChatPaySignType.Md5 : WeChatPaySignType.HmacSha256;

    private static RSA Key(string pem)
    {
        var key = RSA.Create();
        key.ImportFromPem(pem);
        return key;
    }

    private static int ForEachCase(string file, string list, Action<JsonElement> run)
    {
        var cases = Samples.Vector(file).GetProperty(list).EnumerateArray().ToList();
        cases.ForEach(run);
        return cases.Count;
    }
}
