using NodaTime;

namespace Renewals.Core.Subscriptions;

/// <summary>What a member was shown and agreed to before signing, as the merchant kept it.</summary>
/// <remarks>The law wants the box to be ticked by the member, not beforehand (网络交易监督管理办法, article 18): the state of the box is kept, whatever it was.</remarks>
/// <param name="TermsVersion">Version of the text.</param>
/// <param name="TermsHash">Its hash, in hexadecimal digits: what was shown can be proved later.</param>
/// <param name="BoxTicked">Whether the member ticked the box.</param>
/// <param name="Channel">Where it was shown: an app, a web page, a call.</param>
/// <param name="Language">In which language, as a tag such as <c>zh-CN</c>.</param>
/// <param name="ShownAt">When.</param>
public sealed record Consent(string TermsVersion, string TermsHash, bool BoxTicked, string Channel, string Language, Instant ShownAt);
