using System.Net;
using System.Net.Http.Headers;
using NodaTime;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>Puts notifications (异步通知) into the queue: forms, signed without <c>sign</c> and <c>sign_type</c>.</summary>
internal sealed class Messenger(AlipayState state, RailKeys keys)
{
    /// <summary>When the rail tries, as gaps before each try: eight deliveries within about 25 hours (4 min, 10 min, 10 min, 1 h, 2 h, 6 h, 15 h).</summary>
    public static IReadOnlyList<Duration> Plan { get; } =
    [
        Duration.Zero, Duration.FromMinutes(4), Duration.FromMinutes(10), Duration.FromMinutes(10), Duration.FromHours(1), Duration.FromHours(2),
        Duration.FromHours(6), Duration.FromHours(15),
    ];

    /// <summary>Plans a notification. Every delivery of it has the same <c>notify_id</c> and the same bytes.</summary>
    /// <param name="to">Where, in which order, when, and what becomes of it.</param>
    /// <param name="kind">Its <c>notify_type</c>.</param>
    /// <param name="fields">What it says; fields without a value are left out.</param>
    public void Tell(NotificationTo to, string kind, IEnumerable<KeyValuePair<string, string>> fields)
    {
        if (to.Fate.Lost)
            return;
        var first = to.At + to.Fate.Delay;
        var all = fields.Where(field => field.Value.Length > 0).ToDictionary(StringComparer.Ordinal);
        all["notify_type"] = kind;
        all["notify_id"] = AlipayState.DayOf(to.At) + "00222" + StableId.Digits(21, "notification", kind, to.Key);
        all["notify_time"] = AlipayWire.Time(first);
        (all["app_id"], all["auth_app_id"]) = (state.Credentials.AppId, state.Credentials.AppId);
        (all["charset"], all["version"]) = ("utf-8", "1.0");
        var text = AlipaySigner.Join(all);
        var good = Body(all, text);
        var delivered = to.Fate.Forged ? Body(all, $"{text}&forged=1") : good;
        for (var copy = 1; copy <= to.Fate.Copies; copy++)
        {
            var message = new OutgoingCallback(to.Address, (_, tries) => Request(tries == 0 ? delivered : good), IsAccepted, Plan);
            state.Queue.Add(new DueCallback(first + Plan[0], $"{to.Key}#{copy}", message, 0));
        }
    }

    private byte[] Body(Dictionary<string, string> fields, string signedText) => AlipayWire.Utf8.GetBytes(AlipayWire.Form(
        fields.Append(new(AlipaySigner.SignTypeField, AlipaySigner.SignType))
            .Append(new(AlipaySigner.SignField, keys.Sign(signedText, AlipayWire.Utf8))), AlipayWire.Utf8));

    private static HttpRequestMessage Request(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded") { CharSet = "utf-8" };
        return new HttpRequestMessage { Method = HttpMethod.Post, Content = content };
    }

    // Seven letters and nothing else: no quotes, no line end.
    private static bool IsAccepted(HttpStatusCode status, byte[] body) => status == HttpStatusCode.OK && body.AsSpan().SequenceEqual("success"u8);
}

/// <summary>Where a notification goes.</summary>
/// <param name="Address">The merchant's address.</param>
/// <param name="Key">Orders notifications due together, and names the event: the number, and what it tells.</param>
/// <param name="At">When it happened.</param>
/// <param name="Fate">What becomes of it.</param>
internal sealed record NotificationTo(Uri Address, string Key, Instant At, AlipayNotificationFate Fate);
