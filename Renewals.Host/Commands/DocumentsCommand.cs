using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Host.Service;
using Spectre.Console;

namespace Renewals.Host.Commands;

/// <summary>The <c>documents</c> command: what rails said, as it came, while it is kept.</summary>
internal static class DocumentsCommand
{
    /// <summary>The command and its two verbs.</summary>
    public static Command Create() =>
        new("documents", "Statements and callbacks of the rails, kept encrypted for a while: the evidence behind the events.") { List(), Show() };

    private static Command List()
    {
        var account = Options.Account("Only of this merchant account, such as wechat:1900000109.");
        var kind = new Option<DocumentKind?>("--kind") { Description = "Only statements or only callbacks: statement, callback." };
        var limit = Options.Ranged("--limit", "How many are listed, the latest first.", 100, 1, 10_000);
        var (config, json) = (Options.Config(), Json());
        var command = new Command("list", "Lists what is kept, the latest first, with what came of it.") { account, kind, limit, config, json };
        command.SetAction((parsed, cancellation) => WithDocumentsAsync(
            parsed.GetValue(config),
            async documents => PrintList(
                await documents.ListAsync(
                    parsed.GetValue(account) is { } name ? MerchantAccount.Parse(name) : null, parsed.GetValue(kind), parsed.GetValue(limit), cancellation),
                parsed.GetValue(json)),
            cancellation));
        return command;
    }

    private static Command Show()
    {
        var id = new Argument<string>("id") { Description = "The document, as `documents list` names it." };
        var (config, json) = (Options.Config(), Json());
        var command = new Command("show", "Prints one message as it came. It may name a member: take care where the output goes.") { id, config, json };
        command.Validators.Add(result =>
        {
            if (!Guid.TryParse(result.GetValue(id), out _))
                result.AddError($"{result.GetValue(id)} is no document; `documents list` names them.");
        });
        command.SetAction((parsed, cancellation) => WithDocumentsAsync(
            parsed.GetValue(config), documents => ShowAsync(documents, Guid.Parse(parsed.GetValue(id)!), parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static Option<bool> Json() => new("--json") { Description = "Print JSON." };

    private static async Task<int> WithDocumentsAsync(string? config, Func<IKeptDocuments, Task> use, CancellationToken cancellation)
    {
        await using var engine = await QuietEngine.OpenAsync(config, account: null, cancellation);
        await use(engine.Services.GetRequiredService<IKeptDocuments>());
        return 0;
    }

    private static void PrintList(IReadOnlyList<KeptDocument> found, bool json)
    {
        if (json)
        {
            CommandJson.Print(found.Select(Described));
            return;
        }

        var table = new Table().AddColumn("document").AddColumn("account").AddColumn("kind").AddColumn("came").AddColumn("times").AddColumn("result").AddColumn("note");
        foreach (var d in found)
            table.AddRow(new[] { $"{d.Id:N}", $"{d.Account}", $"{d.Kind}", $"{d.At}", $"{d.Times}", d.Result, d.Note ?? "" }.Select(Markup.Escape).ToArray());
        if (found.Count > 0)
            AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"{found.Count:N0} documents.");
    }

    private static async Task ShowAsync(IKeptDocuments documents, Guid id, bool json, CancellationToken cancellation)
    {
        var (description, content) = (await documents.DescribeAsync(id, cancellation), await OpenAsync(documents, id, cancellation));
        if (description is null || content is null)
            throw new CannotRunException($"There is no document {id:N}, or it was kept long enough and erased; `documents list` names those there are.");
        if (!json)
        {
            using var output = Console.OpenStandardOutput();
            await output.WriteAsync(content, cancellation);
            return;
        }

        var callback = description.Kind == DocumentKind.Callback ? CallbackDocument.Read(content) : new(new Dictionary<string, string>(), content);
        CommandJson.Print(new
        {
            document = Described(description), headers = callback.Headers, text = TextOf(callback.Body), base64 = Convert.ToBase64String(callback.Body.Span),
        });
    }

    private static async Task<byte[]?> OpenAsync(IKeptDocuments documents, Guid id, CancellationToken cancellation)
    {
        try
        {
            return await documents.FindAsync(id, cancellation);
        }
        catch (CryptographicException e)
        {
            throw new CannotRunException(
                $"The document cannot be opened: {e.Message} Put the key it was written with under Renewals:Vault:Keys, or the file vault-key in the data folder.", e);
        }
    }

    private static object Described(KeptDocument d) =>
        new { id = $"{d.Id:N}", account = $"{d.Account}", d.Kind, d.At, d.Bytes, d.Times, d.Result, d.Note };

    // Packed statements and other bytes that are no text have only the second form.
    private static string? TextOf(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.Span);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
