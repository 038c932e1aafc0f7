using System.Text;
using System.Text.Json;
using Renewals.Gateways.UnionPay;

namespace Renewals.Tests.Gateways.UnionPay;

public sealed partial class VectorTests
{
    private static int RunSensitive(string file)
    {
        using var platform = Samples.Key("certs/platform_enc_private.pem");
        var vector = Samples.Vector(file);
        UnionPayCertificates.CertId(UnionPayCertificates.TryParse(Samples.Text("certs/test_enc.cer"))!).Should().Be(vector.Text("encryptCertId"));
        UnionPayCipher.CustomerInfo([], Samples.Utf8, platform).Should().BeNull("an empty field is left out");
        return 1
            + ForEachCase(file, "customerInfoClear", test =>
            {
                var encoding = UnionPayWire.EncodingOf(test.Text("encoding"));
                var items = Items(test, "items");
                UnionPayCipher.CustomerInfo(items, encoding, key: null).Should().Be(test.Text("customerInfo"));
                encoding.GetString(Convert.FromBase64String(test.Text("customerInfo"))).Should().Be(test.Text("innerText"));
                UnionPayCipher.TryReadCustomerInfo(test.Text("customerInfo"), encoding, key: null).Should().Equal(Pairs(items));
            })
            + ForEachCase(file, "customerInfoEncrypted", test =>
            {
                var secret = UnionPayWire.TryReadGroup($"{{{test.Text("sensitiveText")}}}")!.Select(item => (item.Key, (string?)item.Value));
                (string, string?)[] items = [.. Items(test, "plainItems"), .. secret];
                UnionPayCipher.TryDecrypt(test.Text("sensitiveBytesBase64Encrypted"), platform, Samples.Utf8).Should().Be(test.Text("sensitiveText"));
                UnionPayCipher.TryReadCustomerInfo(test.Text("customerInfo"), Samples.Utf8, platform).Should().Equal(Pairs(items));
                UnionPayCipher.TryReadCustomerInfo(test.Text("customerInfo"), Samples.Utf8, key: null).Should().BeNull();

                // The cipher text differs each time; what is readable around it does not.
                var ours = Samples.Utf8.GetString(Convert.FromBase64String(UnionPayCipher.CustomerInfo(items, Samples.Utf8, platform)!));
                ours.Split("encryptedInfo=")[0].Should().Be(test.Text("innerText").Split("encryptedInfo=")[0]);
                UnionPayCipher.TryReadCustomerInfo(Convert.ToBase64String(Samples.Utf8.GetBytes(ours)), Samples.Utf8, platform).Should().Equal(Pairs(items));
            })
            + ForEachCase(file, "accNoRequest", test =>
            {
                UnionPayCipher.TryDecrypt(test.Text("cipherBase64"), platform, Samples.Utf8).Should().Be(test.Text("plain"));
                UnionPayCipher.TryDecrypt(UnionPayCipher.Encrypt(test.Text("plain"), platform, Samples.Utf8), platform, Samples.Utf8).Should().Be(test.Text("plain"));
            })
            + ForEachCase(file, "accNoResponse", test => Key("merchant_sign")
                .Use(key => UnionPayCipher.TryDecrypt(test.Text("cipherBase64"), key, Samples.Utf8)).Should().Be(test.Text("plain")))
            + ForEachCase(file, "pin", test =>
            {
                Convert.ToHexString(UnionPayCipher.PinBlock(test.Text("pin"), test.Text("accNo"))).Should().Be(test.Text("pinBlockHex"));
                Convert.ToHexString(UnionPayCipher.TryDecryptBytes(test.Text("cipherBase64"), platform)!).Should().Be(test.Text("pinBlockHex"));
                var ours = UnionPayCipher.EncryptPin(test.Text("pin"), test.Text("accNo"), platform);
                Convert.ToHexString(UnionPayCipher.TryDecryptBytes(ours, platform)!).Should().Be(test.Text("pinBlockHex"));
            })
            + ForEachCase(file, "rejects", test =>
                UnionPayCipher.TryReadCustomerInfo(test.Text("customerInfo"), Samples.Utf8, platform).Should().BeNull(test.Text("name")));
    }

    private static (string Name, string? Value)[] Items(JsonElement test, string name) =>
        [.. test.GetProperty(name).EnumerateArray().Select(item => (item[0].GetString()!, item[1].GetString()))];

    private static Dictionary<string, string> Pairs(IEnumerable<(string Name, string? Value)> items) =>
        items.ToDictionary(item => item.Name, item => item.Value!);
}
