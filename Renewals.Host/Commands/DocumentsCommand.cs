using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NodaTime;
using NodaTime.Serialization.SystemTextJson;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Host.Service;
using Spectre.Console;

namespace Renewals.Host.Commands;

/// <summary>The <c>documents</c> command: what rails said, as it came, while it is kept.</summary>
internal static class DocumentsCommand
{
    private static readonly JsonSerializerOptions CamelCase = new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    }.ConfigureForNodaTime(DateTimeZoneProviders.Tzdb);

    /// <summary>The command and its two verbs.</summary>
    public static Command Create() =>
        new("documents", "Statements and callbacks of the rails, kept encrypted for a while: the evidence behind the events.") { List(), Show() };

    private static Command List()
    {
        var account = new Option<string?>("--account") { Description = "Only of this merchant account, such as wechat:1900000109." };
        var kind = new Option<DocumentKind?>("--kind") { Description = "Only statements or only callbacks: statement, callback." };
        var limit = Options.Ranged("--limit", "How many are listed, the latest first.", 100, 1, 10_000);
        var (config, json) = (Config(), Json());
        var command = new Command("list", "Lists what is kept, the latest first, with what came of it.") { account, kind, limit, config, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(account) is { } name && name.Split(':') is not [{ Length: > 0 }, { Length: > 0 }])
                result.AddError($"--account is {name}; write it as rail:number, such as wechat:1900000109.");
        });
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
        var (config, json) = (Config(), Json());
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

    private static Option<string?> Config() =>
        new("--config") { Description = $"Settings file, as for run. Default: {SettingsFile.StandardName} of the working directory." };

    private static Option<bool> Json() => new("--json") { Description = "Print JSON." };

    private static async Task<int> WithDocumentsAsync(string? config, Func<IKeptDocuments, Task> use, CancellationToken cancellation)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(config ?? SettingsFile.StandardName))!;
        var settings = SettingsFile.Load(config, [KeyValuePair.Create<string, string?>("Logging:LogLevel:Renewals", "Error")]);
        var setup = ServiceSetup.Read(settings, folder, sandbox: false);
        await using var ledger = await LedgerServer.StartAsync(setup, Console.Error.WriteLine, cancellation);
        using var engine = EngineHost.Build(setup, ledger, sandbox: null);
        await EngineHost.PrepareAsync(engine.Services, ledger.ConnectionString, cancellation);
        await use(engine.Services.GetRequiredService<IKeptDocuments>());
        return 0;
    }

    private static void PrintList(IReadOnlyList<KeptDocument> found, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(found.Select(Described), CamelCase));
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
        Console.Out.WriteLine(JsonSerializer.Serialize(
            new { document = Described(description), headers = callback.Headers, text = TextOf(callback.Body), base64 = Convert.ToBase64String(callback.Body.Span) },
            CamelCase));
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
