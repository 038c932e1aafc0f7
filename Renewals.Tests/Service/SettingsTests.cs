using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Service;

namespace Renewals.Tests.Service;

public sealed partial class SettingsTests : IDisposable
{
    private readonly SampleSettings sample = new();

    public void Dispose() => sample.Dispose();

    [Fact]
    public void The_example_in_the_documentation_is_valid_as_it_stands()
    {
        var file = Path.Combine(sample.Folder, "example.json");
        File.WriteAllText(file, Example().Match(File.ReadAllText(Documentation())).Groups[1].Value);
        File.WriteAllText(Path.Combine(sample.Folder, "apiclient_key.pem"), SampleSettings.NewTestKey());

        var setup = ServiceSetup.Read(SettingsFile.Load(file, []), sample.Folder, sandbox: false);

        var plan = setup.Plans.Should().ContainSingle().Subject;
        plan.FirstPeriodPrice.Should().Be(Money.Cny(990));
        plan.Templates.Should().Equal(new Dictionary<MerchantAccount, string> { [new("wechat", "1900000109")] = "12535" });
        setup.Vault!.CurrentKey.Should().Be("2026");
        setup.Settings.Engine.Should().BeEquivalentTo(new EngineOptions(), "the example says these are the defaults");
        setup.Settings.Audit.Should().BeEquivalentTo(new AuditOptions(), "the example says these are the defaults");
        var account = setup.Accounts.Should().ContainSingle().Subject;
        var services = new ServiceCollection().AddLogging();
        account.AddTo(services);
        using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptionsMonitor<WeChatPayOptions>>().Get(account.Account.ToString());
        options.SigningConsent.Should().Be(Duration.FromHours(11.5));
        options.ClosesAt.Should().Be(new LocalTime(21, 50));
        options.MerchantPrivateKeyPem.Should().StartWith("-----BEGIN PRIVATE KEY-----");
        setup.Notifier.Should().Be(new WebhookAddress(new("https://members.example.com/renewal-notices"), TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void The_command_line_wins_over_the_file()
    {
        sample.Write();
        var configuration = SettingsFile.Load(Path.Combine(sample.Folder, "appsettings.json"), [new("Renewals:Urls", "http://*:80"), new("Renewals:DataFolder", null)]);
        SettingsReader.Read(configuration).Urls.Should().Be("http://*:80");
        SettingsReader.Read(configuration).DataFolder.Should().BeNull();
    }

    [Fact]
    public void The_environment_wins_over_the_file_and_the_command_line_over_both()
    {
        // A section of its own: the environment belongs to every test of this process.
        var file = Path.Combine(sample.Folder, "precedence.json");
        File.WriteAllText(file, """{"Precedence":{"File":"file","Environment":"file","CommandLine":"file"}}""");
        Environment.SetEnvironmentVariable("Precedence__Environment", "environment");
        Environment.SetEnvironmentVariable("Precedence__CommandLine", "environment");

        var settings = SettingsFile.Load(file, [new("Precedence:CommandLine", "command line")]).GetSection("Precedence");

        (settings["File"], settings["Environment"], settings["CommandLine"]).Should().Be(("file", "environment", "command line"));
    }

    [Theory]
    [InlineData("month", 1, BillingUnit.Month)]
    [InlineData("Quarter", 3, BillingUnit.Month)]
    [InlineData("year", 1, BillingUnit.Year)]
    [InlineData("6 months", 6, BillingUnit.Month)]
    [InlineData("2 years", 2, BillingUnit.Year)]
    [InlineData("half-year", 6, BillingUnit.Month)]
    [InlineData("week", 1, BillingUnit.Week)]
    [InlineData("10 days", 10, BillingUnit.Day)]
    public void Intervals_are_words_or_a_count_and_a_unit(string text, int count, BillingUnit unit)
    {
        sample.Set("Plans/0/Interval", text);
        Setup().Plans.Single().Interval.Should().Be(new BillingInterval(count, unit));
    }

    [Fact]
    public void What_a_plan_offers_is_read_and_a_slip_is_named()
    {
        sample.Set("Plans/0/Offers", new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["Through"] = 3, ["Price"] = 1500 }));
        sample.Set("Plans/0/AddOns", new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["Id"] = "seat", ["Subject"] = "Seat", ["Price"] = 500, ["Most"] = 3 }));
        sample.Set("Plans/0/TrialDays", 7);
        sample.Set("Plans/0/Ceiling", 5000);
        sample.Set("Plans/0/PriceSilence", "end");
        sample.Set("Coupons", new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["Code"] = "SPRING", ["PercentOff"] = 20 }));
        Setup().Plans.Single().Should().Match<Plan>(plan => plan.Offers!.PriceOf(3) == Money.Cny(1500) && plan.AddOns!.Items[0].Quantity == 3 && plan.TrialDays == 7
            && plan.Ceiling == Money.Cny(5000) && plan.PriceSilence == PriceSilence.End);
        sample.Set("Plans/0/StepDownPlan", "none-such");
        Refused().Should().Contain("steps down to 'none-such'");
        sample.Set("Plans/0/StepDownPlan", null!);
        sample.Set("Plans/0/OnDispute", "panic");
        Refused().Should().Contain("OnDispute is 'panic'; write wait-for-person, stop-renewal, go-on");
        sample.Set("Plans/0/OnDispute", "go-on");
        sample.Set("Coupons/0/AmountOff", 5);
        Refused().Should().Contain("a part or an amount");
    }

    private string Refused() => FluentActions.Invoking(Setup).Should().Throw<CannotRunException>().Which.Message;

    [Fact]
    public void Accounts_may_stand_in_an_object_with_names_for_people()
    {
        var account = sample.Section["WeChatPay"]![0]!.DeepClone();
        sample.Set("WeChatPay", new System.Text.Json.Nodes.JsonObject { ["main"] = account, ["other"] = account.DeepClone() });
        sample.Set("WeChatPay/other/MchId", "1900000110");
        Setup().Accounts.Should().HaveCount(2);

        sample.Set("WeChatPay/other/MchId", "1900000109");
        var twice = Setup;
        twice.Should().Throw<CannotRunException>().WithMessage("Renewals:WeChatPay:other: MchId 1900000109 is given twice; *");
    }

    [Theory]
    [InlineData(true, "/data", "/home/ann", "/var/lib/renewals")]
    [InlineData(false, "/data", "/home/ann", "/data/renewals")]
    [InlineData(false, "relative", "/home/ann", "/home/ann/.local/share/renewals")]
    [InlineData(false, null, "/home/ann", "/home/ann/.local/share/renewals")]
    public void The_data_goes_where_the_system_keeps_such_things(bool root, string? data, string home, string folder) =>
        DataFolders.Standard(name => name == "HOME" ? home : data, root).Should().Be(folder);

    [Fact]
    public void Without_a_home_a_folder_is_asked_for()
    {
        var homeless = () => DataFolders.Standard(_ => null, privileged: false);
        homeless.Should().Throw<CannotRunException>().WithMessage("*--data*");
    }

    [Fact]
    public void Laws_of_ones_own_stand_in_a_file_and_a_fault_in_it_is_said()
    {
        var file = Path.Combine(sample.Folder, "own-laws.json");
        File.WriteAllText(file, """[{ "name": "own-2026", "source": "a contract", "noticeDays": 3, "noticeMaxDays": 20 }]""");
        sample.Set("LawsFile", "own-laws.json");
        sample.Set("Plans/0/Law", "own-2026");
        Setup().Plans.Single().Law!.NoticeMaxDays.Should().Be(20);

        var setup = Setup;
        File.WriteAllText(file, """[{ "name": "own-2026", "source": "a contract", "noticeDays": 3, "noticeMaxDays": 4 }]""");
        setup.Should().Throw<CannotRunException>().WithMessage("Renewals:LawsFile*'own-2026' makes no sense*");
        File.WriteAllText(file, """[{ "name": "none", "source": "a contract", "noticeDays": 3, "noticeMaxDays": 20 }]""");
        setup.Should().Throw<CannotRunException>().WithMessage("*'none', which comes with Renewals*");
        File.Delete(file);
        setup.Should().Throw<CannotRunException>().WithMessage("Renewals:LawsFile*");
    }

    private ServiceSetup Setup()
    {
        sample.Write();
        return ServiceSetup.Read(SettingsFile.Load(Path.Combine(sample.Folder, "appsettings.json"), []), sample.Folder, sandbox: false);
    }

    private static string Documentation()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Renewals.sln")))
            folder = folder.Parent!;
        return Path.Combine(folder.FullName, "docs", "configuration.md");
    }

    [GeneratedRegex("```jsonc\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
