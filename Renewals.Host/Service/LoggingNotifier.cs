using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Service;

/// <summary>The sandbox's notifier: a log line takes the place of a message. Not for members who are people.</summary>
internal sealed partial class LoggingNotifier(TimeProvider time, ILogger<LoggingNotifier> log) : INotifier
{
    public Task<NoticeResult> TellAsync(ChargeNotice notice, CancellationToken cancellation)
    {
        Told(notice.Subscription.ToString(), notice.Amount.ToString(), notice.MoneyFrom);
        return Task.FromResult<NoticeResult>(new NoticeResult.HandedOver(notice.NoticeId, Instant.FromDateTimeOffset(time.GetUtcNow())));
    }

    [LoggerMessage(2001, LogLevel.Information, "Sandbox notice to the member of {Subscription}: at most {Amount} from {From}")]
    private partial void Told(string subscription, string amount, Instant from);
}
