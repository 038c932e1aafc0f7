using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Renewals.Tests.Service;

/// <summary>Settings with which the service starts, in a folder of their own; a test spoils one of them.</summary>
internal sealed class SampleSettings : IDisposable
{
    /// <summary>A key for these tests only; it opens nothing.</summary>
    private static readonly string TestKey = NewTestKey();

    public SampleSettings()
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Folder, File.GetUnixFileMode(Folder) | UnixFileMode.OtherExecute);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("renewals-test-").FullName;

    public string DataFolder => At("kept");

    /// <summary>What <see cref="Write"/> writes: the file the program looks for in its working directory when none is named.</summary>
    public string SettingsFile => At("appsettings.json");

    /// <summary>The section, to be changed before <see cref="Write"/>.</summary>
    public JsonObject Section { get; } = new()
    {
        ["Urls"] = "http://127.0.0.1:0",
        ["Plans"] = new JsonArray(new JsonObject
        {
            ["Id"] = "monthly", ["Subject"] = "会员连续包月", ["Interval"] = "month", ["Price"] = 2500,
            ["Templates"] = new JsonObject { ["wechat:1900000109"] = "12535" },
        }),
        ["WeChatPay"] = new JsonArray(new JsonObject
        {
            // Nothing listens there: these tests need no rail.
            ["BaseAddress"] = "http://127.0.0.1:1",
            ["MchId"] = "1900000109", ["AppId"] = "wx8888888888888888", ["ApiV2Key"] = "for-tests-only-32-chars-v2-key--",
            ["ApiV3Key"] = "for-tests-only-32-chars-v3-key--", ["MerchantSerialNo"] = "5157F09EFDC096DE15EBE81A47057A72",
            ["MerchantPrivateKeyPem"] = TestKey, ["NotifyUrl"] = "https://pay.example.com/callbacks/wechat:1900000109",
        }),
        ["Notifier"] = new JsonObject { ["Url"] = "https://members.example.com/renewal-notices" },
    };

    public static string NewTestKey()
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKeyPem();
    }

    /// <summary>Points the settings at a server of one's own, with a vault's key.</summary>
    public void UseServer(string connection, byte[]? key = null)
    {
        Set("ConnectionString", connection);
        Set("StateFolder", Path.Combine(Folder, "state"));
        Set("Vault", new JsonObject { ["Keys"] = new JsonObject { ["k1"] = Convert.ToBase64String(key ?? new byte[32]) } });
    }

    /// <summary>Sets one value; null removes it.</summary>
    public void Set(string path, JsonNode? value)
    {
        var names = path.Split('/');
        JsonNode place = Section;
        foreach (var name in names[..^1])
            place = (place is JsonArray list ? list[int.Parse(name)] : place[name] ?? (place[name] = new JsonObject()))!;
        if (value is null)
            place.AsObject().Remove(names[^1]);
        else
            place[names[^1]] = value;
    }

    /// <summary>A file in the folder.</summary>
    public string At(string name) => Path.Combine(Folder, name);

    /// <summary>What these settings hold that no log may.</summary>
    public IReadOnlyList<string> Secrets => ["for-tests-only-32-chars-v2-key--", "for-tests-only-32-chars-v3-key--", .. TestKey.Split('\n').Where(line => line.Length == 64).Take(3)];

    /// <summary>Writes them, with every level of the log turned on.</summary>
    public void WriteWithEveryLogLine() => File.WriteAllText(SettingsFile, new JsonObject
    {
        ["Renewals"] = Section.DeepClone(),
        ["Logging"] = new JsonObject { ["LogLevel"] = new JsonObject { ["Default"] = "Trace", ["Microsoft"] = "Trace", ["System"] = "Trace", ["Marten"] = "Trace", ["Polly"] = "Trace" } },
    }.ToJsonString());

    public void Write() => File.WriteAllText(SettingsFile, new JsonObject { ["Renewals"] = Section.DeepClone() }.ToJsonString());

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
