using System.Collections.Concurrent;
using System.Globalization;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Tests.Gateways.Conformance.BadAdapters;

/// <summary>"The refund timed out, so ask for another one."</summary>
internal sealed class RefundUnderANewNumber(IPaymentGateway good) : GatewayDecorator(good)
{
    public override async Task<RefundAnswer> RefundAsync(RefundOrder refund, CancellationToken cancellation) =>
        await Good.RefundAsync(refund, cancellation) is not RefundAnswer.Unknown and var answer
            ? answer
            : await Good.RefundAsync(refund with { Number = refund.Number.OfAttempt.Refund(refund.Number.RefundNumber + 1) }, cancellation);
}

/// <summary>It never looks at a signature.</summary>
internal sealed class BelievesForgeries(IPaymentGateway good) : GatewayDecorator(good)
{
    public override CallbackReading ReadCallback(Callback callback, Instant now) => Good.ReadCallback(callback, now) is CallbackReading.OfCharge reading
        ? reading
        : Unverified(callback) ?? Good.ReadCallback(callback, now);

    internal static CallbackReading? Unverified(Callback callback) =>
        WeChatPayXml.TryRead(callback.Body.Span, out var fields, out _) && fields.TryGetValue("out_trade_no", out var order)
            ? new CallbackReading.OfCharge(order, WeChatPayVerdicts.JudgeDeduction(fields))
            : null;
}

/// <summary>"This signing was started already": a member who taps twice is told no.</summary>
internal sealed class RefusesASecondTap(IPaymentGateway good) : GatewayDecorator(good)
{
    private static readonly ConcurrentDictionary<AgreementId, bool> Started = new();

    public override async Task<SigningAnswer> StartSigningAsync(SigningRequest request, CancellationToken cancellation) =>
        Started.TryAdd(request.Agreement, true) ? await Good.StartSigningAsync(request, cancellation) : new SigningAnswer.Refused("DUPLICATE", "started already");
}

/// <summary>It verifies a signature when there is one.</summary>
internal sealed class BelievesTheUnsigned(IPaymentGateway good) : GatewayDecorator(good)
{
    public override CallbackReading ReadCallback(Callback callback, Instant now) =>
        WeChatPayXml.TryRead(callback.Body.Span, out var fields, out _) && !fields.Keys.Any(name => name.StartsWith("sig", StringComparison.Ordinal))
            ? BelievesForgeries.Unverified(callback) ?? Good.ReadCallback(callback, now)
            : Good.ReadCallback(callback, now);
}

/// <summary>It verifies the signature over the time, and never compares the time with the clock.</summary>
internal sealed class BelievesTheStale(IPaymentGateway good) : GatewayDecorator(good)
{
    public override CallbackReading ReadCallback(Callback callback, Instant now) => Good.ReadCallback(
        callback,
        callback.Headers.TryGetValue("Wechatpay-Timestamp", out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? Instant.FromUnixTimeSeconds(seconds)
            : now);
}

/// <summary>It takes the first line of a statement for a second header.</summary>
internal sealed class DropsALine(IPaymentGateway good) : GatewayDecorator(good)
{
    public override async Task<StatementAnswer> ReadStatementAsync(LocalDate day, CancellationToken cancellation) =>
        await Good.ReadStatementAsync(day, cancellation) is StatementAnswer.Ready ready
            ? ready with { Lines = ready.Lines.Skip(1) }
            : new StatementAnswer.NotReady();
}

/// <summary>It reads the statement's yuan as fen.</summary>
internal sealed class ReadsYuanAsFen(IPaymentGateway good) : GatewayDecorator(good)
{
    public override async Task<StatementAnswer> ReadStatementAsync(LocalDate day, CancellationToken cancellation) =>
        await Good.ReadStatementAsync(day, cancellation) is StatementAnswer.Ready ready
            ? ready with { Lines = ready.Lines.Select(line => line with { Amount = line.Amount with { MinorUnits = line.Amount.MinorUnits / 100 } }) }
            : new StatementAnswer.NotReady();
}

/// <summary>"There is no statement, so nothing happened", an hour before the rail writes it.</summary>
internal sealed class NotReadyIsEmpty(IPaymentGateway good) : GatewayDecorator(good)
{
    public override async Task<StatementAnswer> ReadStatementAsync(LocalDate day, CancellationToken cancellation) =>
        await Good.ReadStatementAsync(day, cancellation) is StatementAnswer.Failed or StatementAnswer.NotReady
            ? new StatementAnswer.Ready(ReadOnlyMemory<byte>.Empty, [])
            : await Good.ReadStatementAsync(day, cancellation);
}
