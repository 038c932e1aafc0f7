using System.Diagnostics;
using NodaTime;
using Renewals.Core.Gateways;
using static Renewals.Core.Gateways.AgreementAnswer;

namespace Renewals.Gateways.UnionPay;

/// <content>
/// <list type="table">
/// <listheader><term>code</term><description>establish at once · asked for the signing · remove · ask for a binding (A)</description></listheader>
/// <item><term>success</term><description>signed · in force · ended · in force</description></item>
/// <item><term>open, unclear, platform, not in the table</term><description>unknown · pending or unknown · unknown · unknown</description></item>
/// <item><term>no entrust</term><description>refused · over · ended · ended, or none if it never was</description></item>
/// <item><term>all others</term><description>refused · over · refused · refused</description></item>
/// </list>
/// </content>
public static partial class UnionPayVerdicts
{
    /// <summary>The code of a card that is not served; ours, the rail has none.</summary>
    internal const string CardKind = "PAY_CARD_TYPE";

    internal const string EstablishType = "72";
    internal const string RemoveType = "74";

    /// <summary>The answer to establishing an entrust at once (72, back): its success is final.</summary>
    public static SigningAnswer JudgeEstablishing(UnionPayReply reply, UnionPayIdentity signing, UnionPayOptions options)
    {
        if (reply is not UnionPayReply.Message message)
            return new SigningAnswer.Unknown(WhyOf(reply));
        if (WhyForeign(message, signing, EstablishType) is { } fault)
            return new SigningAnswer.Unknown(fault);
        return UnionPayCodes.ClassOf(message.Code) switch
        {
            UnionPayCodeClass.Success => WhyNotServed(message.Fields, options) is { } why
                ? new SigningAnswer.Refused(CardKind, why)
                : new SigningAnswer.Signed(InForce(NameIn(message.Fields), signing.At, options)),
            UnionPayCodeClass.Open or UnionPayCodeClass.Unclear or UnionPayCodeClass.Platform or UnionPayCodeClass.Unknown =>
                new SigningAnswer.Unknown(message.Why),
            _ => new SigningAnswer.Refused(message.Code, message.Why),
        };
    }

    /// <summary>The answer to a question for the signing (00/00 on it), in generations B and C.</summary>
    /// <remarks>It tells what became of the signing; that the entrust ended later, it does not tell.</remarks>
    public static AgreementAnswer JudgeSigningQuery(UnionPayReply reply, UnionPayIdentity signing, UnionPayOptions options) => reply switch
    {
        UnionPayReply.NotSent or UnionPayReply.Unclear => new Unknown(WhyOf(reply)),
        UnionPayReply.Message message when WhyForeign(message, signing) is { } fault => new Unknown(fault),
        UnionPayReply.Message { Code: "34" } => new NotFound(),
        UnionPayReply.Message { Code: "00" } message when message.Text("txnType") != EstablishType => new Unknown("the answer is about another kind of transaction"),
        UnionPayReply.Message { Code: "00" } message => UnionPayCodes.ClassOf(message.OriginalCode) switch
        {
            UnionPayCodeClass.Success => WhyNotServed(message.Fields, options) is { } why
                ? new Refused(CardKind, why)
                : InForce(NameIn(message.Fields), signing.At, options),
            UnionPayCodeClass.Open => new AgreementAnswer.Pending(),
            UnionPayCodeClass.Unclear or UnionPayCodeClass.Platform or UnionPayCodeClass.Unknown => new Unknown(message.OriginalWhy),
            _ => new Terminated(TerminationMode.Unstated, null),
        },
        UnionPayReply.Message message => new Unknown($"the question was refused: {message.Why}"),
        _ => throw new UnreachableException(),
    };

    /// <summary>The answer to a question for a binding (75), in generation A.</summary>
    public static AgreementAnswer JudgeBindingQuery(
        UnionPayReply reply, UnionPayIdentity question, AgreementOrder agreement, UnionPayOptions options) => reply switch
    {
        UnionPayReply.Message message when WhyForeign(message, question, UnionPayOperation.AskBinding.Type) is { } fault => new Unknown(fault),
        UnionPayReply.Message message => UnionPayCodes.ClassOf(message.Code) switch
        {
            UnionPayCodeClass.Success => WhyNotServed(message.Fields, options) is { } why
                ? new Refused(CardKind, why)
                : InForce(UnionPayMessages.NameOf(agreement), agreement.StartedAt, options),

            // The rail says the same of what ended and of what was never bound; only what was bound has a known name.
            UnionPayCodeClass.Entrust or UnionPayCodeClass.NoneSuch => agreement.RailAgreementId is { Length: > 0 }
                ? new Terminated(TerminationMode.Unstated, null)
                : new NotFound(),
            UnionPayCodeClass.Open or UnionPayCodeClass.Unclear or UnionPayCodeClass.Platform or UnionPayCodeClass.Unknown => new Unknown(message.Why),
            _ => new Refused(message.Code, message.Why),
        },
        _ => new Unknown(WhyOf(reply)),
    };

    /// <summary>The answer to removing an entrust (74): its success is final.</summary>
    public static AgreementAnswer JudgeRemoval(UnionPayReply reply, UnionPayIdentity removal) => reply switch
    {
        UnionPayReply.Message message when WhyForeign(message, removal, RemoveType) is { } fault => new Unknown(fault),
        UnionPayReply.Message message => UnionPayCodes.ClassOf(message.Code) switch
        {
            UnionPayCodeClass.Success => new Terminated(TerminationMode.Merchant, null),
            UnionPayCodeClass.Entrust or UnionPayCodeClass.NoneSuch => new Terminated(TerminationMode.Unstated, null),
            UnionPayCodeClass.Open or UnionPayCodeClass.Unclear or UnionPayCodeClass.Platform or UnionPayCodeClass.Unknown => new Unknown(message.Why),
            _ => new Refused(message.Code, message.Why),
        },
        _ => new Unknown(WhyOf(reply)),
    };

    /// <summary>An entrust as the rail notifies it. Anything but a signing of a card that is served is a reason to ask.</summary>
    /// <param name="fields">A verified notification of our merchant number.</param>
    /// <param name="options">The account's options.</param>
    public static AgreementAnswer JudgeSigned(IReadOnlyDictionary<string, string> fields, UnionPayOptions options) =>
        UnionPayCodes.ClassOf(fields.Text("respCode")) != UnionPayCodeClass.Success
            ? new Unknown($"notified: {UnionPayReply.Message.InWords(fields.Text("respCode"))}")
        : WhyNotServed(fields, options) is { } why ? new Unknown(why)
        : UnionPayText.Time(fields.Text("txnTime")) is { } at ? InForce(NameIn(fields), at, options)
        : new Unknown("a signing without its time");

    /// <summary>Why a card is not served: the policy takes debit cards only, where the rail names the kind (<c>payCardType</c>).</summary>
    private static string? WhyNotServed(IReadOnlyDictionary<string, string> fields, UnionPayOptions options) =>
        options.DebitCardsOnly && fields.Text("payCardType") is not ("" or "00" or "01") ? "only debit cards are served" : null;

    // The user number (C) or binding number (A) where the rail repeats it. Ours is also the number of the signing, which stands for it else.
    private static string NameIn(IReadOnlyDictionary<string, string> fields) =>
        new[] { "billNo", "bindId", "orderId" }.Select(fields.Text).First(name => name.Length > 0);

    private static Active InForce(string name, Instant signedAt, UnionPayOptions options) => new(
        name, null, signedAt,
        options is { Generation: UnionPayGeneration.C, ValidMonths: > 0 } ? UnionPayText.PlusMonths(signedAt, options.ValidMonths) : null);
}
