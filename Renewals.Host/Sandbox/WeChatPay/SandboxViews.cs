using System.Text.Json.Nodes;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>A look from outside over HTTP: everything as JSON, amounts in fen, times in UTC.</summary>
internal static class SandboxViews
{
    public static void Map(IEndpointRouteBuilder app, WeChatPaySandbox sandbox)
    {
        List(app, "/sandbox/signings", () => sandbox.PendingSignings, signing => new JsonObject
        {
            ["contract_code"] = signing.ContractCode, ["plan_id"] = signing.PlanId, ["scene"] = signing.Scene,
            ["display_account"] = signing.DisplayAccount, ["pre_entrustweb_id"] = signing.PreEntrustId, ["prepay_id"] = signing.PrepayId,
        });
        List(app, "/sandbox/contracts", () => sandbox.Contracts, contract => new JsonObject
        {
            ["contract_code"] = contract.Code, ["contract_id"] = contract.Id, ["plan_id"] = contract.PlanId, ["member"] = contract.Member,
            ["signed_at"] = contract.SignedAt.ToString(), ["terminated_at"] = contract.TerminatedAt?.ToString(),
            ["mode"] = (int?)contract.Mode,
        });
        List(app, "/sandbox/notices", () => sandbox.RailNotices, notice => new JsonObject
        {
            ["contract_id"] = notice.ContractId, ["amount"] = notice.Amount.MinorUnits, ["at"] = notice.At.ToString(),
            ["accepted"] = notice.Accepted,
        });
        List(app, "/sandbox/ledger", () => sandbox.Bank.Entries, entry => new JsonObject
        {
            ["order"] = entry.OrderNumber, ["refund"] = entry.RefundNumber, ["member"] = entry.Member,
            ["account"] = entry.Account.ToString(),
            ["amount"] = entry.Amount.MinorUnits, ["currency"] = entry.Amount.Currency, ["kind"] = entry.Kind.ToString(),
            ["at"] = entry.At.ToString(), ["transaction_id"] = entry.TransactionId, ["under"] = entry.Under.ToString(),
        });
        List(app, "/sandbox/failures", () => sandbox.Bank.FailedAttempts, failure => new JsonObject
        {
            ["order"] = failure.OrderNumber, ["at"] = failure.At.ToString(), ["reason"] = failure.Reason,
        });
    }

    private static void List<T>(IEndpointRouteBuilder app, string path, Func<IReadOnlyList<T>> items, Func<T, JsonNode> describe) =>
        app.MapGet(path, context => SandboxEndpoints.ReplyAsync(context, new JsonArray([.. items().Select(describe)])));
}
