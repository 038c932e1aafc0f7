using System.Text;
using System.Text.Json;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Gateways.UnionPay;
using Renewals.Host.Sandbox.UnionPay;

namespace Renewals.Tests.Gateways.UnionPay;

public sealed partial class VectorTests
{
    private static readonly UnionPayIdentity Asked = new("COL20260305101530001", Samples.Now);

    private static int RunNotifications(string file)
    {
        var schedule = Samples.Vector(file).GetProperty("schedule");
        var delivered = schedule.GetProperty("successStatus").EnumerateArray().Select(status => status.GetInt32()).ToList();
        delivered.Should().Contain(UnionPayCallbacks.ReplyTo(true, "").Status).And.NotContain(UnionPayCallbacks.ReplyTo(false, "busy").Status);
        return 1 + ForEachCase(file, "positive", RunNotification) + ForEachCase(file, "negative", test =>
        {
            var (body, ours) = (test.Text("body"), Samples.Options());
            if (test.Text("expected").StartsWith("valid", StringComparison.Ordinal))
                Read(ours, body).Should().BeOfType<CallbackReading.OfCharge>(test.Text("name"));
            else
                Read(ours, body).Should().BeOfType<CallbackReading.Rejected>(test.Text("name"));
            if (body.EndsWith("&tenant=7", StringComparison.Ordinal))
                Read(ours, body[..^"&tenant=7".Length]).Should().BeOfType<CallbackReading.OfCharge>("the address's own query was the fault");
            Read(Samples.Options(o => Samples.WithSecureKey(o, UnionPaySignMethod.Sha256)), body).Should().BeOfType<CallbackReading.Rejected>("no message chooses its method");
        });
    }

    private static void RunNotification(JsonElement test)
    {
        var fields = test.Map("fields");
        var options = Samples.Options(o =>
        {
            (o.Version, o.Encoding, o.ValidMonths) = (fields["version"], fields["encoding"], 0);
            o.StrictOwner = !test.Text("expected").Contains("strict CN is off");
            if (fields["version"] == UnionPaySigner.Version500)
                o.PlatformCertificatesPem.Add(Samples.Text("certs/platform_sign_test_cn.cer"));
            if (test.TryGetProperty("secureKey", out var key))
                (o.SignMethod, o.SecureKey) = (UnionPaySignMethod.Sha256, key.GetString()!);
        });
        var encoding = UnionPayWire.EncodingOf(options.Encoding);
        UnionPayWire.TryReadForm(Encoding.ASCII.GetBytes(test.Text("body")), encoding, out var read, out var why).Should().BeTrue(why);
        read.Should().Equal(fields);
        UnionPaySigner.StringToSign(fields).Should().Be(test.Text("signString"));
        if (options.SignMethod == UnionPaySignMethod.Rsa)
            UnionPaySigner.Digest(test.Text("signString"), options.Version, encoding).Should().Be(test.Text("digestHex"));
        else
            fields["signature"].Should().Be(test.Text("digestHex"));
        FlipsWithEveryValue(fields, changed =>
            Read(options, Encoding.ASCII.GetString(UnionPayWire.WriteForm(changed, encoding))) is not CallbackReading.Rejected);
        if (!options.StrictOwner)
            Read(Samples.Options(), test.Text("body")).Should().BeOfType<CallbackReading.Rejected>("in production the owner must be the platform");
        Check(Read(options, test.Text("body")), fields, test.Text("name"));
        if (fields.TryGetValue("accNo", out var card))
            Key("merchant_sign").Use(key => UnionPayCipher.TryDecrypt(card, key, encoding)).Should().Be(Samples.Card);
    }

    private static void Check(CallbackReading reading, Dictionary<string, string> fields, string name)
    {
        var (order, at) = (fields["orderId"], UnionPayText.Time(fields["txnTime"])!.Value);
        if (fields["txnType"] == "72")
            reading.Should().Be(new CallbackReading.OfAgreement(order, new AgreementAnswer.Active(fields["billNo"], null, at, null)), name);
        else if (fields["txnType"] == "04")
            reading.Should().BeOfType<CallbackReading.OfRefund>().Which.Answer.Should().BeOfType<RefundAnswer.Pending>("the query decides");
        else if (fields["respCode"] == "00")
            reading.Should().Be(new CallbackReading.OfCharge(order, new(
                new ChargeOutcome.Succeeded(UnionPayText.Fen(fields["txnAmt"])!.Value, fields["queryId"], at), Evidence.Hint)), name);
        else
            reading.Should().Be(new CallbackReading.OfCharge(order, new(
                new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, fields["respCode"]), Evidence.Hint)), name);
    }

    private static CallbackReading Read(UnionPayOptions options, string body) => new UnionPayCallbacks(options, new(options)).Read(
        new Callback(new Dictionary<string, string>(), Encoding.ASCII.GetBytes(body)), Judged);

    private static int RunOutcomes(string file) =>
        ForEachCase(file, "syncCollection", test =>
        {
            var answer = UnionPayVerdicts.JudgeCollection(Reply("11", test.Text("input"), null), Asked);
            StateOf(answer).Should().Be(test.Text("state"), test.Text("input"));
            answer.Should().Match<ChargeAnswer>(a => a.Evidence == Evidence.Hint || a.Outcome is ChargeOutcome.Pending || a.Outcome is ChargeOutcome.Refused);
        })
        + ForEachCase(file, "query", test =>
        {
            var answer = UnionPayVerdicts.JudgeQuery(Reply("11", test.Text("respCode"), test.GetProperty("origRespCode").GetString()), Asked);
            StateOf(answer).Replace("pending", "unchanged").Should().Be(test.Text("state"), test.ToString());
            if (answer.Outcome is ChargeOutcome.Succeeded or ChargeOutcome.Declined)
                answer.Evidence.Should().Be(Evidence.Conclusive);
        })
        + ForEachCase(file, "entrustBack", test => (UnionPayVerdicts.JudgeEstablishing(Reply("72", test.Text("input"), null), Asked, Samples.Options()) switch
        {
            SigningAnswer.Signed => "active",
            SigningAnswer.Refused => "rejected",
            SigningAnswer.Unknown => "unknown",
            var other => other.ToString(),
        }).Should().Be(test.Text("state"), test.Text("input")))
        + RunSchedules(Samples.Vector(file).GetProperty("schedules"));

    // The rail's schedules for asking are an advice to be no denser and no shorter than; its gaps between notifications are what the sandbox plays.
    private static int RunSchedules(JsonElement schedules)
    {
        List<int> Of(string name) => [.. schedules.GetProperty(name).EnumerateArray().Select(number => number.GetInt32())];
        Messenger.Gaps.Select(gap => (int)gap.TotalMinutes).Should().Equal(Of("notificationGapsMinutes"));
        var ours = Enumerable.Range(0, DecisionLimits.Default.MaxAsks).Select(DecisionLimits.AskDelay).ToList();
        var (dense, sparse) = (Of("queryAfterBackMoneySeconds"), Of("queryFrontOrPendingMinutes"));
        ours.Should().BeInAscendingOrder().And.OnlyContain(wait => wait > Duration.FromSeconds(dense.Sum()), "the first minute is the answer's and the callback's");
        ours.Should().HaveCountGreaterThan(sparse.Count, "the engine asks on when the rail's own list is at its end");
        ours[^1].Should().BeGreaterThan(Duration.FromMinutes(sparse[^1]), "what is still open waits for the file of the clearing day");
        return schedules.EnumerateObject().Count(property => property.Name != "note");
    }

    private static UnionPayReply Reply(string type, string code, string? original) => code == "none"
        ? new UnionPayReply.Unclear("no answer")
        : new UnionPayReply.Message(Samples.Ours(
        [
            ("txnType", type), ("orderId", Asked.OrderId), ("txnTime", UnionPayText.Time(Asked.At)), ("respCode", code), ("origRespCode", original),
            .. Samples.PaymentData,
        ]));

    private static string StateOf(ChargeAnswer answer) => answer.Outcome switch
    {
        ChargeOutcome.Succeeded => "succeeded",
        ChargeOutcome.Declined or ChargeOutcome.Refused => "failed",
        ChargeOutcome.Pending or ChargeOutcome.Unknown or ChargeOutcome.Missing => "pending",
        var other => other.ToString(),
    };
}
