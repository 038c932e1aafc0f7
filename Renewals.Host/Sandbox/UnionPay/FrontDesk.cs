namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Front transactions: the member reads and confirms on the rail's page, then returns to the merchant's.</summary>
internal sealed class FrontDesk(UnionPayState state, PlatformKeys keys, EntrustDesk entrusts, Messenger messenger)
{
    private const int CodesAllowed = 3;

    /// <summary>What the member's browser gets for the merchant's form.</summary>
    public string Open(GatewayCall call)
    {
        var (establishing, refusal) = entrusts.Open(call, byPage: true);
        if (establishing is null)
            return FrontPages.Problem(refusal!);
        if (establishing.Result is { } code)
            return FrontPages.Problem(code, establishing.Call["frontUrl"]);
        state.Pages.Add(establishing.PageToken!, establishing);
        return FrontPages.ToConfirm(establishing, state.Options.Generation, null);
    }

    /// <summary>The member sends the code from the text message.</summary>
    public string Confirm(string token, string smsCode)
    {
        if (state.Pages.GetValueOrDefault(token) is not { } establishing)
            return FrontPages.Problem("34");
        if (!establishing.IsOpenAt(state.Now))
            return FrontPages.Problem(establishing.Result ?? "69", establishing.Call["frontUrl"]);
        if (smsCode != Payer.SmsCode)
            return WrongCode(establishing);
        return Finish(establishing) is { } refusal ? FrontPages.Problem(refusal, establishing.Call["frontUrl"]) : BackToMerchant(establishing);
    }

    /// <summary>The member leaves for good: the browser comes back without data, nobody is told.</summary>
    public string GiveUp(string token)
    {
        if (state.Pages.GetValueOrDefault(token) is not { } establishing || !establishing.IsOpenAt(state.Now))
            return FrontPages.Problem("34");
        establishing.End("69", state.Now);
        return FrontPages.Problem("69", establishing.Call["frontUrl"]);
    }

    /// <summary>The same, without a browser.</summary>
    /// <param name="establishing">The request; null when there is none.</param>
    /// <param name="member">Must be the holder of the card.</param>
    public SandboxSigning Confirm(Establishing? establishing, string member)
    {
        var refusal = establishing is null ? "34"
            : !establishing.IsOpenAt(state.Now) ? establishing.Result is "00" ? "12" : "69"
            : establishing.Card!.Member != member ? "66"
            : Finish(establishing);
        return refusal is null
            ? new SandboxSigning(state.AllEntrusts.FindLast(entrust => entrust.Origin == establishing)!.RailId, null)
            : new SandboxSigning(null, refusal);
    }

    private string? Finish(Establishing establishing)
    {
        if (!state.Bank.IsOpen(establishing.Card!.Member))
        {
            establishing.End("63", state.Now);
            return "63";
        }

        entrusts.Sign(establishing, state.Now);
        return null;
    }

    private string WrongCode(Establishing establishing)
    {
        if (++establishing.WrongCodes < CodesAllowed)
            return FrontPages.ToConfirm(establishing, state.Options.Generation, "71");
        establishing.End("71", state.Now);
        return FrontPages.Problem("71", establishing.Call["frontUrl"]);
    }

    private string BackToMerchant(Establishing establishing) => FrontPages.Return(
        establishing.Call["frontUrl"], messenger.SignedFields(MessageFields.Notification(establishing, state, keys)));
}
