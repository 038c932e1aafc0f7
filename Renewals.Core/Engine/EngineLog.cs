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

    [LoggerMessage(1005, LogLevel.Warning, "A callback at {Account} was not believed: {Why}; {Unsaid} more since the last line of this kind")]
    public static partial void CallbackRejected(ILogger logger, string account, string why, long unsaid);

    [LoggerMessage(1006, LogLevel.Error, "Sweeping {Account} failed; it is tried again")]
    public static partial void SweepFault(ILogger logger, Exception exception, string account);

    [LoggerMessage(1007, LogLevel.Warning, "Subscription {Subscription} is parked: {Reason}")]
    public static partial void Parked(ILogger logger, string subscription, string reason);

    [LoggerMessage(1008, LogLevel.Error, "The keys of agreement {Agreement} cannot be read from the vault; nothing is sent for it")]
    public static partial void KeysUnreadable(ILogger logger, Exception exception, string agreement);

    [LoggerMessage(1009, LogLevel.Warning, "This machine's clock is {Seconds:F1} s off the database's; the engine follows the database's")]
    public static partial void ClockOff(ILogger logger, double seconds);

    [LoggerMessage(1010, LogLevel.Error, "This machine's clock is {Seconds:F1} s off the database's: nothing is claimed until the two agree again")]
    public static partial void ClockTooFarOff(ILogger logger, double seconds);

    [LoggerMessage(1011, LogLevel.Warning, "The database's clock could not be read; its last known distance is kept")]
    public static partial void ClockUnread(ILogger logger, Exception exception);

    [LoggerMessage(1012, LogLevel.Error, "The adapter of {Account} failed on a callback; it counts as not verified")]
    public static partial void CallbackFault(ILogger logger, Exception exception, string account);

    [LoggerMessage(1013, LogLevel.Information, "A callback at {Account} was genuine and nothing for us: {About}")]
    public static partial void CallbackOfNoUse(ILogger logger, string account, string about);

    [LoggerMessage(1014, LogLevel.Error, "A callback at {Account} could not be kept")]
    public static partial void CallbackNotKept(ILogger logger, Exception exception, string account);

    [LoggerMessage(1015, LogLevel.Warning, "A callback at {Account} was genuine, and about no order or agreement of ours; {Unsaid} more since the last line of this kind")]
    public static partial void CallbackNotOurs(ILogger logger, string account, long unsaid);

    [LoggerMessage(1020, LogLevel.Information, "Statement of {Day} at {Account}: {Lines} lines agree with the ledger")]
    public static partial void Reconciled(ILogger logger, string account, string day, long lines);

    [LoggerMessage(1021, LogLevel.Error, "Statement of {Day} at {Account}: {Differences} differences in {Lines} lines; `reconcile` lists them")]
    public static partial void Differences(ILogger logger, string account, string day, long differences, long lines);

    [LoggerMessage(1022, LogLevel.Warning, "Statement of {Day} at {Account} was not to be had: {Why}")]
    public static partial void NoStatement(ILogger logger, string account, string day, string why);

    [LoggerMessage(1023, LogLevel.Error, "{Task} at {Account} failed; it is tried again")]
    public static partial void AuditFault(ILogger logger, Exception exception, string task, string account);

    [LoggerMessage(1024, LogLevel.Warning, "Agreement {Agreement} is no longer in force at {Account}: {Answer}")]
    public static partial void AgreementLapsed(ILogger logger, string agreement, string account, string answer);

    [LoggerMessage(1025, LogLevel.Warning, "Statements at {Account} up to {Day} are further back than is made up for and were not all read; `reconcile` reads them one by one")]
    public static partial void StatementsMissed(ILogger logger, string account, string day);

    [LoggerMessage(1026, LogLevel.Error, "What was kept long enough could not be erased; it is tried again")]
    public static partial void EraseFault(ILogger logger, Exception exception);

    [LoggerMessage(1027, LogLevel.Warning, "The rail does not make refund {Refund} at {Account} as things stand ({Why}): look at the merchant's balance and set-up; it is tried again under the same number at {At}")]
    public static partial void RefundRefused(ILogger logger, string refund, string account, string why, NodaTime.Instant? at);

    [LoggerMessage(1030, LogLevel.Critical, "Fuse {Stop} has blown ({Rule}): {Why}. Charging of {Scope} stops until a person resets it: `renewals fuse reset {Stop}`")]
    public static partial void FuseBlown(ILogger logger, long stop, string rule, string why, string scope);

    [LoggerMessage(1031, LogLevel.Warning, "Charging is stopped by {Fuses} fuses and {Holds} holds; `renewals fuse list` names them")]
    public static partial void ChargingStopped(ILogger logger, int fuses, int holds);

    [LoggerMessage(1032, LogLevel.Information, "No fuse is blown and nothing is held: charging goes on everywhere")]
    public static partial void ChargingGoesOn(ILogger logger);

    [LoggerMessage(1033, LogLevel.Warning, "Stop {Stop} of {Scope} was ended by {By}: {Why}")]
    public static partial void StopEnded(ILogger logger, long stop, string scope, string by, string why);

    [LoggerMessage(1034, LogLevel.Warning, "Charging of {Scope} is held as {Stop} by {By}: {Why}")]
    public static partial void Held(ILogger logger, long stop, string scope, string by, string why);

    [LoggerMessage(1035, LogLevel.Error, "Fuses and holds could not be read; they are read again")]
    public static partial void StopsUnread(ILogger logger, Exception exception);

    [LoggerMessage(1036, LogLevel.Critical, "Stop {Stop}: {Why}. Charging of {Scope} stops, what is in time goes on: look at `renewals catch-up --dry-run`, then raise the limit for this backlog with `renewals catch-up --account {Account} --limit`")]
    public static partial void LateMoneyStopped(ILogger logger, long stop, string why, string scope, string account);

    [LoggerMessage(1037, LogLevel.Warning, "Late charges of {Account} may come to {Limit} from now on, raised by {By}: {Why}")]
    public static partial void LateMoneyRaised(ILogger logger, string account, string limit, string by, string why);

    [LoggerMessage(1040, LogLevel.Critical, "The ledger is frozen since {Since}: {Why}. Nothing is charged, announced, signed or ended, the rails are only asked, until a person adopts it: `renewals adopt --reconcile`")]
    public static partial void Frozen(ILogger logger, NodaTime.Instant since, string why);

    [LoggerMessage(1041, LogLevel.Warning, "The ledger is adopted: it goes on")]
    public static partial void Adopted(ILogger logger);

    [LoggerMessage(1042, LogLevel.Information, "This host has not seen this ledger before: {Where}. That it was restored could not be noticed by what this host has seen")]
    public static partial void NoMark(ILogger logger, string where);

    [LoggerMessage(1043, LogLevel.Error, "How far this host has seen the ledger could not be kept; it is tried again")]
    public static partial void MarkUnkept(ILogger logger, Exception exception);

    [LoggerMessage(1044, LogLevel.Information, "The ledger serves {Account} from now on")]
    public static partial void AccountAdded(ILogger logger, string account);

    [LoggerMessage(1045, LogLevel.Information, "The ledger has served {Account}, which this host does not")]
    public static partial void AccountNotServed(ILogger logger, string account);

    [LoggerMessage(1046, LogLevel.Error, "Whether the ledger is the one it was could not be looked at; it is looked at again")]
    public static partial void LedgerUnseen(ILogger logger, Exception exception);
}
