using System.Text.Json;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.UnionPay;

namespace Renewals.Tests.Gateways.UnionPay;

public sealed partial class VectorTests
{
    // Differ each time; what they hold is compared.
    private static readonly string[] Ciphers = ["accNo", "customerInfo", "signature"];

    private static int RunRequests(string file) => ForEachCase(file, "cases", test =>
    {
        RunSigned(test);
        var expected = test.Map("fields");
        var (message, options) = Built(test.Text("name"), expected);
        var sealer = new UnionPaySealer(options);
        sealer.AddressOf(message).AbsoluteUri.Should().EndWith(test.Text("endpoint"));
        var ours = sealer.Seal(message);
        ours.Keys.Should().Equal(expected.Keys, test.Text("name"));
        ours.Where(field => !Ciphers.Contains(field.Key)).Should().Equal(expected.Where(field => !Ciphers.Contains(field.Key)));
        using var platform = Samples.Key("certs/platform_enc_private.pem");
        foreach (var cipher in new[] { ours, expected }.Select(fields => fields.GetValueOrDefault("accNo")).OfType<string>())
            UnionPayCipher.TryDecrypt(cipher, platform, Samples.Utf8).Should().Be(Samples.Card);
        if (expected.TryGetValue("customerInfo", out var info))
        {
            UnionPayCipher.TryReadCustomerInfo(ours["customerInfo"], Samples.Utf8, platform)
                .Should().BeEquivalentTo(UnionPayCipher.TryReadCustomerInfo(info, Samples.Utf8, platform));
        }
    });

    /// <summary>The message our own code builds for the vector's order, with the vector's names in the place of ours.</summary>
    private static (UnionPayMessage Message, UnionPayOptions Options) Built(string name, Dictionary<string, string> expected)
    {
        var options = Samples.Options(o =>
        {
            o.Generation = name.Contains("generation A") ? UnionPayGeneration.A : name.Contains("generation B") ? UnionPayGeneration.B : UnionPayGeneration.C;
            (o.ValidMonths, o.CollectionsPerUnit, o.RefundBizType, o.VoidSameDay) = (12, 1, "000501", true);
            o.FileAddress = new("https://filedownload.test.95516.com/");
        });
        var (messages, signing) = (new UnionPayMessages(options, new(options)), new UnionPaySigningMessages(options, new(options)));
        var at = UnionPayText.Time(expected["txnTime"])!.Value;
        var agreement = Samples.Signed with { RailAgreementId = expected.GetValueOrDefault("billNo") ?? expected.GetValueOrDefault("bindId", "any") };
        var order = Samples.Order with { Agreement = agreement, RequestedAt = at, Amount = Fen(expected) };
        var refund = Samples.Refund with { Amount = Fen(expected), RequestedAt = at };
        var request = Samples.Signing(Samples.Payer with { SmsCode = name.Contains("smsCode") ? "111111" : name.Contains("back") ? "" : null })
            with { StartedAt = at };
        var message = name.Split(',')[0] switch
        {
            "entrust establish" or "binding establish" => signing.Establish(request),
            "entrust remove" or "binding remove" => messages.Remove(agreement, at),
            "collection" => messages.Collect(order),
            "binding query" => messages.AskBinding(agreement, at),
            "status query" => UnionPayMessages.Query(expected["orderId"], at),
            "void" or "refund" => messages.GiveBack(refund),
            "reconciliation file" => UnionPayMessages.Statement(new(2026, 3, 5), at),
            "encryption certificate query" => messages.EncryptionCertificate(at),
            _ => throw new InvalidOperationException(name),
        };
        List<(string Name, string? Value)> fields = [.. message.Fields.Select(field => (field.Name, Value: field.Name switch
        {
            // One signing code stands for order number, user number and binding number; the vector has three.
            "billNo" or "bindId" => expected[field.Name],
            "reserved" => name.Contains("smsCode") ? new UnionPayTerms(null, UnionPayTermUnit.Unlimited, null).ToString() : field.Value,
            _ => field.Value,
        }))];
        if (expected.TryGetValue("reqReserved", out var reserved))
            fields.Add(("reqReserved", reserved));
        return (message with { OrderId = expected.GetValueOrDefault("orderId"), Fields = fields }, options);
    }

    private static Money Fen(Dictionary<string, string> fields) => UnionPayText.Fen(fields.GetValueOrDefault("txnAmt", "1"))!.Value;

    private static int RunResponses(string file)
    {
        var options = Samples.Options(o => o.ValidMonths = 0);
        var verifier = new UnionPayVerifier(options);
        return ForEachCase(file, "cases", test =>
        {
            test.GetProperty("signatureValid").GetBoolean().Should().BeTrue();
            UnionPayWire.TryReadAnswer(Samples.Utf8.GetBytes(test.Text("body")), Samples.Utf8, out var fields, out var why).Should().BeTrue(why);
            fields.Should().Equal(test.Map("fields"));
            UnionPaySigner.StringToSign(fields!).Should().Be(test.Text("signString"));
            UnionPaySigner.Digest(test.Text("signString"), "5.1.0", Samples.Utf8).Should().Be(test.Text("digestHex"));
            FlipsWithEveryValue(new(fields!), changed => verifier.WhyNot(changed, Judged) is null);
            StateOf(test.Text("name"), new(fields!), test.Text("body"), options).Should().Be(test.Text("engineState"), test.Text("name"));
        });
    }

    private static string StateOf(string name, UnionPayReply.Message reply, string body, UnionPayOptions options)
    {
        var identity = new UnionPayIdentity(reply.Text("orderId"), UnionPayText.Time(reply.Text("txnTime"))!.Value);
        if (name.StartsWith("collection", StringComparison.Ordinal))
            return StateOf(UnionPayVerdicts.JudgeCollection(reply, identity));
        if (name.StartsWith("query", StringComparison.Ordinal))
            return StateOf(UnionPayVerdicts.JudgeQuery(reply, identity));
        if (name.StartsWith("file", StringComparison.Ordinal))
            return StateOf(Download(body, identity.At));
        return name switch
        {
            "entrust back accepted" => UnionPayVerdicts.JudgeEstablishing(reply, identity, options).Equals(
                new SigningAnswer.Signed(new(identity.OrderId, null, identity.At, null))) ? "entrustActive" : "no",
            "entrust remove done" => UnionPayVerdicts.JudgeRemoval(reply, identity).Equals(
                new AgreementAnswer.Terminated(TerminationMode.Merchant, null)) ? "entrustRemoved" : "no",
            "encryption certificate update" => new UnionPayEncryption(Samples.Options(o => o.EncryptionCertificatePem = ""))
                .Take(reply.Text("encryptPubKeyCert"), Judged) is null ? "certificate" : "no",
            _ => throw new InvalidOperationException(name),
        };
    }

    private static StatementAnswer Download(string body, Instant at)
    {
        using var rail = new StubRail();
        rail.Time.SetUtcNow(at.ToDateTimeOffset());
        using var gateway = rail.SaysRaw(body).Gateway();
        return gateway.ReadStatementAsync(new(2026, 3, 5), default).GetAwaiter().GetResult();
    }

    private static string StateOf(StatementAnswer answer) => answer switch
    {
        StatementAnswer.Ready { Raw.Length: > 0 } => "file",
        StatementAnswer.NotReady => "noFile",
        _ => answer.ToString(),
    };

    private static int RunTerms(string file)
    {
        var months = ForEachCase(file, "validMonth", test =>
        {
            var expected = test.GetProperty("longTerm").GetBoolean() ? (int?)null : test.GetProperty("months").GetInt32();
            ReadBack($"{{validMonth={test.Text("value")}&frequency=030001}}").Months.Should().Be(expected);
        });
        var frequencies = ForEachCase(file, "frequency", test =>
        {
            var terms = ReadBack($"{{validMonth=012&frequency={test.Text("reservedFrequency")}}}");
            terms.Unit.ToString().Should().BeEquivalentTo(test.Text("unit"));
            terms.Most.Should().Be(test.GetProperty("maxSuccessesPerUnit") is { ValueKind: JsonValueKind.Number } most ? most.GetInt32() : null);
        });
        return months + frequencies + ForEachCase(file, "invalid", test => UnionPayTerms.TryRead(test.GetString()! switch
        {
            ['v', ..] month => $"{{{month}&frequency=030001}}",
            ['{', ..] alone => alone.Split(' ')[0],
            var frequency => $"{{validMonth=012&frequency={frequency}}}",
        }).Should().BeNull(test.GetString()));
    }

    private static UnionPayTerms ReadBack(string text)
    {
        var terms = UnionPayTerms.TryRead(text).Should().NotBeNull().And.Subject.Should().BeOfType<UnionPayTerms>().Subject;
        terms.ToString().Should().Be(text);
        return terms;
    }
}
