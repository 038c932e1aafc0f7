using NodaTime;
using Fields = System.Collections.Generic.Dictionary<string, string>;
using Answer = System.Collections.Generic.IReadOnlyDictionary<string, string>;

namespace Renewals.Tests.Sandbox;

/// <summary>The merchant's calls in one line each.</summary>
internal static class MerchantCalls
{
    public static Fields SignFields(this SandboxWorld world, string code, string plan = "90001", string notifyField = "notify_url") => new()
    {
        ["plan_id"] = plan, ["contract_code"] = code, ["request_serial"] = "1001", ["contract_display_account"] = "ann@example",
        [notifyField] = world.Post.Url("/sign"),
    };

    public static Fields PureSignFields(this SandboxWorld world, string code, string plan = "90001") => new(world.SignFields(code, plan))
    {
        ["appid"] = SandboxWorld.Credentials.AppId, ["mch_id"] = SandboxWorld.Credentials.MchId, ["version"] = "1.0",
        ["timestamp"] = world.Now.ToUnixTimeSeconds().ToString(),
    };

    /// <summary>Signs in an app and confirms; gives the contract id.</summary>
    public static async Task<string> SignAsync(this SandboxWorld world, string code, string member = "ann", string plan = "90001")
    {
        var answer = await world.CallAsync("/papay/preentrustweb", world.PureSignFields(code, plan), nonce: false);
        var result = await world.Sandbox.ConfirmSigningAsync(answer["pre_entrustweb_id"], member);
        return result.RailAgreementId ?? throw new InvalidOperationException(result.Refusal);
    }

    public static Fields ApplyFields(this SandboxWorld world, string contract, string order, long fen = 1500) => new()
    {
        ["body"] = "member fee", ["out_trade_no"] = order, ["total_fee"] = fen.ToString(), ["spbill_create_ip"] = "127.0.0.1",
        ["notify_url"] = world.Post.Url("/charge"), ["trade_type"] = "PAP", ["contract_id"] = contract, ["attach"] = "a",
    };

    public static Task<Answer> ApplyAsync(this SandboxWorld world, string contract, string order, long fen = 1500) =>
        world.CallAsync("/pay/pappayapply", world.ApplyFields(contract, order, fen));

    public static Task<Answer> QueryAsync(this SandboxWorld world, string order, string path = "/pay/paporderquery") =>
        world.CallAsync(path, new Fields { ["out_trade_no"] = order });

    public static Task<Answer> QueryContractAsync(this SandboxWorld world, string code, string plan = "90001") =>
        world.CallAsync("/papay/querycontract", new Fields { ["version"] = "1.0", ["plan_id"] = plan, ["contract_code"] = code }, nonce: false);

    public static Task<(int Status, string Body)> NotifyAsync(this SandboxWorld world, string contract, long fen = 1500) => world.CallV3Async(
        "POST", $"/v3/papay/contracts/{contract}/notify",
        $$"""{"mchid":"{{SandboxWorld.Credentials.MchId}}","appid":"{{SandboxWorld.Credentials.AppId}}","estimated_amount":{"amount":{{fen}},"currency":"CNY"} }""");

    public static Fields ContractOrderFields(this SandboxWorld world, string code, string order, string plan = "90001") =>
        new(world.SignFields(code, plan, "contract_notify_url"))
        {
            ["contract_mchid"] = SandboxWorld.Credentials.MchId, ["contract_appid"] = SandboxWorld.Credentials.AppId, ["out_trade_no"] = order,
            ["body"] = "first month", ["notify_url"] = world.Post.Url("/paid"), ["total_fee"] = "900", ["spbill_create_ip"] = "10.0.0.9",
            ["trade_type"] = "APP",
        };

    public static Task<Answer> RefundAsync(this SandboxWorld world, string order, string refund, long fen, long total = 1500) =>
        world.CallAsync("/secapi/pay/refund", new Fields
        {
            ["out_trade_no"] = order, ["out_refund_no"] = refund, ["total_fee"] = total.ToString(), ["refund_fee"] = fen.ToString(),
            ["notify_url"] = world.Post.Url("/refund"),
        });

    /// <summary>The verdict of an answer: <c>SUCCESS</c>, the error code, or <c>return FAIL</c>.</summary>
    public static string Verdict(this Answer answer) =>
        answer["return_code"] != "SUCCESS" ? "return FAIL" : answer["result_code"] == "SUCCESS" ? "SUCCESS" : answer["err_code"];

    /// <summary>Seconds between an instant and now.</summary>
    public static long SecondsSince(this SandboxWorld world, Instant start) => (long)(world.Now - start).TotalSeconds;
}
