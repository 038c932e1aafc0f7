using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using NodaTime.Text;
using Renewals.Core.Gateways;

namespace Renewals.Gateways.UnionPay;

/// <summary>Builds all messages but those of signing.</summary>
internal sealed class UnionPayMessages(UnionPayOptions options, UnionPayEncryption encryption)
{
    private static readonly LocalDatePattern MonthDay = LocalDatePattern.CreateWithInvariantCulture("MMdd");

    /// <summary>What names the relation at the rail: user number (C) or binding number (A). Both are ours: the signing code.</summary>
    public static string NameOf(AgreementOrder agreement) =>
        agreement.RailAgreementId is { Length: > 0 } known ? known : agreement.Agreement.SigningCode;

    /// <summary>The number of a call that moves no money. It needs no memory: what such a call did is asked for by other means.</summary>
    public static string NumberOf(string purpose, string about, Instant at)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{purpose}/{about}/{at.ToUnixTimeTicks()}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
    }

    /// <summary>How the rail writes a clearing day; it has no year.</summary>
    public static string Day(LocalDate day) => MonthDay.Format(day);

    /// <summary>Take the money of one order (代收). The card number is that of the vault.</summary>
    public UnionPayMessage Collect(ChargeOrder order)
    {
        var (card, name) = (encryption.Current, NameOf(order.Agreement));
        List<(string, string?)> fields = [("channelType", options.ChannelType), ("accType", "01")];
        fields.AddRange(options.Generation switch
        {
            UnionPayGeneration.A => [("bindId", name)],
            UnionPayGeneration.B => Card(card, order.Agreement),
            UnionPayGeneration.C => [.. Card(card, order.Agreement), ("billType", order.Agreement.Template), ("billNo", name)],
            _ => throw new ArgumentOutOfRangeException(nameof(order), options.Generation, "There are three generations."),
        });
        fields.AddRange([("txnAmt", UnionPayText.Fen(order.Amount)), ("currencyCode", UnionPayText.Yuan), BackUrl]);
        return new(UnionPayDoor.Back, UnionPayOperation.Collect(options), order.Number.ToString(), order.RequestedAt, fields);
    }

    /// <summary>Ask for a transaction by its own number and time (交易状态查询).</summary>
    public static UnionPayMessage Query(string orderId, Instant at) => new(UnionPayDoor.Query, UnionPayOperation.Query, orderId, at, []);

    /// <summary>Give money back: a refund (退货), or a void (撤销) where <see cref="IsVoid"/> says so.</summary>
    public UnionPayMessage GiveBack(RefundOrder refund) => new(
        UnionPayDoor.Back, IsVoid(refund) ? UnionPayOperation.Void(options) : UnionPayOperation.Refund(options), refund.Number.ToString(),
        refund.RequestedAt,
        [
            ("channelType", options.ChannelType), ("txnAmt", UnionPayText.Fen(refund.Amount)), ("currencyCode", UnionPayText.Yuan),
            ("origQryId", refund.RailTransaction), BackUrl,
        ]);

    /// <summary>
    /// Whether a refund goes as a void: the whole amount, asked for on the payment's own clearing day, where the option allows it. It follows
    /// from the order alone, so that a question for it knows what was sent.
    /// </summary>
    public bool IsVoid(RefundOrder refund) => options.VoidSameDay && refund.Amount == refund.Paid
        && UnionPayText.TimeOfQueryId(refund.RailTransaction) is { } paidAt
        && ClearingDay(paidAt) == ClearingDay(refund.RequestedAt);

    /// <summary>Void a collection whose own number and time the rail gave.</summary>
    public UnionPayMessage Void(ChargeOrder order, string railTransaction, Instant now) => new(
        UnionPayDoor.Back, UnionPayOperation.Void(options), VoidNumber(order), now,
        [
            ("channelType", options.ChannelType), ("txnAmt", UnionPayText.Fen(order.Amount)), ("currencyCode", UnionPayText.Yuan),
            ("origQryId", railTransaction), BackUrl,
        ]);

    /// <summary>The number of a void that stops an order: the last refund number, which no refund reaches.</summary>
    public static string VoidNumber(ChargeOrder order) => order.Number.Refund(Core.Charging.OrderNumber.MaxRefund).ToString();

    /// <summary>The clearing day (清算日) an instant belongs to.</summary>
    public LocalDate ClearingDay(Instant at)
    {
        var local = UnionPayText.Local(at);
        return options.ClearingDayEnds != LocalTime.Midnight && local.TimeOfDay >= options.ClearingDayEnds ? local.Date.PlusDays(1) : local.Date;
    }

    /// <summary>End an entrust (解除委托).</summary>
    public UnionPayMessage Remove(AgreementOrder agreement, Instant now)
    {
        var name = NameOf(agreement);
        return Entrust(UnionPayOperation.Remove(options), "remove", name, now, options.Generation switch
        {
            UnionPayGeneration.A => [("bindId", name)],
            UnionPayGeneration.B => Card(encryption.Current, agreement),
            UnionPayGeneration.C => [("billNo", name), .. Card(encryption.Current, agreement)],
            _ => throw new ArgumentOutOfRangeException(nameof(agreement), options.Generation, "There are three generations."),
        });
    }

    /// <summary>Ask for a binding of generation A.</summary>
    public UnionPayMessage AskBinding(AgreementOrder agreement, Instant now) =>
        Entrust(UnionPayOperation.AskBinding, "ask", NameOf(agreement), now, [("bindId", NameOf(agreement))]);

    /// <summary>Ask for the encryption certificate.</summary>
    public UnionPayMessage EncryptionCertificate(Instant now) => new(
        UnionPayDoor.Back, UnionPayOperation.EncryptionCertificate, NumberOf("certificate", options.MerId, now), now,
        [("channelType", options.ChannelType), ("certType", "01")]);

    /// <summary>Download a day's settlement file (对账文件).</summary>
    public static UnionPayMessage Statement(LocalDate day, Instant now) =>
        new(UnionPayDoor.File, UnionPayOperation.File, null, now, [("settleDate", Day(day)), ("fileType", "00")]);

    private (string, string?) BackUrl => ("backUrl", options.NotifyUrl!.OriginalString);

    private static (string, string?)[] Card(UnionPayEncryptor encryptor, AgreementOrder agreement) =>
        [("accNo", encryptor.CardNumber(agreement.PayerAccount!)), ("encryptCertId", encryptor.CertId)];

    private UnionPayMessage Entrust(UnionPayOperation operation, string purpose, string name, Instant now, IReadOnlyList<(string, string?)> fields) =>
        new(UnionPayDoor.Back, operation, NumberOf(purpose, name, now), now, [("channelType", options.ChannelType), .. fields]);
}
