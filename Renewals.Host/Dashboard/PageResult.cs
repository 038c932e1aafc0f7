using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Renewals.Host.Dashboard;

/// <summary>A page, rendered on the server: the framework's components encode whatever is put into them.</summary>
/// <param name="content">Name and value of the component's parameters; the chrome is added.</param>
/// <param name="status">The HTTP status.</param>
internal sealed class PageResult<TPage>(IReadOnlyDictionary<string, object?> content, int status = StatusCodes.Status200OK) : IResult
    where TPage : IComponent
{
    public async Task ExecuteAsync(HttpContext context)
    {
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>(content) { [nameof(Chrome)] = Chrome.Of(context) });
        await using var renderer = new HtmlRenderer(context.RequestServices, context.RequestServices.GetRequiredService<ILoggerFactory>());

        // Whole before the first byte goes out, so that a fault is an answer and no half a page.
        var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<TPage>(parameters)).ToHtmlString());
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(html, context.RequestAborted);
    }
}
