using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using NodaTime;
using NodaTime.Serialization.SystemTextJson;
using Renewals.Core.Agreements;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>The one JSON form of events and of the book's state: camel case, enums by name, ISO instants and dates.</summary>
public static class LedgerJson
{
    /// <summary>
    /// Version of <see cref="Subscription"/> as code. The book's state is used only where this matches; elsewhere the stream is folded
    /// again. Raise it with every change of the state or of the fold.
    /// </summary>
    public const int StateVersion = 14;

    /// <summary>The options.</summary>
    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions());

    /// <summary>Makes options write and read this form.</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault;
        options.RespectNullableAnnotations = true;

        // First in the list: Marten brings a converter of its own, and events and book must not name one thing in two ways.
        options.Converters.Insert(0, new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower));
        options.ConfigureForNodaTime(DateTimeZoneProviders.Tzdb);
        options.TypeInfoResolver = JsonTypeInfoResolver.Combine(LedgerJsonContext.Default, new DefaultJsonTypeInfoResolver());
        return options;
    }

    /// <summary>A membership as the book keeps it.</summary>
    public static byte[] WriteState(Subscription state) => JsonSerializer.SerializeToUtf8Bytes(state, StateInfo);

    /// <summary>Reads what <see cref="WriteState"/> wrote.</summary>
    /// <exception cref="JsonException">It is not of this form.</exception>
    public static Subscription ReadState(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, StateInfo) ?? throw new JsonException("The book's state is null.");

    /// <summary>Reads a state of the book if it can be used: written by this version of the code, of the stream's version, and legible. Null: fold the stream.</summary>
    internal static Subscription? UsableState(int stateVersion, long version, ReadOnlySpan<byte> json)
    {
        try
        {
            return stateVersion == StateVersion && ReadState(json) is var state && state.Version == version ? state : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static readonly JsonTypeInfo<Subscription> StateInfo = StateType();

    private static JsonTypeInfo<Subscription> StateType()
    {
        // What the state computes from itself is not kept beside it.
        var plain = Configure(new JsonSerializerOptions { IgnoreReadOnlyProperties = true });
        var state = Configure(new JsonSerializerOptions { IgnoreReadOnlyProperties = true });
        state.Converters.Add(new TermsJson((JsonTypeInfo<Terms>)plain.GetTypeInfo(typeof(Terms))));
        return (JsonTypeInfo<Subscription>)state.GetTypeInfo(typeof(Subscription));
    }
}

/// <summary>Compile-time metadata, so that nothing is looked up by reflection while renewing.</summary>
[JsonSerializable(typeof(Subscription))]
[JsonSerializable(typeof(Enrolled))]
[JsonSerializable(typeof(AgreementChanged))]
[JsonSerializable(typeof(AgreementAsked))]
[JsonSerializable(typeof(AgreementVerified))]
[JsonSerializable(typeof(RailDateKnown))]
[JsonSerializable(typeof(AnchorMoved))]
[JsonSerializable(typeof(Signed))]
[JsonSerializable(typeof(CyclePlanned))]
[JsonSerializable(typeof(Announced))]
[JsonSerializable(typeof(NoticeDelivered))]
[JsonSerializable(typeof(NoticeBounced))]
[JsonSerializable(typeof(NoticeFailed))]
[JsonSerializable(typeof(RailNoticeRequested))]
[JsonSerializable(typeof(RailNoticeAnswered))]
[JsonSerializable(typeof(Requested))]
[JsonSerializable(typeof(OrderFound))]
[JsonSerializable(typeof(Hinted))]
[JsonSerializable(typeof(Asked))]
[JsonSerializable(typeof(NotTaken))]
[JsonSerializable(typeof(Charged))]
[JsonSerializable(typeof(Failed))]
[JsonSerializable(typeof(Overpaid))]
[JsonSerializable(typeof(RefundRequested))]
[JsonSerializable(typeof(Refunded))]
[JsonSerializable(typeof(Cancelled))]
[JsonSerializable(typeof(Postponed))]
[JsonSerializable(typeof(Parked))]
[JsonSerializable(typeof(Unparked))]
[JsonSerializable(typeof(PeriodsSkipped))]
[JsonSerializable(typeof(CatchUpDecided))]
[JsonSerializable(typeof(ChangePlanned))]
[JsonSerializable(typeof(ChangeWithdrawn))]
[JsonSerializable(typeof(TermsChanged))]
[JsonSerializable(typeof(AmountAdded))]
[JsonSerializable(typeof(Paused))]
[JsonSerializable(typeof(Resumed))]
[JsonSerializable(typeof(PriceOffered))]
[JsonSerializable(typeof(PriceOfferTold))]
[JsonSerializable(typeof(PriceAnswered))]
[JsonSerializable(typeof(RefundGranted))]
[JsonSerializable(typeof(PaidOutside))]
[JsonSerializable(typeof(Disputed))]
[JsonSerializable(typeof(DisputeSettled))]
[JsonSerializable(typeof(BackupAdded))]
[JsonSerializable(typeof(BackupRetired))]
[JsonSerializable(typeof(AgreementSwitched))]
[JsonSerializable(typeof(CancelUndone))]
[JsonSerializable(typeof(Ended))]
[JsonSerializable(typeof(Imported))]
[JsonSerializable(typeof(PaidElsewhere))]
[JsonSerializable(typeof(StatementsAsked))]
[JsonSerializable(typeof(SigningStarted))]
[JsonSerializable(typeof(Agreed))]
[JsonSerializable(typeof(SignAbandoned))]
[JsonSerializable(typeof(RailPlanMoved))]
[JsonSerializable(typeof(Verified))]
[JsonSerializable(typeof(Suspended))]
[JsonSerializable(typeof(TerminateRequested))]
[JsonSerializable(typeof(Terminated))]
[JsonSerializable(typeof(TakenOver))]
[JsonSerializable(typeof(RailKeys))]
internal sealed partial class LedgerJsonContext : JsonSerializerContext;
