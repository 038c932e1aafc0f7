namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Where calls come in: reads, verifies, executes under the lock, signs the answer.</summary>
internal sealed class GatewayDoor(
    UnionPayState state, RequestChecks checks, Messenger messenger, UnionPayFaults faults, CallbackSender sender)
{
    /// <summary>Adds an address for back transactions.</summary>
    /// <param name="app">The routes.</param>
    /// <param name="path">Where they are posted.</param>
    /// <param name="execute">What a call does; runs under the lock.</param>
    public void Post(IEndpointRouteBuilder app, string path, Func<OperationKind, GatewayCall, GatewayAnswer> execute) =>
        app.MapPost(path, async context =>
        {
            var (answer, fault) = Answer(path, await ReadAsync(context), execute);
            await TellFirstAsync(answer, context.RequestAborted);
            await WriteAsync(context, answer, fault);
        });

    /// <summary>Adds the address of front transactions, which answers a page.</summary>
    /// <param name="app">The routes.</param>
    /// <param name="open">Makes the page; runs under the lock.</param>
    public void Page(IEndpointRouteBuilder app, Func<GatewayCall, string> open) => app.MapPost(GatewayPaths.Front, async context =>
    {
        var request = await ReadAsync(context);
        var call = new GatewayCall(request.Fields, state.Now);
        var (operation, refusal) = checks.OfForm(GatewayPaths.Front, request);
        string page;
        lock (state.Gate)
        {
            refusal ??= checks.OfState(operation, call).Refusal;
            page = refusal is null ? open(call) : FrontPages.Problem(refusal);
        }

        await WritePageAsync(context, page);
    });

    public static Task WritePageAsync(HttpContext context, string page)
    {
        context.Response.ContentType = SandboxPage.ContentType;
        return context.Response.WriteAsync(page);
    }

    private (GatewayAnswer Answer, UnionPayFault? Fault) Answer(
        string path, GatewayRequest request, Func<OperationKind, GatewayCall, GatewayAnswer> execute)
    {
        var call = new GatewayCall(request.Fields, state.Now);
        var (operation, refusal) = checks.OfForm(path, request);
        if (refusal is not null)
            return (GatewayAnswer.To(call, refusal), null);
        var fault = faults.Take(call);
        if (fault is UnionPayFault.LoseRequest or UnionPayFault.ServerError)
            return (GatewayAnswer.Broken(), fault);
        if (fault == UnionPayFault.Busy)
            return (GatewayAnswer.To(call, "06"), fault);
        if (fault == UnionPayFault.RefuseRequest)
            return (GatewayAnswer.To(call, "10"), fault);
        lock (state.Gate)
        {
            return checks.OfState(operation, call) is ({ } code, var detail)
                ? (GatewayAnswer.To(call, code, detail), fault)
                : (execute(operation!.Kind, call), fault);
        }
    }

    private async Task TellFirstAsync(GatewayAnswer answer, CancellationToken cancellation)
    {
        if (answer.SentBefore is { } message && !await sender.SendAsync(message, 0, state.Now, cancellation))
            messenger.Repeat(message, answer.Fields.GetValueOrDefault("orderId", "notification"));
    }

    private async Task WriteAsync(HttpContext context, GatewayAnswer answer, UnionPayFault? fault)
    {
        if (fault == UnionPayFault.SlowAnswer)
            await Task.Delay(UnionPayFaults.SlowAnswer, context.RequestAborted);
        if (fault == UnionPayFault.ServerError)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        if (answer.Lost || fault == UnionPayFault.LoseAnswer)
        {
            context.Abort();
            return;
        }

        var damage = fault switch
        {
            UnionPayFault.BadSignature => NotificationDamage.ForgedSignature,
            UnionPayFault.WrongCommonName => NotificationDamage.WrongCommonName,
            _ => NotificationDamage.None,
        };
        var body = messenger.AnswerText(answer.Fields, damage);
        context.Response.ContentType = $"text/html;charset={answer.Fields.GetValueOrDefault("encoding", "UTF-8")}";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body);
    }

    private static async Task<GatewayRequest> ReadAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        return GatewayRequest.Read(buffer.ToArray());
    }
}
