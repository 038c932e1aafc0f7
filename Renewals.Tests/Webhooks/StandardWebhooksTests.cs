using System.Net;
using System.Text;
using Renewals.Core.Subscriptions;
using Renewals.Host.Service;
using Renewals.Host.Webhooks;

namespace Renewals.Tests.Webhooks;

/// <summary>Signatures, settings, and what may be reached.</summary>
public class StandardWebhooksTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Theory]
    [InlineData(Secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}""", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1649367553, """{"email":"test@example.com","username":"test_user"}""", "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=")]
    public void The_conventions_own_examples_are_signed_as_they_are_there(string secret, string id, long seconds, string body, string signature) =>
        StandardWebhooks.SignatureOf(id, seconds, Encoding.UTF8.GetBytes(body), [WebhookSecret.Read("a", secret)]).Should().Be(signature);

    [Fact]
    public void While_secrets_rotate_there_is_a_signature_of_each()
    {
        WebhookSecret[] secrets = [WebhookSecret.Read("a", Secret), WebhookSecret.Read("b", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")];
        var both = StandardWebhooks.SignatureOf("1", 2, "x"u8, secrets).Split(' ');
        both.Should().Equal(secrets.Select(secret => StandardWebhooks.SignatureOf("1", 2, "x"u8, [secret]))).And.OnlyHaveUniqueItems().And.HaveCount(2);
    }

    [Theory]
    [InlineData("Url", "http://shop.example.com/hooks", "*:shop:Url must be an absolute address (https).")]
    [InlineData("Url", "hooks", "*:shop:Url must be an absolute address (https).")]
    [InlineData("Url", "https://ann:secret@shop.example.com/", "*:shop:Url has a user name*")]
    [InlineData("Url", "https://169.254.169.254/latest", "*:shop:Url lies in a private network*")]
    [InlineData("Url", "https://[::1]/", "*:shop:Url lies in a private network*")]
    [InlineData("Secret", null, "*:shop:Secrets has 0 secrets*")]
    [InlineData("Secret", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "*:shop:Secrets:0 is no secret*")]
    [InlineData("Secret", "whsec_c2hvcnQ=", "*:shop:Secrets:0 is no secret*")]
    [InlineData("Event", "charge", "*:shop:Events has 'charge', which is no event*, charged, *")]
    public void A_wrong_setting_is_named_and_no_secret_is_told(string what, string? value, string sentence)
    {
        var read = () => Read(settings =>
        {
            if (what == "Url")
                settings.Url = value!;
            if (what == "Event")
                settings.Events.Add(value!);
            if (what != "Secret")
                return;
            settings.Secrets.Clear();
            if (value is not null)
                settings.Secrets.Add(value);
        });
        var said = read.Should().Throw<CannotRunException>().WithMessage(sentence).Which.Message;
        if (what == "Secret" && value is not null)
            said.Should().NotContain(value);
    }

    [Fact]
    public void What_is_right_is_read()
    {
        var endpoint = Read(settings => settings.Events.Add("charged"));
        endpoint.Events.Should().Equal("charged");
        endpoint.Enabled.Should().BeTrue();
        endpoint.Secrets.Single().ToString().Should().Be("a secret");
        Read(settings => (settings.Url, settings.AllowPrivateNetworks) = ("http://10.1.2.3/hooks", true)).Url.Port.Should().Be(80);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("172.31.255.255", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("192.168.1.1", true)]
    [InlineData("169.254.169.254", true)]
    [InlineData("100.100.100.200", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("8.8.8.8", false)]
    [InlineData("::1", true)]
    [InlineData("::", true)]
    [InlineData("fe80::1", true)]
    [InlineData("fd00:ec2::254", true)]
    [InlineData("::ffff:10.0.0.1", true)]
    [InlineData("::ffff:8.8.8.8", false)]
    [InlineData("64:ff9b::a00:1", true)]
    [InlineData("2002:a00:1::", true)]
    [InlineData("2001:4860:4860::8888", false)]
    public void Private_networks_are_known(string address, bool isPrivate) => PrivateNetworks.Contain(IPAddress.Parse(address)).Should().Be(isPrivate);

    internal static WebhookEndpoint Read(Action<WebhookEndpointSettings>? change = null)
    {
        var settings = new WebhookEndpointSettings { Url = "https://shop.example.com/hooks" };
        settings.Secrets.Add(Secret);
        change?.Invoke(settings);
        return WebhookEndpoints.Read(new() { Endpoints = { ["shop"] = settings } }).All.Single();
    }
}
