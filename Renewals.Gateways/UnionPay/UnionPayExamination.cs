using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Gateways.Examination;
using Renewals.Gateways.Resilience;

namespace Renewals.Gateways.UnionPay;

/// <summary>Finds out whether an account could work: by what is configured, and by what the rail answers to two harmless calls.</summary>
internal sealed class UnionPayExamination(
    UnionPayOptions options, UnionPayClient client, UnionPayMessages messages, UnionPaySealer sealer, UnionPayEncryption encryption, TimeProvider time)
{
    /// <summary>An entrust nobody has, of a card number nobody can have: what the rail says of it tells whether it would let us ask.</summary>
    private static readonly AgreementOrder Nobody =
        new(new(new Guid("00000000-0000-4000-8000-000000000000")), "01", null, default, "0000000000000000");

    private const string OpenProduct =
        "Ask the acquirer or the UnionPay branch that signed the contract to open collection (代收) for this merchant number; they want to see the " +
        "licence, the account, the page where members agree, and how they end it. Ask which generation of the interface (代收 交易子类) is opened.";

    private const string PinnedCertificates =
        "Check Version, SignMethod and the pinned certificates (acp_prod_middle.cer, acp_prod_root.cer) against the platform's present ones.";

    public async Task<IReadOnlyList<RailFinding>> RunAsync(CancellationToken cancellation)
    {
        var now = Now;
        var nothing = UnionPayMessages.Query(UnionPayMessages.NumberOf("examination", options.MerId, now), now);
        var (reply, date) = await client.AskAsync(nothing, RailCall.Repeatable, cancellation);
        return
        [
            Keys(),
            .. Certificates(now),
            Findings.Clock(date, Now),
            Endpoint(reply, date),
            await ProductAsync(cancellation),
            Findings.Callback(options.NotifyUrl),
        ];
    }

    private Instant Now => Instant.FromDateTimeOffset(time.GetUtcNow());

    private RailFinding Keys() => new(
        RailCheck.Keys, FindingVerdict.Yes,
        sealer.Key is { } key ? $"the signing key of certificate {key.CertId} can be read" : $"a shared key is set for method {options.SignMethod.WireName()}");

    private IEnumerable<RailFinding> Certificates(Instant now)
    {
        const string Merchant = "Apply for the next signing certificate (CFCA, by the merchant portal) and put its .pfx into SigningKeyStore.";
        const string Encryption = "Switch UpdateEncryptionCertificate on, or put the present acp_prod_enc.cer into EncryptionCertificatePem.";
        if (sealer.Key is { } key)
            yield return Findings.Certificate($"our signing certificate {key.CertId}", key.ValidFrom, key.ValidUntil, now, Merchant);
        if (encryption.Current is { Certificate: { } certificate, CertId: var number })
            yield return Of($"the rail's encryption certificate {number}", certificate, Encryption);
        if (sealer.Key is null && encryption.Current.Certificate is null)
            yield return new(RailCheck.Certificates, FindingVerdict.Yes, "none is used");
        if (sealer.Key is null)
            yield break;
        (string Name, string Pem)[] pinned = options.Version == UnionPaySigner.Version510
            ? [("the pinned middle certificate", options.MiddleCertificatePem), ("the pinned root certificate", options.RootCertificatePem)]
            : [.. options.PlatformCertificatesPem.Select(pem => ("a certificate of the platform", pem))];
        foreach (var (name, pem) in pinned)
            yield return Of(name, UnionPayCertificates.TryParse(pem)!, PinnedCertificates);

        RailFinding Of(string name, System.Security.Cryptography.X509Certificates.X509Certificate2 held, string renewal)
        {
            var (from, until) = UnionPayCertificates.Validity(held);
            return Findings.Certificate(name, from, until, now, renewal);
        }
    }

    private static RailFinding Endpoint(UnionPayReply reply, DateTimeOffset? date) => reply switch
    {
        UnionPayReply.Message { Code: "11" } message => new(
            RailCheck.Endpoint, FindingVerdict.No, $"the rail does not believe our signature ({message.Code})",
            "Check that SigningKeyStore (or SecureKey) belongs to this merchant number, and that Version and SignMethod are those it is registered with."),
        UnionPayReply.Message => new(RailCheck.Endpoint, FindingVerdict.Yes, "the rail answers, and each side believes the other's signature"),
        UnionPayReply.Unclear unclear when date is not null => new(RailCheck.Endpoint, FindingVerdict.No, $"an answer came that is not believed: {unclear.Why}", PinnedCertificates),
        UnionPayReply.Unclear unclear => Findings.NoAnswer(unclear.Why),
        UnionPayReply.NotSent notSent => Findings.NoAnswer(notSent.Why),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private async Task<RailFinding> ProductAsync(CancellationToken cancellation)
    {
        var message = options.Generation == UnionPayGeneration.A ? messages.AskBinding(Nobody, Now) : messages.Remove(Nobody, Now);
        return await client.CallAsync(message, RailCall.Once, cancellation) switch
        {
            UnionPayReply.Message answer => OfCode(answer),
            var reply => new(RailCheck.Product, FindingVerdict.Unknown, UnionPayVerdicts.WhyOf(reply)),
        };
    }

    private RailFinding OfCode(UnionPayReply.Message answer) => UnionPayCodes.ClassOf(answer.Code) switch
    {
        UnionPayCodeClass.MerchantStop => new(
            RailCheck.Product, FindingVerdict.No, $"collection is not opened for this merchant in generation {options.Generation}: {answer.Why}", OpenProduct),
        UnionPayCodeClass.OwnDefect => new(
            RailCheck.Product, FindingVerdict.Unknown, $"the rail refuses the message itself: {answer.Why}",
            "See the other findings; then check Generation and, with encrypted fields, EncryptionCertificatePem."),
        UnionPayCodeClass.Platform or UnionPayCodeClass.Unclear or UnionPayCodeClass.Open or UnionPayCodeClass.Unknown => new(
            RailCheck.Product, FindingVerdict.Unknown, $"the rail does not say: {answer.Why}", "Ask again later."),
        UnionPayCodeClass.Success or UnionPayCodeClass.NoneSuch or UnionPayCodeClass.Funds or UnionPayCodeClass.Card or UnionPayCodeClass.Entrust
            or UnionPayCodeClass.Identity or UnionPayCodeClass.Original or UnionPayCodeClass.MoneyMayHaveLeft or UnionPayCodeClass.NoFile
            or UnionPayCodeClass.Failed => new(
                RailCheck.Product, FindingVerdict.Yes, $"the rail answers questions about entrusts of generation {options.Generation} ({answer.Code})"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
