using System.Text;
using CsCheck;
using Renewals.Core.Gateways;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Tests.Gateways.WeChatPay;

/// <summary>A valid callback with one bit or one field changed on its way is not believed.</summary>
public sealed class MutationTests
{
    private static readonly string[] Signed =
        ["notify-deduct-success.xml", "notify-deduct-fail.xml", "notify-contract-add.xml", "notify-contract-delete.xml"];

    private static readonly WeChatPayCallbacks Callbacks = Build();

    [Fact]
    public void A_thousand_one_bit_changes_of_valid_callbacks_are_refused_or_change_no_field()
    {
        var (refused, untouched) = (0, 0);
        var originals = Signed.Select(Samples.Bytes).ToList();
        Gen.Select(Gen.Int[0, Signed.Length - 1], Gen.Double[0, 1], Gen.Int[0, 7]).Sample(
            (file, where, bit) =>
            {
                var body = (byte[])originals[file].Clone();
                body[(int)(where * (body.Length - 1))] ^= (byte)(1 << bit);
                if (Read(body) is CallbackReading.Rejected)
                {
                    Interlocked.Increment(ref refused);
                    return true;
                }

                // Space between elements is no content: then every field is what the rail signed.
                Interlocked.Increment(ref untouched);
                return Fields(body).OrderBy(field => field.Key).SequenceEqual(Fields(originals[file]).OrderBy(field => field.Key));
            },
            iter: 1_500, threads: 1);
        refused.Should().BeGreaterThan(1_000, "most bits are content");
        untouched.Should().BeLessThan(refused / 5);
    }

    [Fact]
    public void A_thousand_changes_of_one_field_are_all_rejected() => FieldMutations.AreAllRejected(
        [.. Signed.Select(file => Fields(Samples.Bytes(file)))], Signed.Length, fields => Read(Encoding.UTF8.GetBytes(WeChatPayXml.Write(fields))));

    private static Dictionary<string, string> Fields(byte[] body) =>
        WeChatPayXml.TryRead(body, out var fields, out _) ? new(fields) : throw new InvalidOperationException("It was read and cannot be read.");

    private static CallbackReading Read(byte[] body) => Callbacks.Read(Samples.Callback(body), Samples.Now);

    private static WeChatPayCallbacks Build()
    {
        var options = Samples.Options();
        return new(options, WeChatPayPlatformKeys.Of(options));
    }
}
