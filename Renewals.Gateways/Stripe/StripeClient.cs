using Renewals.Gateways.Resilience;
using Sdk = Stripe;

namespace Renewals.Gateways.Stripe;

/// <summary>Calls the rail through its own library, inside the pipeline, and judges nothing. Not the library's type of this name.</summary>
internal sealed class StripeClient
{
    private readonly Sdk.StripeClient library;
    private readonly RailPipeline pipeline;

    public StripeClient(StripeOptions options, Func<HttpClient> http, RailPipeline pipeline)
    {
        this.pipeline = pipeline;
        library = new(new Sdk.StripeClientOptions
        {
            ApiKey = options.SecretKey,
            ApiBase = options.BaseAddress.GetLeftPart(UriPartial.Authority),
            HttpClient = new StripeTransport(http),
        });
    }

    /// <summary>Makes one call.</summary>
    /// <param name="call">Whether a lost try may be repeated. A repeat is the same request: the library writes the same bytes of the same parameters.</param>
    /// <param name="send">The library's method; what it throws is read here.</param>
    /// <param name="cancellation">Stops the call.</param>
    public async Task<StripeReply<T>> CallAsync<T>(RailCall call, Func<Sdk.V1Services, CancellationToken, Task<T>> send, CancellationToken cancellation) =>
        await pipeline.RunAsync(call, token => TryAsync(send, token), cancellation) switch
        {
            RailReply<StripeReply<T>>.Answered { Value: StripeReply<T>.Error error } answered => error with { Repeated = answered.Repeated },
            RailReply<StripeReply<T>>.Answered answered => answered.Value,
            RailReply<StripeReply<T>>.Lost lost => new StripeReply<T>.Unclear(lost.Why),
            RailReply<StripeReply<T>>.NotSent notSent => new StripeReply<T>.NotSent(notSent.Why),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private async Task<StripeReply<T>> TryAsync<T>(Func<Sdk.V1Services, CancellationToken, Task<T>> send, CancellationToken cancellation)
    {
        try
        {
            return await send(library.V1, cancellation) is { } value
                ? new StripeReply<T>.Answer(value)
                : new StripeReply<T>.Unclear("the answer is empty");
        }
        catch (Sdk.StripeException fault) when (fault.StripeError is { } error)
        {
            return new StripeReply<T>.Error((int)fault.HttpStatusCode, error, Repeated: false);
        }
        catch (Sdk.StripeException fault)
        {
            return new StripeReply<T>.Unclear($"HTTP {(int)fault.HttpStatusCode} without a readable answer");
        }
        catch (Exception fault) when (fault is not (OperationCanceledException or HttpRequestException or IOException or OutOfMemoryException))
        {
            // The library throws many types for JSON it did not expect. Whatever it is, an answer came and says nothing.
            return new StripeReply<T>.Unclear($"the answer cannot be read: {fault.GetType().Name}");
        }
    }
}
