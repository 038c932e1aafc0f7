using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>A signing that waits for the member.</summary>
/// <param name="ContractCode">The merchant's code.</param>
/// <param name="PlanId">The template.</param>
/// <param name="Scene">Where it is signed.</param>
/// <param name="DisplayAccount">What the member is shown.</param>
/// <param name="PreEntrustId"><c>pre_entrustweb_id</c> in an app; null otherwise.</param>
/// <param name="PrepayId"><c>prepay_id</c> of pay-while-signing; null otherwise.</param>
public sealed record PendingSigning(
    string ContractCode, string PlanId, string Scene, string DisplayAccount, string? PreEntrustId, string? PrepayId);

/// <summary>What came of a payment at the cashier.</summary>
/// <param name="TransactionId">The rail's number; null when it was not paid.</param>
/// <param name="ContractId">The new contract; null when none was made.</param>
/// <param name="Refusal">The rail's code when it was not paid.</param>
public sealed record CashierResult(string? TransactionId, string? ContractId, string? Refusal);

/// <summary>A notice before a charge (预扣费通知) that reached the rail.</summary>
/// <param name="ContractId">The contract.</param>
/// <param name="Amount">The most that was announced.</param>
/// <param name="At">When it arrived.</param>
/// <param name="Accepted">False when the rail refused it: then the member was told nothing.</param>
public sealed record RailNotice(string ContractId, Money Amount, Instant At, bool Accepted);
