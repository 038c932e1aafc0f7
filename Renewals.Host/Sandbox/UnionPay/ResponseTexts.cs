namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>The text to a response code (<c>respMsg</c>); illustrations, not the platform's exact wording.</summary>
internal static class ResponseTexts
{
    /// <summary>The text, with the seven-digit detail in brackets where one is given.</summary>
    public static string Of(string code, string? detail = null) => detail is null ? Text(code) : $"{Text(code)}[{detail}]";

    /// <summary>The same for members who read no Chinese; only for pages, the rail's messages have no such text.</summary>
    public static string InEnglish(string code) => Texts(code).English;

    private static string Text(string code) => Texts(code).Chinese;

    private static (string Chinese, string English) Texts(string code) => code switch
    {
        "00" => ("成功", "Done"),
        "01" => ("交易失败，详情请咨询95516", "It failed; ask at 95516"),
        "02" => ("系统未开放或暂时关闭，请稍后再试", "The system is closed, try again later"),
        "03" => ("交易通讯超时，请发起查询交易", "Communication timed out"),
        "04" => ("交易状态未明，请查询对账结果", "The state is not clear"),
        "05" => ("交易已受理，请稍后查询交易结果", "Accepted, the result comes later"),
        "06" => ("系统繁忙，请稍后再试", "The system is busy, try again later"),
        "10" => ("报文格式错误", "The message has a wrong format"),
        "11" => ("验证签名失败", "The merchant's signature is wrong"),
        "12" => ("重复交易", "A repeated transaction"),
        "13" => ("报文交易要素缺失", "The message lacks a field"),
        "14" => ("批量文件格式错误", "The batch file has a wrong format"),
        "31" => ("商户状态不正确", "The merchant is not in order"),
        "32" => ("无此交易权限", "The merchant may not do this"),
        "33" => ("交易金额超限", "The amount is above the limit"),
        "34" => ("查无此交易", "There is no such transaction"),
        "35" => ("原交易不存在或状态不正确", "The original is missing or not in order"),
        "36" => ("与原交易信息不符", "It does not match the original"),
        "37" => ("已超过最大查询次数或操作过于频繁", "Asked too often"),
        "40" => ("绑定关系检查失败", "The binding was not confirmed"),
        "41" => ("批量文件尚不可下载", "The batch's result is not there yet"),
        "45" => ("原交易已被成功退货或已被成功撤销", "The original was given back before"),
        "60" => ("交易失败，详情请咨询您的发卡行", "It failed; ask your bank"),
        "61" => ("输入的卡号无效，请确认后输入", "The card number is not valid"),
        "63" => ("卡状态不正确", "The card is not in order"),
        "64" => ("卡上的余额不足", "The balance is too low"),
        "66" => ("输入的姓名、身份证件号、手机号有误", "Name, document or phone do not fit the card"),
        "68" => ("您的银行卡暂不支持该业务", "The card does not support this business"),
        "69" => ("交易超时，请重新发起", "Time ran out, begin again"),
        "71" => ("动态密码输入错误", "The code is wrong"),
        "72" => ("您尚未在该银行网点柜面或个人网银签约", "There is no entrust with the bank"),
        "78" => ("发卡行交易权限受限，详情请咨询您的发卡行", "The bank restricts this; ask your bank"),
        "81" => ("月累计交易笔数（金额）超限", "The monthly limit is reached"),
        "98" => ("文件不存在", "There is no such file"),
        "A6" => ("有缺陷的成功", "Done, with a defect"),
        _ => ("交易失败", "It failed"),
    };
}
