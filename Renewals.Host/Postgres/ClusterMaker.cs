namespace Renewals.Host.Postgres;

/// <summary>Makes data folders: by initdb, or faster by copying a folder initdb made before.</summary>
internal sealed class ClusterMaker(PostgresPrograms programs, ServerAccount account)
{
    // C.UTF-8 orders by code point and knows the letters; where the system lacks it, C does the first.
    private static readonly string[] Locales = ["C.UTF-8", "C"];

    /// <summary>Makes a data folder in a new folder and returns the locale it got. One that is kept is forced to the disk.</summary>
    public async Task<string> InitialiseAsync(string folder, bool kept, CancellationToken ct)
    {
        await account.MakePrivateFolderAsync(folder, ct);
        var output = "";
        foreach (var locale in Locales)
        {
            string[] sync = kept ? [] : ["--no-sync"];
            (var exitCode, output) = await GuardedProcess.RunAsync(account, [.. InitdbCommand(folder, locale), .. sync], ct);
            if (exitCode == 0)
                return locale;
            if (!output.Contains("locale", StringComparison.OrdinalIgnoreCase))
                break;
        }

        throw PostgresStartException.WithLog($"The data folder {folder} could not be made; initdb said why:", output);
    }

    /// <summary>Makes the throw-away data folder of a run from the template; false when that did not work.</summary>
    /// <remarks>The template only saves time, so no trouble with it is an error.</remarks>
    public async Task<bool> TryCopyTemplateAsync(TemporaryArea area, RunFolder run, CancellationToken ct)
    {
        try
        {
            var template = FindTemplate(area) ?? await PublishTemplateAsync(area, run, ct);
            await account.MakePrivateFolderAsync(run.Data, ct);
            var copied = await GuardedProcess.RunAsync(account, ["cp", "-a", $"{template}/.", $"{run.Data}/"], ct);
            return copied.ExitCode == 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Forgets the template, after a server started without it and not from its copy.</summary>
    public Task DiscardTemplateAsync(TemporaryArea area, CancellationToken ct) => GuardedProcess.RunAsync(
        ServerAccount.Self, ["rm", "-rf", .. Locales.Select(locale => area.Template(programs, locale, account))], ct);

    private string? FindTemplate(TemporaryArea area) =>
        Locales.Select(locale => area.Template(programs, locale, account)).FirstOrDefault(Directory.Exists);

    private async Task<string> PublishTemplateAsync(TemporaryArea area, RunFolder run, CancellationToken ct)
    {
        var template = area.Template(programs, await InitialiseAsync(run.TemplateDraft, kept: false, ct), account);
        try
        {
            Directory.Move(run.TemplateDraft, template);
        }
        catch (IOException) when (Directory.Exists(template))
        {
            // Another start was faster; its template is as good as ours.
        }

        return template;
    }

    // Whoever reaches the socket is let in, as the socket's folder is closed to others. A network port, should someone ever
    // start this folder with one, lets nobody in.
    private IEnumerable<string> InitdbCommand(string folder, string locale) =>
    [
        programs.Initdb, "-D", folder, "-U", EmbeddedPostgres.UserName, "-E", "UTF8", $"--locale={locale}",
        "--auth-local=trust", "--auth-host=reject",
        // A start that is broken off ends at once; what is left of it is removed with the folder.
        "--no-clean",
    ];
}
