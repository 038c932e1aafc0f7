using Renewals.Core.Agreements;

namespace Renewals.Core.Subscriptions;

/// <remarks>
/// What a person may ask for beyond signing and cancelling. Each wish has a reason against it, in words, or it is granted; a wish that is granted already
/// gives nothing and has no reason against it.
/// </remarks>
public static partial class Decide
{
    /// <summary>Why a wish is not granted, for whoever asked; null: it is, or was already.</summary>
    /// <param name="s">The membership.</param>
    /// <param name="command">The wish.</param>
    /// <param name="context">When, at which rail, within which bounds.</param>
    /// <exception cref="InvalidOperationException">The command is no wish of a person's.</exception>
    public static string? WhyNot(Subscription s, SubscriptionCommand command, DecisionContext context) => command switch
    {
        _ when context.Frozen => "The ledger is frozen until it is adopted; nothing is changed meanwhile.",
        SubscriptionCommand.ChangeTerms x => WhyNotChange(s, x, context),
        SubscriptionCommand.WithdrawChange x => WhyNotWithdraw(s, x),
        SubscriptionCommand.MoveBillingDay x => WhyNotMove(s, x, context),
        SubscriptionCommand.PauseRenewal x => WhyNotPause(s, x, context),
        SubscriptionCommand.Resume => WhyNotResume(s, context),
        SubscriptionCommand.OfferPrice x => WhyNotOffer(s, x, context),
        SubscriptionCommand.AnswerPrice x => WhyNotAnswer(s, x),
        SubscriptionCommand.WithdrawOffer x => WhyNotWithdrawOffer(s, x),
        SubscriptionCommand.GrantRefund x => WhyNotSameRefund(s, x) ?? WhyNotRefund(s, x),
        SubscriptionCommand.RecordPaidOutside x => WhyNotPaidOutside(s, x),
        SubscriptionCommand.OpenDispute x => WhyNotDispute(s, x),
        SubscriptionCommand.SettleDispute x => WhyNotSettle(s, x),
        SubscriptionCommand.UndoCancel => WhyNotUndo(s, context),
        SubscriptionCommand.AddBackup x => WhyNotAdd(s, x, context),
        SubscriptionCommand.RetireBackup x => WhyNotRetire(s, x),
        SubscriptionCommand.SwitchAgreement x => WhyNotSwitch(s, x),
        SubscriptionCommand.Cancel => null,
        _ => throw new InvalidOperationException($"No decision for {command.GetType().Name}."),
    };

    private static IReadOnlyList<SubscriptionEvent> OnWish(Subscription s, SubscriptionCommand command, DecisionContext context) => command switch
    {
        SubscriptionCommand.ChangeTerms x => ChangeTerms(s, x, context),
        SubscriptionCommand.WithdrawChange x => s.Change?.Name == x.Name ? [new ChangeWithdrawn(x.Name, x.By, x.Why, context.Now)] : Nothing,
        SubscriptionCommand.MoveBillingDay x => MoveBillingDay(s, x, context),
        SubscriptionCommand.PauseRenewal x => Pause(s, x, context),
        SubscriptionCommand.Resume x => Resume(s, x, context),
        SubscriptionCommand.OfferPrice x => OfferPrice(s, x, context),
        SubscriptionCommand.AnswerPrice x => AnswerPrice(s, x, context),
        SubscriptionCommand.WithdrawOffer x => WithdrawOffer(s, x, context),
        SubscriptionCommand.GrantRefund x => GrantRefund(s, x, context),
        SubscriptionCommand.RecordPaidOutside x => PayOutside(s, x, context),
        SubscriptionCommand.OpenDispute x => OpenDispute(s, x, context),
        SubscriptionCommand.SettleDispute x => SettleDispute(s, x, context),
        SubscriptionCommand.UndoCancel x => UndoCancel(s, x, context),
        SubscriptionCommand.AddBackup x => AddBackup(s, x, context),
        SubscriptionCommand.RetireBackup x => RetireBackup(s, x, context),
        SubscriptionCommand.SwitchAgreement x => SwitchAgreement(s, x, context),
        _ => throw new InvalidOperationException($"No decision for {command.GetType().Name}."),
    };

    private static string? NotRenewing(Subscription s) => s switch
    {
        { Status: SubscriptionStatus.Signing } => "The member has not signed yet.",
        { Status: not SubscriptionStatus.Active } => "Renewal was stopped.",
        { Terms.Renews: false } => "The membership is of one period and does not renew.",
        { Agreement.Status: not (AgreementStatus.Active or AgreementStatus.Suspended) } => "The agreement is not in force.",
        _ => null,
    };

    // While an order may take money, or a declined one is tried again, the charge in hand stays as it is.
    private static string? ChargeUnderWay(Subscription s) => s is { InFlight: true } or { LastAttempt: not null }
        ? $"The charge of period {s.NextCharge.Ordinal} is under way; ask again when it is settled."
        : null;

    /// <summary>The first period that is neither paid nor passed over, nor announced, nor tried.</summary>
    private static int FirstOpenPeriod(Subscription s)
    {
        var next = s.NextCharge.Ordinal;
        return s.Notice is not null || s.LastAttempt is not null ? next + 1 : next;
    }
}
