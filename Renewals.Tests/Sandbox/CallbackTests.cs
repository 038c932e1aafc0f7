using NodaTime;
using Renewals.Host.Sandbox.WeChatPay;

namespace Renewals.Tests.Sandbox;

public class SandboxCallbackTests
{
    private const string Fail = "<xml><return_code>FAIL</return_code><return_msg>later</return_msg></xml>";

    [Fact]
    public async Task Charge_results_follow_their_plan_and_stop_after_ten_tries()
    {
        await using var world = await SandboxWorld.StartAsync(new() { SigningCallbacks = _ => new() { Lost = true } });
        await world.ApplyAsync(await world.SignAsync("code1"), "order1");
        var settled = world.Now + Duration.FromSeconds(2);
        var at = new List<long>();
        world.Post.Answer = _ =>
        {
            at.Add(world.SecondsSince(settled));
            return (200, Fail);
        };
        await world.RunUntilAsync(SandboxWorld.Beijing(3, 10));
        at.Should().Equal(0, 15, 30, 60, 240, 2040, 3840, 5640, 7440, 11040);
        world.Sandbox.NextDue.Should().BeNull();
    }

    [Fact]
    public async Task Contract_news_is_tried_thirty_times()
    {
        await using var world = await SandboxWorld.StartAsync();
        await world.SignAsync("code1");
        world.Post.Answer = _ => (500, "");
        await world.RunForAsync(119);
        world.Post.Came.Should().HaveCount(6, "at 0, 10, 20, 30, 60 and 90 seconds; the next is at 120");
        await world.RunUntilAsync(SandboxWorld.Beijing(1, 13));
        world.Post.Came.Should().HaveCount(30);
    }

    [Fact]
    public async Task It_is_repeated_until_SUCCESS_and_not_after()
    {
        await using var world = await SandboxWorld.StartAsync();
        await world.SignAsync("code1");
        var bodies = new[] { (200, Fail), (200, "SUCCESS"), (200, ""), (404, "<xml><return_code>SUCCESS</return_code></xml>") };
        world.Post.Answer = n => n <= bodies.Length ? bodies[n - 1] : (200, "<xml><return_code>SUCCESS</return_code></xml>");
        await world.RunUntilAsync(SandboxWorld.Beijing(1, 13));
        world.Post.Came.Should().HaveCount(5);
        world.Post.Came.Select(came => Convert.ToHexString(came.Body.Span)).Distinct().Should().ContainSingle("repeats are identical");
    }

    [Fact]
    public async Task A_slow_merchant_is_not_waited_for_and_a_missing_one_is_tried_again()
    {
        await using var world = await SandboxWorld.StartAsync(new() { CallbackTimeLimit = TimeSpan.FromMilliseconds(200) });
        await world.SignAsync("code1");
        world.Post.Thinks = TimeSpan.FromSeconds(2);
        await world.RunForAsync(5);
        world.Post.Thinks = TimeSpan.Zero;
        world.Sandbox.NextDue.Should().Be(SandboxWorld.Beijing(1, 10) + Duration.FromSeconds(11));
        await world.RunForAsync(10);
        world.Sandbox.NextDue.Should().BeNull();
    }

    [Fact]
    public async Task Callbacks_can_be_lost_late_and_double()
    {
        await using var world = await SandboxWorld.StartAsync(new()
        {
            SigningCallbacks = _ => new() { Lost = true },
            Charges = draw => draw.OrderNumber == "order1"
                ? new() { Callback = new() { Lost = true } }
                : new() { Callback = new() { Copies = 2, Delay = Duration.FromHours(1) } },
        });
        world.Bank.OpenAccount("bob", 9000);
        await world.ApplyAsync(await world.SignAsync("code1"), "order1");
        await world.ApplyAsync(await world.SignAsync("code2", "bob"), "order2");
        await world.RunForAsync(3600);
        world.Post.Came.Should().BeEmpty();
        (await world.QueryAsync("order1"))["trade_state"].Should().Be("SUCCESS");
        await world.RunForAsync(10);
        world.Post.Came.Should().HaveCount(2);
        world.Post.LastXml["out_trade_no"].Should().Be("order2");
    }
}
