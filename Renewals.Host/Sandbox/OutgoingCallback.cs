using System.Net;
using NodaTime;

namespace Renewals.Host.Sandbox;

/// <summary>A message a rail repeats until the merchant takes it.</summary>
/// <param name="Address">The merchant's address.</param>
/// <param name="Write">Makes the request of a try, given the time of sending and how many tries went before.</param>
/// <param name="IsAccepted">Whether an answer counts as received, by the rail's own rule.</param>
/// <param name="Plan">When to try, as gaps before each try: the first gap is from the event itself.</param>
internal sealed record OutgoingCallback(
    Uri Address, Func<Instant, int, HttpRequestMessage> Write, Func<HttpStatusCode, byte[], bool> IsAccepted, IReadOnlyList<Duration> Plan);
