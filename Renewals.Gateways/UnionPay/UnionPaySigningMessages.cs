using Renewals.Core.Gateways;

namespace Renewals.Gateways.UnionPay;

/// <summary>Builds the messages that establish an entrust (建立委托, 签约), and checks first what the rail would choke on.</summary>
/// <remarks>Order number and time are those of the signing, so that it can be asked for, and a repeat is the same transaction.</remarks>
internal sealed class UnionPaySigningMessages(UnionPayOptions options, UnionPayEncryption encryption)
{
    // Would end or split the group the holder's data is written into.
    private const string Breaking = "&={}[]";

    private const int LeastDigits = 13;
    private const int MostDigits = 19;

    /// <summary>Why a signing cannot be sent, and which field it is; null when it can. The words hold nothing of the card.</summary>
    public (string Field, string Why)? WhyNot(SigningRequest request) => request switch
    {
        { FirstPayment: not null } => ("FIRST_PAYMENT", "nothing can be paid while signing at this rail"),
        { Card: null } => ("CARD", "the rail wants the member's card and who holds it"),
        { Card.Number: var number } when !IsCardNumber(number) => ("CARD", "the card number has 13 to 19 digits"),
        { Card: var card } when card.CertificateType.Length != 2 || !card.CertificateType.All(char.IsAsciiDigit) =>
            ("CARD", "the kind of identity document has two digits"),
        { Card: var card } when new[] { card.CertificateNumber, card.Holder, card.Phone }.Any(text => text.Length == 0) =>
            ("CARD", "document number, holder and phone are all wanted"),
        { Card: var card } when new[] { card.CertificateNumber, card.Holder, card.Phone, card.SmsCode ?? "" }.Any(IsBreaking) =>
            ("CARD", "what identifies the holder has characters the rail cannot take"),
        { Card.SmsCode: "" } when options.Generation == UnionPayGeneration.C => ("CARD", "without a page the rail wants the one-time code"),
        { Template: var type } when options.Generation == UnionPayGeneration.C && !IsBillType(type) =>
            ("BILL_TYPE", "the plan's template is the kind of charge (billType): 2 to 4 letters and digits"),
        _ => null,
    };

    /// <summary>The message: to the rail's page, or without one when the merchant has the one-time code.</summary>
    public UnionPayMessage Establish(SigningRequest request)
    {
        var (card, code, encryptor) = (request.Card!, request.Agreement.SigningCode, encryption.Current);
        var byPage = card.SmsCode is null;
        List<(string, string?)> fields =
        [
            ("channelType", options.ChannelType), ("accType", "01"), ("accNo", encryptor.CardNumber(card.Number)),
            ("encryptCertId", encryptor.CertId), ("customerInfo", encryptor.CustomerInfo(card)),
        ];
        fields.AddRange(options.Generation switch
        {
            UnionPayGeneration.A => [("bindId", code)],
            UnionPayGeneration.B => [],
            UnionPayGeneration.C =>
                [("billType", request.Template), ("billNo", code), ("reserved", UnionPayTerms.For(options, request.Plan.Interval).ToString())],
            _ => throw new ArgumentOutOfRangeException(nameof(request), options.Generation, "There are three generations."),
        });
        if (byPage)
            fields.Add(("frontUrl", options.ReturnUrl!.OriginalString));
        if (byPage || options.Generation == UnionPayGeneration.C)
            fields.Add(("backUrl", options.NotifyUrl!.OriginalString));
        return new(byPage ? UnionPayDoor.Front : UnionPayDoor.Back, UnionPayOperation.Establish(options), code, request.StartedAt, fields);
    }

    private static bool IsCardNumber(string text) => text.Length is >= LeastDigits and <= MostDigits && text.All(char.IsAsciiDigit);

    private static bool IsBreaking(string text) => text.Any(c => char.IsControl(c) || Breaking.Contains(c, StringComparison.Ordinal));

    private static bool IsBillType(string text) => text.Length is >= 2 and <= 4 && text.All(char.IsAsciiLetterOrDigit);
}
