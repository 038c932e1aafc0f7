using System.Text.Json;
using Renewals.Gateways.Alipay;

namespace Renewals.Tests.Gateways.Alipay;

public sealed partial class VectorTests
{
    private static int RunCertificates(string file)
    {
        var vector = Samples.Vector(file);
        var app = AlipayCertificate.TryReadAll(vector.Text("app_cert_pem"))!;
        var rail = AlipayCertificate.TryReadAll(vector.Text("alipay_cert_pem"))!;
        var roots = AlipayCertificate.TryReadAll(vector.Text("alipay_root_cert_pem"))!;
        Agrees(app[0], vector.GetProperty("app_cert"));
        Agrees(rail[0], vector.GetProperty("alipay_cert"));
        foreach (var (root, expected) in roots.Zip(vector.GetProperty("root_chain").EnumerateArray()))
        {
            Agrees(root, expected);
            root.IsSignedWithRsa.Should().Be(expected.GetProperty("included").GetBoolean());
        }

        AlipayCertificate.RootSerial(roots).Should().Be(vector.Text("alipay_root_cert_sn"));
        (app[0].Serial, rail[0].Serial).Should().Be((vector.Text("app_cert_sn"), vector.Text("alipay_cert_sn")));
        return 2 + roots.Count + RunKnownRoots(vector.GetProperty("public_known_value")) + 1 + RunCertificateMode(vector);
    }

    private static void Agrees(AlipayCertificate certificate, JsonElement expected)
    {
        certificate.Issuer.Should().Be(expected.Text("issuer_text"));
        certificate.Number.Should().Be(expected.Text("serial_decimal"));
        certificate.SignatureAlgorithm.Should().Be(expected.Text("signature_algorithm_oid"));
        certificate.Serial.Should().Be(expected.Text("sn"));
    }

    /// <summary>The production roots as published, by issuer and number: their files are not in the vectors.</summary>
    private static int RunKnownRoots(JsonElement known)
    {
        var roots = known.GetProperty("chain").EnumerateArray()
            .Select(root => new AlipayCertificate(default, root.Text("issuer_text"), root.Text("serial_decimal"), root.Text("oid"))).ToList();
        foreach (var (root, expected) in roots.Zip(known.GetProperty("chain").EnumerateArray()))
        {
            root.IsSignedWithRsa.Should().Be(expected.GetProperty("included").GetBoolean());
            if (root.IsSignedWithRsa)
                root.Serial.Should().Be(expected.Text("sn"));
        }

        AlipayCertificate.RootSerial(roots).Should().Be(known.Text("alipay_root_cert_sn"));
        return roots.Count;
    }

    private static int RunCertificateMode(JsonElement vector)
    {
        var request = vector.GetProperty("request");
        var fields = request.Map("params");
        var sealer = new AlipaySealer(Samples.Options(Samples.WithCertificates));
        var message = new AlipayMessage(fields["method"], fields["biz_content"]);
        var @sealed = sealer.Seal(message, AlipayWire.TryTime(fields["timestamp"])!.Value);
        AlipaySigner.StringToSign(@sealed).Should().Be(request.Text("string_to_sign"));
        fields["sign"] = request.Text("sign");
        @sealed.Should().Equal(fields);

        var (response, at) = (vector.GetProperty("response"), AlipayWire.TryTime("2025-06-01 10:00:11")!.Value);
        var keys = AlipayPlatformKeys.Of(Samples.Options(Samples.WithCertificates));
        var body = response.Text("body");
        AlipayReply Read(string text) => AlipayReader.Read(AlipayWire.Utf8.GetBytes(text), fields["method"], keys, null, at);
        AlipayEnvelope.TryRead(body, fields["method"])!.Content.Should().Be(response.Text("raw_content"));
        Read(body).Should().BeOfType<AlipayReply.Message>();
        Read(body.Replace("NORMAL", "NORMAM")).Should().BeOfType<AlipayReply.Unclear>();
        Read(body.Replace(vector.Text("alipay_cert_sn"), vector.Text("app_cert_sn"))).Should().BeOfType<AlipayReply.Unclear>();
        keys.TakeMissed().Should().Be(vector.Text("app_cert_sn"), "it was named and is not held");
        return 2;
    }

    private static int RunV3(string file)
    {
        var vector = Samples.Vector(file);
        return ForEach(vector.GetProperty("requests"), test =>
        {
            var headers = test.Map("headers");
            var auth = test.Text("auth_string");
            var parts = auth.Split(',').Select(part => part.Split('=')).ToDictionary(part => part[0], part => part[1]);
            AlipayV3Signer.AuthString(parts["app_id"], parts.GetValueOrDefault("app_cert_sn"), parts["nonce"], long.Parse(parts["timestamp"]))
                .Should().Be(auth);
            var text = AlipayV3Signer.RequestText(
                auth, test.Text("method"), test.Text("request_uri"), test.Text("body"), headers.GetValueOrDefault("alipay-app-auth-token"));
            text.Should().Be(test.Text("string_to_sign"), test.Text("id"));
            AlipayV3Signer.Authorize(auth, Samples.AppKey, text).Should().Be(headers["Authorization"]);
            FailsWithEveryChange(Samples.AppPublicKey, text, test.Text("sign"), AlipayWire.Utf8);
            if (test.TryGetProperty("plain_body", out var plain))
                AlipayCipher.TryDecrypt(Samples.Vector("keys.json").Text("aes_key_base64"), test.Text("body"), AlipayWire.Utf8)
                    .Should().Be(plain.GetString());
        }) + ForEach(vector.GetProperty("responses"), test =>
        {
            var (headers, body) = (test.Map("headers"), test.Text("body"));
            var (timestamp, nonce, signature) = (headers["alipay-timestamp"], headers["alipay-nonce"], headers.GetValueOrDefault("alipay-signature"));
            AlipayV3Signer.ResponseText(timestamp, nonce, body).Should().Be(test.Text("string_to_verify"));
            var key = AlipayKey.TryPublic(Samples.Key("alipay", "public_spki_base64"))!;
            AlipayV3Signer.Verify(key, timestamp, nonce, body, signature).Should().Be(test.Text("expect") == "valid", test.Text("id"));
            (signature is null).Should().Be(test.Text("expect") == "unsigned_error");
            if (test.Text("expect") == "valid")
                FailsWithEveryChange(key, test.Text("string_to_verify"), signature!, AlipayWire.Utf8);
        });
    }
}
