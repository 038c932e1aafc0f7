using System.Text.RegularExpressions;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>The form of each field (UnionPay collection, section 6). Fields it does not know are let through.</summary>
internal static partial class FieldFormats
{
    /// <summary>Whether a field has its form.</summary>
    public static bool Fits(string name, string value) => value.Length > 0 && name switch
    {
        "version" => value is "5.1.0" or "5.0.0",
        "encoding" => value is "UTF-8" or "GBK",
        "signMethod" => value is "01" or "11" or "12",
        "signature" => value.Length <= 1024,
        "certId" or "encryptCertId" => value.Length <= 128 && Digits().IsMatch(value),
        "txnType" or "txnSubType" => value.Length == 2 && Digits().IsMatch(value),
        "bizType" => value.Length == 6 && Digits().IsMatch(value),
        "channelType" => value is "05" or "07" or "08",
        "accessType" => value is "0" or "1" or "2",
        "merId" => value.Length == 15 && Word().IsMatch(value),
        "orderId" => value.Length is >= 8 and <= 40 && Word().IsMatch(value),
        "txnTime" => UnionPayTime.ParseCompact(value) is not null,
        "txnAmt" => value.Length <= 12 && Digits().IsMatch(value) && long.Parse(value) > 0,
        "currencyCode" => value == "156",
        "accType" => value is "01" or "02" or "03",
        "accNo" => value.Length <= 1024,
        "frontUrl" or "backUrl" => value.Length <= 256 && IsWebAddress(value),
        "reqReserved" => value.Length <= 1024,
        "reserved" => value.Length <= 2048,
        "billType" => value.Length is >= 2 and <= 4 && Word().IsMatch(value),
        "billNo" => value.Length <= 64 && Word().IsMatch(value),
        "bindId" => value.Length <= 128,
        "origQryId" => value.Length is 20 or 21 && Digits().IsMatch(value),
        "settleDate" => value.Length == 4 && Digits().IsMatch(value),
        "fileType" => value == "00",
        "certType" => value == "01",
        "batchNo" => value.Length == 4 && Digits().IsMatch(value) && value != "0000",
        "totalQty" or "totalAmt" => value.Length <= 12 && Digits().IsMatch(value),
        _ => true,
    };

    private static bool IsWebAddress(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps);

    [GeneratedRegex("^[0-9]+$")]
    private static partial Regex Digits();

    [GeneratedRegex("^[0-9A-Za-z]+$")]
    private static partial Regex Word();
}
