using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.WeChatPay;

namespace Renewals.Host.Bench;

/// <summary>Sends the results of deductions (扣款结果通知) as the rail does: signed, at a steady rate, and again until each is received.</summary>
/// <remarks>
/// A callback is sent when its time has come, however many are still under way, and its answer is measured from that time: waiting for a free connection
/// or for a busy sender counts too.
/// </remarks>
internal sealed class CallbackLoad : IDisposable
{
    // A rail repeats for a day and longer; what was not received after so many tries in a row is told as lost here.
    private const int MostTries = 10;
    private const int Connections = 256;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly CallbackOptions options;
    private readonly Uri address;
    private readonly WeChatPaySandboxCredentials keys;
    private readonly double[] milliseconds;
    private readonly HttpClient client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, MaxConnectionsPerServer = Connections });
    private int received;
    private int repeated;

    public CallbackLoad(CallbackOptions options, Uri address, WeChatPaySandboxCredentials keys)
    {
        (this.options, this.address, this.keys) = (options, address, keys);
        milliseconds = new double[options.Count];
    }

    /// <summary>How many the listener said it had received.</summary>
    public int Received => received;

    /// <summary>How many tries were not answered with "received", and were made again.</summary>
    public int Repeated => repeated;

    /// <summary>From the first one's time to the last answer.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>The time within which this share of the callbacks was received, in milliseconds.</summary>
    public double Within(double share) => milliseconds.Order().ElementAt(Math.Min(milliseconds.Length - 1, (int)(share * milliseconds.Length)));

    /// <summary>Sends them all.</summary>
    public async Task RunAsync(IReadOnlyList<Requested> orders, CancellationToken cancellation)
    {
        var bodies = orders.Select(Body).ToList();
        var answers = new Task[orders.Count];
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < bodies.Count; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / options.Rate);
            if (due - watch.Elapsed is { Ticks: > 0 } wait)
                await Task.Delay(wait, cancellation);
            var (number, body) = (i, bodies[i]);
            answers[i] = options.LosesOne && i == 0 ? TakeForReceived() : Task.Run(() => DeliverAsync(number, body, due, watch, cancellation), cancellation);
        }

        await Task.WhenAll(answers);
        Elapsed = watch.Elapsed;
    }

    public void Dispose() => client.Dispose();

    private async Task DeliverAsync(int number, byte[] body, TimeSpan due, Stopwatch watch, CancellationToken cancellation)
    {
        for (var tries = 1; tries <= MostTries; tries++)
        {
            if (await SendAsync(body, cancellation))
            {
                milliseconds[number] = (watch.Elapsed - due).TotalMilliseconds;
                Interlocked.Increment(ref received);
                return;
            }

            Interlocked.Increment(ref repeated);
            await Task.Delay(BetweenTries, cancellation);
        }
    }

    private async Task<bool> SendAsync(byte[] body, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/xml") { CharSet = "utf-8" };
        try
        {
            using var answer = await client.PostAsync(address, content, cancellation);
            return answer.IsSuccessStatusCode && WeChatPayXml.TryRead(await answer.Content.ReadAsByteArrayAsync(cancellation), out var fields, out _)
                && fields.GetValueOrDefault("return_code") == "SUCCESS";
        }
        catch (HttpRequestException)
        {
            // Not received, as a rail sees it: it is counted and made again.
            return false;
        }
    }

    private Task TakeForReceived()
    {
        Interlocked.Increment(ref received);
        return Task.CompletedTask;
    }

    // The fields the sandbox sends of a deduction that was paid, by the sandbox's own signer.
    private byte[] Body(Requested order)
    {
        var (number, fen) = (order.Order.ToString(), order.Amount.MinorUnits.ToString());
        List<KeyValuePair<string, string>> fields =
        [
            new("return_code", "SUCCESS"), new("return_msg", "OK"), new("result_code", "SUCCESS"), new("trade_state", "SUCCESS"),
            new("appid", keys.AppId), new("mch_id", keys.MchId), new("nonce_str", RandomNumberGenerator.GetHexString(32, lowercase: true)),
            new("openid", $"o{order.Order.Charge.Subscription}"), new("is_subscribe", "N"), new("trade_type", "PAP"), new("bank_type", Wire.BankType),
            new("total_fee", fen), new("fee_type", "CNY"), new("cash_fee", fen), new("cash_fee_type", "CNY"), new("transaction_id", "42000" + number[..23]),
            new("out_trade_no", number), new("time_end", BeijingTime.Compact(order.At)), new("contract_id", $"R{order.Agreement}"),
        ];
        return Encoding.UTF8.GetBytes(WeChatPayXml.Write(WeChatPaySigner.Signed(fields, keys.ApiV2Key, WeChatPaySignType.Md5)));
    }
}
