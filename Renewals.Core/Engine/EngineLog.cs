using Microsoft.Extensions.Logging;

namespace Renewals.Core.Engine;

/// <summary>Everything the engine logs, with fixed event ids. No member, no rail key.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(1001, LogLevel.Error, "Subscription {Subscription} cannot be decided and is parked")]
    public static partial void Poisoned(ILogger logger, Exception exception, string subscription);

    [LoggerMessage(1002, LogLevel.Warning, "A commit at {Account} was refused; it is decided again")]
    public static partial void Conflict(ILogger logger, Exception exception, string account);

    [LoggerMessage(1003, LogLevel.Error, "The reply to a commit at {Account} was lost; nothing is sent, the ask duties will find out")]
    public static partial void CommitUnknown(ILogger logger, Exception exception, string account);

    [LoggerMessage(1004, LogLevel.Error, "A call for subscription {Subscription} failed in our own code; its outcome counts as unknown")]
    public static partial void ErrandFault(ILogger logger, Exception exception, string subscription);

    [LoggerMessage(1005, LogLevel.Warning, "A callback at {Account} was not believed: {Why}")]
    public static partial void CallbackRejected(ILogger logger, string account, string why);

    [LoggerMessage(1006, LogLevel.Error, "Sweeping {Account} failed; it is tried again")]
    public static partial void SweepFault(ILogger logger, Exception exception, string account);

    [LoggerMessage(1007, LogLevel.Warning, "Subscription {Subscription} is parked: {Reason}")]
    public static partial void Parked(ILogger logger, string subscription, string reason);
}
