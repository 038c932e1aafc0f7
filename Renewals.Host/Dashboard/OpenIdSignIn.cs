using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Renewals.Host.Dashboard.Pages;

namespace Renewals.Host.Dashboard;

/// <summary>A person's way to the identity provider and back: what the framework's handler found becomes a sign-in, or a page that says what to do.</summary>
internal sealed partial class OpenIdSignIn(OpenIdProvider provider, SignInCookie cookie, TimeProvider time, ILogger<OpenIdSignIn> log) : OpenIdConnectEvents
{
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);
    private readonly Lock gate = new();
    private long? said;

    /// <summary>Sends the browser to the provider.</summary>
    /// <param name="context">The request.</param>
    /// <param name="back">The page of ours to show then.</param>
    public async Task BeginAsync(HttpContext context, string back)
    {
        try
        {
            await (await HandlerAsync(context)).ChallengeAsync(new() { RedirectUri = back });
        }
        catch (InvalidOperationException e)
        {
            // What the provider says of itself could not be had, or is not believed.
            await RefuseAsync(context, e);
        }
    }

    /// <summary>Reads what the browser brings back.</summary>
    public async Task EndAsync(HttpContext context)
    {
        if (!await (await HandlerAsync(context)).HandleRequestAsync())
            throw new InvalidOperationException("The handler leaves its own address to others.");
    }

    public override async Task RedirectToIdentityProvider(RedirectContext context)
    {
        var named = await context.Options.ConfigurationManager!.GetConfigurationAsync(context.HttpContext.RequestAborted);
        if (OpenIdProvider.FaultOf(named) is { } fault)
            throw new InvalidOperationException($"The identity provider is not believed: {fault}.");
        context.ProtocolMessage.RedirectUri = provider.ReturnAddress(context.Request);
    }

    public override Task TokenValidated(TokenValidatedContext context)
    {
        // The framework, with the specification, takes one without a signature where it came from the provider's own address. We do not.
        if (string.IsNullOrEmpty(context.SecurityToken.RawSignature))
            context.Fail(new SecurityTokenInvalidSignatureException("The ID token is not signed."));
        return Task.CompletedTask;
    }

    public override async Task TicketReceived(TicketReceivedContext context)
    {
        context.HandleResponse();
        var person = provider.PersonOf(context.Principal!);
        if (person is null)
        {
            await MessagePage.Of(
                403, $"{provider.Name} does not say your name. Ask its administrator for the claim {provider.NameClaim}, then sign in again.",
                $"{provider.Name} 未提供您的姓名。请联系其管理员添加声明（claim）{provider.NameClaim}，然后重新登录。").ExecuteAsync(context.HttpContext);
        }
        else if (cookie.SignIn(context.HttpContext, person) is null)
        {
            var roles = string.Join(", ", provider.Roles.Select(role => $"{role.Theirs} ({role.Ours})"));
            await MessagePage.Of(
                403, $"You have signed in as {person.Name}, but have no role here. Ask the administrator of {provider.Name} for one of {roles} in the claim {provider.RoleClaim}, then sign in again.",
                $"您已以 {person.Name} 的身份登录，但在此没有角色。请联系 {provider.Name} 的管理员，在声明（claim）{provider.RoleClaim} 中授予以下之一：{roles}，然后重新登录。").ExecuteAsync(context.HttpContext);
        }
        else
        {
            // Not a redirect: the browser came from another site, and would follow without the cookie, which is for this site's own pages.
            await new PageResult<SignedInPage>(new Dictionary<string, object?> { [nameof(SignedInPage.Next)] = SignInPages.Local(context.ReturnUri) }).ExecuteAsync(context.HttpContext);
        }
    }

    public override async Task RemoteFailure(RemoteFailureContext context)
    {
        context.HandleResponse();
        await RefuseAsync(context.HttpContext, context.Failure!);
    }

    public override async Task AccessDenied(AccessDeniedContext context)
    {
        context.HandleResponse();
        await MessagePage.Of(403, $"{provider.Name} says that the sign-in was refused or given up.", $"{provider.Name} 表示登录被拒绝或已取消。").ExecuteAsync(context.HttpContext);
    }

    private static async Task<OpenIdConnectHandler> HandlerAsync(HttpContext context)
    {
        var handler = ActivatorUtilities.CreateInstance<OpenIdConnectHandler>(context.RequestServices);
        await handler.InitializeAsync(new(OpenIdProvider.Scheme, null, typeof(OpenIdConnectHandler)), context);
        return handler;
    }

    private Task RefuseAsync(HttpContext context, Exception why)
    {
        // State that is none of ours, is used up or is of another browser: anybody can bring it, so no line of the log.
        if (why is AuthenticationFailureException)
            return MessagePage.Of(400, "This sign-in was not begun in this browser, was ended already or took too long. Begin again.", "此次登录并非由本浏览器发起、已经结束或已超时，请重新登录。").ExecuteAsync(context);
        if (MaySay())
            Failed(log, WhyOf(why));
        return why is OpenIdConnectProtocolException or SecurityTokenException
            ? MessagePage.Of(401, $"What {provider.Name} says of this sign-in is not believed. The service's log says why.", $"{provider.Name} 返回的登录信息未通过验证，原因见服务日志。").ExecuteAsync(context)
            : MessagePage.Of(503, $"{provider.Name} does not answer as it should. Try again; the service's log says why.", $"{provider.Name} 未正常响应，请重试；原因见服务日志。").ExecuteAsync(context);
    }

    // An error in the browser's address is whatever somebody wrote there: of that only what has the form of a code.
    private static string WhyOf(Exception why) => why.Data["error"] is { } error
        ? $"the provider answers with the error {(error is string { Length: <= 40 } code && code.All(c => char.IsAsciiLetterLower(c) || c == '_') ? code : "(no code)")}"
        : why is InvalidOperationException { InnerException: { } inner }

            // The outer one has the whole stack in its message.
            ? $"{inner.Message} {inner.GetBaseException().Message}".ReplaceLineEndings(" ")
            : $"{why.GetType().Name}: {why.Message.ReplaceLineEndings(" ")}";

    // Anybody can begin a sign-in that fails; as lines of ours they would fill the log.
    private bool MaySay()
    {
        lock (gate)
        {
            if (said is { } last && time.GetElapsedTime(last) < Between)
                return false;
            said = time.GetTimestamp();
            return true;
        }
    }

    [LoggerMessage(2020, LogLevel.Warning, "Nobody can sign in at the identity provider, or one sign-in was not believed: {Why}")]
    private static partial void Failed(ILogger log, string why);
}
