using System.Net;
using System.Net.Http.Headers;
using System.Text;
using NodaTime;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Writes signed messages: answers as plain text, notifications and the way back of a page as forms.</summary>
internal sealed class Messenger(UnionPayState state, PlatformKeys keys)
{
    /// <summary>The rail's gaps between the five sends of a notification.</summary>
    internal static readonly IReadOnlyList<Duration> Gaps = [Duration.Zero, Duration.FromMinutes(1), Duration.FromMinutes(2), Duration.FromMinutes(4)];

    private static readonly IReadOnlyList<Duration> Plan = [Duration.Zero, .. Gaps];

    /// <summary>The text of an answer: not percent-encoded, fields in an order of their own.</summary>
    public byte[] AnswerText(IReadOnlyDictionary<string, string> fields, NotificationDamage damage) =>
        GatewayRequest.EncodingOf(fields.GetValueOrDefault("encoding"))
            .GetBytes(string.Join('&', keys.Sign(fields, damage).Select(field => $"{field.Key}={field.Value}")));

    /// <summary>The signed fields a page brings back to the merchant's.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> SignedFields(IReadOnlyDictionary<string, string> fields) =>
        keys.Sign(fields, NotificationDamage.None);

    /// <summary>Puts the notification of a transaction into the queue, in as many copies as its fate says.</summary>
    public void Notify(Transaction about, NotificationFate fate)
    {
        if (fate.Lost || Callback(about, fate.Damage) is not { } message)
            return;
        for (var copy = 1; copy <= fate.Copies; copy++)
            state.Queue.Add(new DueCallback(about.EndedAt + fate.Delay, $"{about.OrderId}#{copy}", message, 0));
    }

    /// <summary>A notification; null when the merchant gave no address.</summary>
    public OutgoingCallback? Callback(Transaction about, NotificationDamage damage)
    {
        if (about.Call.Url("backUrl") is not { } address)
            return null;
        var fields = MessageFields.Notification(about, state, keys);
        var good = Form(fields, NotificationDamage.None);
        var first = damage == NotificationDamage.None ? good : Form(fields, damage);
        return new OutgoingCallback(
            address, (_, tries) => Request(tries == 0 ? first : good, fields["encoding"]),
            (status, _) => status is HttpStatusCode.OK or HttpStatusCode.Found, Plan);
    }

    /// <summary>Repeats a callback that was sent once and not taken.</summary>
    public void Repeat(OutgoingCallback message, string key) =>
        state.Queue.Add(new DueCallback(state.Now + message.Plan[1], key, message, 1));

    private byte[] Form(Dictionary<string, string> fields, NotificationDamage damage)
    {
        var encoding = GatewayRequest.EncodingOf(fields["encoding"]);
        return Encoding.ASCII.GetBytes(string.Join(
            '&', keys.Sign(fields, damage).Select(field => $"{field.Key}={Encode(field.Value, encoding)}")));
    }

    private static string Encode(string value, Encoding encoding)
    {
        var bytes = encoding.GetBytes(value);
        return Encoding.ASCII.GetString(WebUtility.UrlEncodeToBytes(bytes, 0, bytes.Length));
    }

    private static HttpRequestMessage Request(byte[] body, string charset)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded") { CharSet = charset };
        return new HttpRequestMessage { Method = HttpMethod.Post, Content = content };
    }
}
