namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>The text to a response code (<c>respMsg</c>); illustrations, not the platform's exact wording.</summary>
internal static class ResponseTexts
{
    /// <summary>The text, with the seven-digit detail in brackets where one is given.</summary>
    public static string Of(string code, string? detail = null) => detail is null ? Text(code) : $"{Text(code)}[{detail}]";

    private static string Text(string code) => code switch
    {
        "00" => "成功",
        "01" => "交易失败，详情请咨询95516",
        "02" => "系统未开放或暂时关闭，请稍后再试",
        "03" => "交易通讯超时，请发起查询交易",
        "04" => "交易状态未明，请查询对账结果",
        "05" => "交易已受理，请稍后查询交易结果",
        "06" => "系统繁忙，请稍后再试",
        "10" => "报文格式错误",
        "11" => "验证签名失败",
        "12" => "重复交易",
        "13" => "报文交易要素缺失",
        "31" => "商户状态不正确",
        "32" => "无此交易权限",
        "34" => "查无此交易",
        "35" => "原交易不存在或状态不正确",
        "36" => "与原交易信息不符",
        "37" => "已超过最大查询次数或操作过于频繁",
        "40" => "绑定关系检查失败",
        "45" => "原交易已被成功退货或已被成功撤销",
        "60" => "交易失败，详情请咨询您的发卡行",
        "61" => "输入的卡号无效，请确认后输入",
        "63" => "卡状态不正确",
        "64" => "卡上的余额不足",
        "66" => "输入的姓名、身份证件号、手机号有误",
        "69" => "交易超时，请重新发起",
        "71" => "动态密码输入错误",
        "72" => "您尚未在该银行网点柜面或个人网银签约",
        "78" => "发卡行交易权限受限，详情请咨询您的发卡行",
        "98" => "文件不存在",
        "A6" => "有缺陷的成功",
        _ => "交易失败",
    };
}
