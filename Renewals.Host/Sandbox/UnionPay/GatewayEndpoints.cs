namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Builds the desks and gives each operation its address.</summary>
internal sealed class GatewayEndpoints
{
    private readonly UnionPayState state;
    private readonly PlatformKeys keys;
    private readonly GatewayDoor door;
    private readonly EntrustDesk entrusts;
    private readonly CollectionDesk collections;
    private readonly ReversalDesk reversals;
    private readonly BatchDesk batches;

    public GatewayEndpoints(UnionPayState state, PlatformKeys keys, UnionPayFaults faults, CallbackSender sender)
    {
        (this.state, this.keys) = (state, keys);
        var messenger = new Messenger(state, keys);
        door = new GatewayDoor(state, new RequestChecks(state, keys), messenger, faults, sender);
        entrusts = new EntrustDesk(state, keys, messenger);
        collections = new CollectionDesk(state, entrusts, messenger);
        reversals = new ReversalDesk(state, messenger);
        batches = new BatchDesk(state, collections);
        Front = new FrontDesk(state, keys, entrusts, messenger);
    }

    public FrontDesk Front { get; }

    /// <summary>Adds every address of the rail, and the pages members confirm on.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        door.Page(app, Front.Open);
        door.Post(app, GatewayPaths.Back, Execute);
        door.Post(app, GatewayPaths.Query, Execute);
        door.Post(app, GatewayPaths.Batch, Execute);
        door.Post(app, GatewayPaths.Files, Execute);
        app.MapMethods(GatewayPaths.Returned, ["GET", "POST"], context => GatewayDoor.WritePageAsync(context, FrontPages.Returned()));
        app.MapPost("/gateway/front/{token}/confirm", async context =>
        {
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            await PageAsync(context, token => Front.Confirm(token, form["smsCode"].ToString()));
        });
        app.MapPost("/gateway/front/{token}/give-up", context => PageAsync(context, Front.GiveUp));
    }

    private GatewayAnswer Execute(OperationKind kind, GatewayCall call) => kind switch
    {
        OperationKind.Establish => entrusts.Establish(call),
        OperationKind.Remove => entrusts.Remove(call),
        OperationKind.AskBinding => entrusts.Ask(call),
        OperationKind.Collect => collections.Collect(call),
        OperationKind.Void or OperationKind.Refund => reversals.Reverse(call),
        OperationKind.Query => new QueryDesk(state, keys).Query(call),
        OperationKind.EncryptionCertificate => GatewayAnswer.To(call, "00").With("certType", call["certType"])
            .With("encryptPubKeyCert", keys.EncryptionCertificate),
        OperationKind.SettlementFile => new FileDesk(state).Download(call),
        OperationKind.SubmitBatch => batches.Submit(call),
        OperationKind.QueryBatch => batches.Query(call),
        _ => throw new InvalidOperationException($"Operation {kind} is unknown."),
    };

    private async Task PageAsync(HttpContext context, Func<string, string> act)
    {
        string page;
        lock (state.Gate)
        {
            page = act((string)context.Request.RouteValues["token"]!);
        }

        await GatewayDoor.WritePageAsync(context, page);
    }
}
