using System.Net;
using System.Text;

namespace Renewals.Gateways.Conformance;

/// <summary>The line between an adapter that speaks HTTP and its rail: it can be broken, and counts what left.</summary>
/// <remarks>
/// Put it around the adapter's real message handler; requests go to the real rail or sandbox. It knows what a call is about by looking
/// for the order number in address, headers and body, where every rail writes it in the clear. Safe to use from many threads.
/// </remarks>
/// <param name="isMoneyCall">
/// Whether a request takes money or gives it back; a question does not. It is given the request, and its address, headers and body as text.
/// </param>
public sealed class ConformanceWire(Func<HttpRequestMessage, string, bool> isMoneyCall) : DelegatingHandler
{
    private const string StrangersPage = "<html><body>The page you are looking for is temporarily unavailable.</body></html>";

    private readonly Lock gate = new();
    private readonly List<(string Text, string Order)> moneyCalls = [];
    private (WireFault Fault, string About)? broken;
    private int played;

    /// <summary>How often a fault took effect.</summary>
    public int FaultsPlayed => Volatile.Read(ref played);

    /// <summary>Breaks the line until <see cref="Mend"/>.</summary>
    /// <param name="fault">How.</param>
    /// <param name="about">Only calls that hold this text; empty: all.</param>
    public void Break(WireFault fault, string about)
    {
        lock (gate)
        {
            broken = (fault, about);
        }
    }

    /// <summary>The line is whole again.</summary>
    public void Mend()
    {
        lock (gate)
        {
            broken = null;
        }
    }

    /// <summary>The requests for money that hold this text and have left, lost ones included: address and body of each, oldest first.</summary>
    public IReadOnlyList<string> MoneyCalls(string about)
    {
        lock (gate)
        {
            return [.. moneyCalls.Where(call => call.Text.Contains(about, StringComparison.Ordinal)).Select(call => call.Order)];
        }
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = await BodyOfAsync(request, cancellationToken);
        var text = $"{request.RequestUri}\n{request.Headers}{body}";
        var fault = Take(text, isMoneyCall(request, text) ? $"{request.RequestUri}\n{body}" : null);
        if (fault == WireFault.RequestLost)
            throw Played();
        var response = await base.SendAsync(request, cancellationToken);
        if (fault is null)
            return response;

        // Counted only now: whoever waits for the fault to be played may be sure that the rail has executed the request.
        await response.Content.ReadAsByteArrayAsync(cancellationToken);
        response.Dispose();
        var ended = Played();
        if (fault == WireFault.AnswerSlow)
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        return fault == WireFault.AnswerBroken
            ? new(HttpStatusCode.OK) { RequestMessage = request, Content = new StringContent(StrangersPage, Encoding.UTF8, "text/html") }
            : throw ended;
    }

    private HttpRequestException Played()
    {
        Interlocked.Increment(ref played);
        return new(HttpRequestError.ResponseEnded, "the connection ended without an answer");
    }

    private static async Task<string> BodyOfAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        if (request.Content is null)
            return "";

        // Buffered, so that it can be read here and still be sent.
        await request.Content.LoadIntoBufferAsync(cancellation);
        return Encoding.Latin1.GetString(await request.Content.ReadAsByteArrayAsync(cancellation));
    }

    private WireFault? Take(string text, string? moneyOrder)
    {
        lock (gate)
        {
            if (moneyOrder is not null)
                moneyCalls.Add((text, moneyOrder));
            return broken is var (fault, about) && text.Contains(about, StringComparison.Ordinal) ? fault : null;
        }
    }
}
