using System.CommandLine;
using Renewals.Core.Gateways;

namespace Renewals.Host.Commands;

/// <summary>The <c>hold</c> command: stops charging of an account, a plan or everything, until it is released.</summary>
internal static class HoldCommand
{
    /// <summary>The command and its options.</summary>
    public static Command Create() => new(
        "hold", "Stops charging. Questions, callbacks, refunds, cancels and notices go on; an order committed before still goes out. " + StopOptions.ExitCodes)
    {
        Account(), Plan(), All(),
    };

    private static Command Account()
    {
        var options = new StopOptions();
        var account = new Argument<string>("account") { Description = "The merchant account, such as wechat:1900000109." };
        account.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var name }] && name.Split(':') is not [{ Length: > 0 }, { Length: > 0 }])
                result.AddError($"The account is {name}; write it as rail:number, such as wechat:1900000109.");
        });
        var command = options.AddTo(new("account", "Holds one merchant account.") { account }, changes: true);
        command.SetAction((parsed, cancellation) => options.ChangeAsync(
            parsed, (fuses, by, reason, stop) => fuses.HoldAccountAsync(MerchantAccount.Parse(parsed.GetValue(account)!), by, reason, stop), cancellation));
        return command;
    }

    private static Command Plan()
    {
        var options = new StopOptions();
        var plan = new Argument<string>("plan") { Description = "The plan's id." };
        var command = options.AddTo(new("plan", "Holds one plan at every account.") { plan }, changes: true);
        command.SetAction((parsed, cancellation) =>
            options.ChangeAsync(parsed, (fuses, by, reason, stop) => fuses.HoldPlanAsync(parsed.GetValue(plan)!, by, reason, stop), cancellation));
        return command;
    }

    private static Command All()
    {
        var options = new StopOptions();
        var command = options.AddTo(new("all", "Holds everything."), changes: true);
        command.SetAction((parsed, cancellation) =>
            options.ChangeAsync(parsed, (fuses, by, reason, stop) => fuses.HoldEverythingAsync(by, reason, stop), cancellation));
        return command;
    }
}
