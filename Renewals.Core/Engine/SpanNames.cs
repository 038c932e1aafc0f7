namespace Renewals.Core.Engine;

/// <summary>The names of the engine's spans, a contract with whoever draws or alarms on them. A test holds docs/operations.md to them.</summary>
internal static class SpanNames
{
    /// <summary>One batch, from the claim to the last answer recorded.</summary>
    public const string Sweep = "renewals.sweep";

    /// <summary>An order or refund is decided and appended.</summary>
    public const string Decide = "renewals.decide";

    /// <summary>A member signs and pays, at the rail.</summary>
    public const string Sign = "renewals.sign";

    /// <summary>An order is sent.</summary>
    public const string Charge = "renewals.charge";

    /// <summary>A rail is asked what became of an order.</summary>
    public const string Query = "renewals.query";

    /// <summary>An order is stopped.</summary>
    public const string Stop = "renewals.stop";

    /// <summary>A refund is sent.</summary>
    public const string Refund = "renewals.refund";

    /// <summary>A rail is asked what became of a refund.</summary>
    public const string RefundQuery = "renewals.refund-query";

    /// <summary>A notice is handed over to the notifier.</summary>
    public const string Notice = "renewals.notice";

    /// <summary>A rail's own notice is sent.</summary>
    public const string RailNotice = "renewals.rail-notice";

    /// <summary>A rail is asked about an agreement.</summary>
    public const string AgreementQuery = "renewals.agreement-query";

    /// <summary>An agreement is ended at its rail.</summary>
    public const string Terminate = "renewals.terminate";

    /// <summary>The rail's own charge date is moved.</summary>
    public const string MoveDate = "renewals.move-date";

    /// <summary>Statements that were read are asked for payments of another system.</summary>
    public const string StatementQuery = "renewals.statement-query";

    /// <summary>A callback of a rail is taken.</summary>
    public const string Callback = "renewals.callback";

    /// <summary>A rail's statement of a day is read and compared.</summary>
    public const string Reconcile = "renewals.reconcile";

    /// <summary>What became known of an order, a refund or a notice is decided and appended.</summary>
    public const string Outcome = "renewals.outcome";
}

/// <summary>The names of the tags of the engine's spans. A test holds docs/operations.md to them. None names a member, a rail's agreement or a secret.</summary>
internal static class SpanTags
{
    /// <summary>The payment network.</summary>
    public const string Rail = "renewals.rail";

    /// <summary>The merchant account.</summary>
    public const string Account = "renewals.account";

    /// <summary>The order's number; of a refund, that of the order it gives back.</summary>
    public const string Order = "renewals.order";

    /// <summary>The refund's number.</summary>
    public const string Refund = "renewals.refund";

    /// <summary>Why money is taken.</summary>
    public const string Kind = "renewals.kind";

    /// <summary>Number within the kind.</summary>
    public const string Ordinal = "renewals.ordinal";

    /// <summary>Which order for the charge it is.</summary>
    public const string Attempt = "renewals.attempt";

    /// <summary>The alarm: since when it was due, in UTC.</summary>
    public const string Due = "renewals.due";

    /// <summary>Seconds from the alarm to the decision, by the engine's clock.</summary>
    public const string Late = "renewals.late";

    /// <summary>What is known.</summary>
    public const string Outcome = "renewals.outcome";

    /// <summary>Why a charge was declined, in our words.</summary>
    public const string Reason = "renewals.reason";

    /// <summary>By what it became known.</summary>
    public const string HeardBy = "renewals.heard-by";

    /// <summary>How far it may be believed.</summary>
    public const string Evidence = "renewals.evidence";

    /// <summary>The stored names of the membership's events that were appended.</summary>
    public const string Events = "renewals.events";

    /// <summary>What a notice tells.</summary>
    public const string NoticeKind = "renewals.notice-kind";

    /// <summary>By which channel.</summary>
    public const string Channel = "renewals.channel";

    /// <summary>How many memberships a sweep claimed.</summary>
    public const string Claimed = "renewals.claimed";

    /// <summary>How many orders and refunds a sweep decided.</summary>
    public const string Orders = "renewals.orders";

    /// <summary>How many calls a sweep makes.</summary>
    public const string Errands = "renewals.errands";

    /// <summary>The statement's day.</summary>
    public const string Day = "renewals.day";

    /// <summary>How many lines it has.</summary>
    public const string Lines = "renewals.lines";

    /// <summary>How many differences there are.</summary>
    public const string Differences = "renewals.differences";

    /// <summary>What failed, where something did: a kind of fault, the type of an exception.</summary>
    public const string Error = "error.type";
}
