using NodaTime;
using NodaTime.Text;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>Bills of a day (账单): an address that lives 30 seconds, and the file behind it, made from the bank's ledger.</summary>
internal sealed class BillDesk(AlipayState state)
{
    private const string Path = "/alipay/downloadBillFile.resource";
    private static readonly Duration AddressLives = Duration.FromSeconds(30);

    private readonly Dictionary<string, (LocalDate Day, Instant Until)> addresses = new(StringComparer.Ordinal);

    /// <summary>The fields of the call.</summary>
    public static FieldTable Fields { get; } = new(new Field("bill_type", Most: 20, IsRequired: true), new Field("bill_date", Most: 15, IsRequired: true));

    /// <summary><c>alipay.data.dataservice.bill.downloadurl.query</c>.</summary>
    /// <param name="call">The call.</param>
    /// <param name="host">The sandbox's own address.</param>
    public GatewayAnswer Address(GatewayCall call, Uri host)
    {
        if (call["bill_type"] != "trade" || !LocalDatePattern.Iso.Parse(call["bill_date"]).TryGetValue(default, out var day))
            return GatewayAnswer.Fail("INVAILID_ARGUMENTS", "here there are bills of type trade, by day");
        var now = call.Now.InBeijing();
        if (day >= now.Date)
            return GatewayAnswer.Fail("INVAILID_ARGUMENTS", "bill_date is not over");
        var isEmpty = EntriesOf(day).Count == 0;
        if (now < day.PlusDays(1) + state.Options.BillsReadyAt || (isEmpty && !state.Options.EmptyBills))
            return GatewayAnswer.Fail("BILL_NOT_EXIST", "账单不存在");
        var token = StableId.Hex(32, "bill", call["bill_date"], call.Now.ToString());
        addresses[token] = (day, call.Now + AddressLives);
        return GatewayAnswer.Ok()
            .With("bill_download_url", new Uri(host, $"{Path}?bizType=trade&userId={state.Credentials.SellerId}&fileType=csv.zip&token={token}").AbsoluteUri)
            .With("bill_file_code", isEmpty ? "EMPTY_DATA_WITH_BILL_FILE" : "");
    }

    /// <summary>Adds the address of the files.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(Path, async context =>
    {
        byte[]? file;
        lock (state.Gate)
        {
            file = addresses.TryGetValue(context.Request.Query["token"].ToString(), out var found) && state.Now < found.Until
                ? new BillWriter(state, found.Day).Write(EntriesOf(found.Day))
                : null;
        }

        if (file is null)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        context.Response.ContentType = "application/zip";
        context.Response.ContentLength = file.Length;
        await context.Response.Body.WriteAsync(file);
    });

    // Within a day by the number of the order, so that equal histories give equal files.
    private List<BankEntry> EntriesOf(LocalDate day) =>
    [
        .. state.Bank.EntriesBetween(day.AtMidnight().BeijingToInstant(), day.PlusDays(1).AtMidnight().BeijingToInstant())
            .Where(entry => entry.Account == state.Account)
            .OrderBy(entry => entry.At).ThenBy(entry => entry.OrderNumber, StringComparer.Ordinal)
            .ThenBy(entry => entry.RefundNumber, StringComparer.Ordinal),
    ];
}
