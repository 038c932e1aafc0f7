using System.Text.Json.Nodes;
using Renewals.Host.Callbacks;
using Renewals.Host.Sandbox;

namespace Renewals.Host.Service;

/// <summary>What a service must be told to reach a sandbox: one plan sold at every rail, and an account of each, as a settings file has them.</summary>
internal static class SandboxSettings
{
    /// <summary>Writes them.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="service">Where the service listens.</param>
    public static JsonObject Of(SandboxServer sandbox, Uri service)
    {
        var rails = sandbox.Rails.Select(rail => (Rail: rail, Kind: SandboxRails.All.Single(kind => kind.Name == rail.Account.Rail))).ToList();
        var plan = ServiceSandbox.SamplePlan;
        var settings = new JsonObject
        {
            ["Plans"] = new JsonArray(new JsonObject
            {
                ["Id"] = plan.Id, ["Subject"] = plan.Subject, ["Interval"] = "month", ["Price"] = plan.Price.MinorUnits,
                ["FirstPeriodPrice"] = plan.FirstPeriodPrice?.MinorUnits,
                ["Templates"] = new JsonObject(rails.Select(one => KeyValuePair.Create<string, JsonNode?>(
                    one.Kind.Name, new JsonObject { [one.Rail.Account.Number] = one.Kind.Template }))),
            }),
        };
        foreach (var (rail, kind) in rails)
        {
            var account = new JsonObject(rail.MerchantSettings(sandbox.Address).Select(field => KeyValuePair.Create<string, JsonNode?>(field.Key, field.Value)))
            {
                ["NotifyUrl"] = new Uri(service, CallbackEndpoint.PathOf(rail.Account)).AbsoluteUri,
            };
            settings[kind.Section] = new JsonArray(account);
        }

        return new JsonObject { [ServiceSettings.Section] = settings };
    }
}
