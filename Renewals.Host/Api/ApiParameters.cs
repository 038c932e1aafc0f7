namespace Renewals.Host.Api;

/// <summary>What the parts of an address mean, in the API's document. Most mean the same on every route.</summary>
internal static class ApiParameters
{
    private const string Why = "In words, 1 to 1,000 characters; it stands in the events, so no personal data.";

    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["id"] = "The membership's id.",
        ["webhooksRetry.id"] = "The event's id, as the list of what was given up has it; also its webhook-id.",
        ["account"] = "The merchant account, as rail:number, such as wechat:1900000109. Where it may be left out: all.",
        ["member"] = "The merchant's own name of the member, whole. Left out: all.",
        ["status"] = "Where the membership stands: one of the words of SubscriptionStatus. Left out: all.",
        ["plan"] = "The plan's id. Left out: all.",
        ["parked"] = "True: only those that wait for a person.",
        ["all"] = "True: also those that were ended.",
        ["after"] = "The next of the page before. Left out: the first page.",
        ["feedRead.after"] = "The next of the page before; 0: from the first event there is.",
        ["limit"] = "The most there are on a page, 1 to 200.",
        ["charges"] = "How many charges, 1 to 24.",
        ["language"] = "In which language: zh-CN or en.",
        ["name"] = "The change's name, which the caller chose.",
        ["changesWithdraw.why"] = Why,
        ["agreementsRetire.why"] = Why,
        ["agreement"] = "The agreement's code, as the membership has it.",
        ["number"] = "The refund's number, as the membership has it.",
        ["campaign"] = "The campaign's name, which the caller chose.",
        ["notice"] = "The notice's name: the webhook-id it was handed over with.",
        ["dispute"] = "The dispute's number, which the caller gave it.",
        ["stop"] = "The number of the fuse or hold.",
        ["day"] = "The rail's statement day, such as 2026-03-05.",
        ["endpoint"] = "The endpoint's name in Renewals:Webhooks:Endpoints.",
        ["webhooksReplay.from"] = "The sequence of the first event that is to come again; the feed says which belongs to which time.",
        ["reconciliationsDays.from"] = "The first statement day, such as 2026-03-05. Left out: 35 days before the last.",
        ["reconciliationsDays.until"] = "The last statement day, at most 100 days after the first. Left out: tomorrow, by UTC.",
    };

    /// <summary>What a parameter means; null: nobody has said.</summary>
    /// <param name="operation">The operation's id.</param>
    /// <param name="name">The parameter's name.</param>
    public static string? WordsOf(string operation, string name) => Words.GetValueOrDefault($"{operation}.{name}") ?? Words.GetValueOrDefault(name);
}
