using System.Net;

namespace Renewals.Host.Sandbox;

/// <summary>The frame of every page a person sees in place of a wallet or a rail: Chinese first, English beside it, light and dark, no other host asked.</summary>
internal static class SandboxPage
{
    public const string ContentType = "text/html; charset=utf-8";

    /// <summary>The field a person says with who they are: the sandbox has no sign-in.</summary>
    public const string MemberField = """<p><label>会员 / Member <input name="member" required autocomplete="off"></label></p>""";

    private const string Style = """
        :root { color-scheme: light dark }
        body { font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; max-width: 34rem; margin: 0 auto; padding: 1rem }
        h1 { font-size: 1.3rem; border-bottom: 3px solid var(--rail); padding-bottom: .5rem }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem; margin: 1rem 0 } dt { opacity: .75 } dd { margin: 0; overflow-wrap: anywhere }
        input:not([type=checkbox]) { font: inherit; padding: .5rem }
        button { font: inherit; padding: .6rem 1.2rem; margin: 1rem .5rem 0 0; border: 1px solid var(--rail); border-radius: .4rem; background: none; color: inherit }
        button.main { background: var(--rail); color: #fff } [role=alert] { border-left: 4px solid #c00; padding-left: .7rem }
        """;

    /// <summary>A whole page.</summary>
    /// <param name="rail">The rail's colour.</param>
    /// <param name="chinese">The title.</param>
    /// <param name="english">The title.</param>
    /// <param name="body">HTML; what comes from elsewhere went through <see cref="Text"/>.</param>
    public static string Of(string rail, string chinese, string english, string body) =>
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        + $"<title>沙箱 Sandbox: {chinese} / {english}</title><style>:root {{ --rail: {rail} }} {Style}</style></head>"
        + $"<body><main><h1>{chinese} / <span lang=\"en\">{english}</span></h1>{body}"
        + "<p><small>沙箱，不涉及真实资金。<span lang=\"en\">Sandbox only: no real money moves.</span></small></p></main></body></html>";

    /// <summary>What is agreed, name by name; empty values are left out.</summary>
    public static string Terms(IEnumerable<(string Name, string Value)> rows) =>
        $"<dl>{string.Concat(rows.Where(row => row.Value.Length > 0).Select(row => $"<dt>{row.Name}</dt><dd>{Text(row.Value)}</dd>"))}</dl>";

    /// <summary>Text that came from elsewhere.</summary>
    public static string Text(string value) => WebUtility.HtmlEncode(value);
}
