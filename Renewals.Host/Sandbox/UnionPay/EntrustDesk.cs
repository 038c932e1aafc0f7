using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Entrusts: established by page or at once, removed, asked for (72, 74, 75).</summary>
internal sealed class EntrustDesk(UnionPayState state, PlatformKeys keys, Messenger messenger)
{
    private EntrustGeneration Generation => state.Options.Generation;

    /// <summary>Records a request to establish; it has a result at once when it is refused.</summary>
    /// <returns>The request, or the code when it is too defective to be recorded.</returns>
    public (Establishing? Establishing, string? Refusal) Open(GatewayCall call, bool byPage)
    {
        if (ReadPayer(call) is not ({ } payer, null))
            return (null, "10");
        if (Lacks(payer, byPage))
            return (null, "13");
        var terms = Generation == EntrustGeneration.C ? EntrustTerms.TryRead(call["reserved"]) : EntrustTerms.None;
        if (terms is null)
            return (null, "10");
        var establishing = new Establishing(call, payer, terms)
        {
            Card = state.Cards.Find(payer.CardNumber),
            PageToken = byPage ? StableId.Hex(32, "page", call["orderId"], call["txnTime"]) : null,
            ClosesAt = call.Now + state.Options.FrontLifetime,
        };
        state.Record(establishing);
        state.Establishings[establishing.OrderId] = establishing;
        if (RefusalOf(establishing) is { } refusal)
            establishing.End(refusal, call.Now);
        return (establishing, null);
    }

    /// <summary>The back variant: the synchronous answer is final.</summary>
    public GatewayAnswer Establish(GatewayCall call)
    {
        var (establishing, refusal) = Open(call, byPage: false);
        if (establishing is null)
            return GatewayAnswer.To(call, refusal!);
        if (establishing.Result is null)
            Sign(establishing, call.Now);
        return GatewayAnswer.To(call, establishing.Result!)
            .With(establishing.Succeeded ? MessageFields.Data(establishing, state, keys) : []);
    }

    /// <summary>The entrust is in force from now on; an older one under the same key ends.</summary>
    public Entrust Sign(Establishing establishing, Instant now)
    {
        establishing.End("00", now);
        var entrust = new Entrust(establishing, KeyOf(establishing.Call, establishing.Payer.CardNumber), now);
        if (state.Entrusts.GetValueOrDefault(entrust.Key) is { } older)
            older.Remove(now, TerminationMode.Unstated);
        state.Entrusts[entrust.Key] = entrust;
        state.AllEntrusts.Add(entrust);
        messenger.Notify(establishing, state.Options.EntrustNotifications(establishing.OrderId));
        return entrust;
    }

    /// <summary>Removes an entrust (解除委托); the answer is final.</summary>
    public GatewayAnswer Remove(GatewayCall call)
    {
        if (ReadPayer(call) is not ({ } payer, null))
            return GatewayAnswer.To(call, "10");
        var entrust = state.Entrusts.GetValueOrDefault(KeyOf(call, payer.CardNumber));
        var done = new PlainTransaction(call) { Card = entrust?.Card };
        state.Record(done);
        done.End(entrust?.Remove(call.Now, TerminationMode.Merchant) == true ? "00" : "72", call.Now);
        return GatewayAnswer.To(call, done.Result!).With("billNo", call["billNo"]).With("bindId", call["bindId"]);
    }

    /// <summary>Asks for a binding of generation A, by <c>bindId</c>, card or both.</summary>
    public GatewayAnswer Ask(GatewayCall call)
    {
        if (ReadPayer(call) is not ({ } payer, null))
            return GatewayAnswer.To(call, "10");
        if (payer.CardNumber.Length + call["bindId"].Length == 0)
            return GatewayAnswer.To(call, "13");
        var asked = new PlainTransaction(call) { Card = Find(call, payer.CardNumber) is { } found && found.IsInForceAt(call.Now) ? found.Card : null };
        state.Record(asked);
        asked.End(asked.Card is null ? "72" : "00", call.Now);
        return GatewayAnswer.To(call, asked.Result!).With("bindId", call["bindId"])
            .With(asked.Succeeded ? MessageFields.Data(asked, state, keys) : []);
    }

    /// <summary>The entrust a request is about, in force or not; null when there never was one.</summary>
    public Entrust? Find(GatewayCall call, string cardNumber) =>
        Generation == EntrustGeneration.A && call["bindId"].Length == 0
            ? state.AllEntrusts.FindLast(entrust => entrust.Card.Number == cardNumber)
            : state.Entrusts.GetValueOrDefault(KeyOf(call, cardNumber)) is { } found
                && (cardNumber.Length == 0 || found.Card.Number == cardNumber)
                ? found
                : null;

    /// <summary>Who pays, decrypted; refused with 10 when it cannot be read.</summary>
    public (Payer? Payer, string? Refusal) ReadPayer(GatewayCall call) =>
        call["encryptCertId"] is { Length: > 0 } certificate && certificate != keys.EncryptionCertId
            ? (null, "10")
            : Payer.Read(call.Fields, GatewayRequest.EncodingOf(call["encoding"]), state.Options.EncryptedFields, keys.Decrypt);

    private string KeyOf(GatewayCall call, string cardNumber) => Generation switch
    {
        EntrustGeneration.A => call["bindId"],
        EntrustGeneration.B => cardNumber,
        EntrustGeneration.C => $"{cardNumber}/{call["billNo"]}",
        _ => throw new InvalidOperationException($"Generation {Generation} is unknown."),
    };

    // Generation C names all four; the others need the name, or a document. Without a page the one-time code comes along.
    private bool Lacks(Payer payer, bool byPage) => Generation == EntrustGeneration.C
        ? new[] { "certifTp", "certifId", "customerNm", "phoneNo", byPage ? "phoneNo" : "smsCode" }.Any(name => payer[name].Length == 0)
        : payer["customerNm"].Length == 0 && (payer["certifTp"].Length == 0 || payer["certifId"].Length == 0);

    private string? RefusalOf(Establishing establishing) =>
        establishing.Card is not { } card ? "61"
        : !state.Bank.IsOpen(card.Member) ? "63"
        : state.Options.DebitCardsOnly && card.IsCredit ? "68"
        : !establishing.Payer.Fits(card) ? "66"
        : establishing.Payer["smsCode"] is { Length: > 0 } code && code != Payer.SmsCode ? "71"
        : Generation == EntrustGeneration.A && state.Entrusts.GetValueOrDefault(establishing.Call["bindId"])?.IsInForceAt(establishing.AcceptedAt) == true
            ? "40"
            : null;
}
