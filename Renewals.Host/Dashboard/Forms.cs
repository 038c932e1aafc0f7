using Renewals.Host.Api;
using Renewals.Host.Dashboard.Pages;

namespace Renewals.Host.Dashboard;

/// <summary>What all actions have in common: a reason, and a page to see the result on.</summary>
internal static class Forms
{
    /// <summary>Shows a page after a form was sent, so that loading it again sends nothing again.</summary>
    public static IResult Then(string address) => new SeeOther(address);

    /// <summary>Does something with the reason that the form gives, and shows a page then.</summary>
    /// <param name="context">The request.</param>
    /// <param name="then">The page.</param>
    /// <param name="act">What is done; gives an answer where it was not done, and otherwise null.</param>
    public static async Task<IResult> ActAsync(HttpContext context, string then, Func<IFormCollection, string, Task<IResult?>> act)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var why = form["why"].ToString().Trim();
        return Check.Reason(why) is { } fault ? MessagePage.Of(400, fault, "请填写原因（1 至 1000 字，勿填个人信息）。") : await act(form, why) ?? Then(then);
    }

    private sealed class SeeOther(string address) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            (httpContext.Response.StatusCode, httpContext.Response.Headers.Location) = (StatusCodes.Status303SeeOther, address);
            return Task.CompletedTask;
        }
    }
}
