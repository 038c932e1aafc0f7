using System.IO.Compression;
using System.Text;
using Renewals.Core.Agreements;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Unit;

/// <summary>A member's lines leave a statement however it is packed, and nobody else's do.</summary>
public sealed class StatementRedactionTests
{
    private static readonly string Order = Samples.Order(Samples.Id, 7, 2).ToString();
    private static readonly string OfAnother = Samples.Order(Samples.IdOf(2), 1).ToString();

    [Theory]
    [InlineData("payer=oZqx1,rest", true)]
    [InlineData("payer%3DoZqx1%26", true)]
    [InlineData("`oZqx1\t,", true)]
    [InlineData("oZqx1", true)]
    [InlineData("oZqx12", false)]
    [InlineData("xoZqx1", false)]
    [InlineData("aoZqx1 and oZqx1", true)]
    [InlineData("nothing", false)]
    public void A_key_counts_as_a_word_of_its_own(string text, bool isThere) => Traces().AreIn(Encoding.UTF8.GetBytes(text)).Should().Be(isThere);

    [Fact]
    public void Every_order_and_refund_of_the_membership_is_known_and_no_other()
    {
        foreach (var number in new[] { Samples.Order(Samples.Id, 1), Samples.Order(Samples.Id, 30_000, 31), Samples.Order(Samples.Id, 4).Refund(3) })
            Traces().AreIn(Encoding.UTF8.GetBytes($"a,{number},b")).Should().BeTrue();
        Traces().AreIn(Encoding.UTF8.GetBytes(OfAnother)).Should().BeFalse();
    }

    [Fact]
    public void What_the_old_system_took_is_known_by_the_rails_number_of_it()
    {
        var paid = new PaidElsewhere("T8000000000000017", Renewals.Core.Plans.Money.Cny(2500), Samples.Now, 2, null, null, Samples.Now);
        var traces = new MemberTraces(new Dictionary<SubscriptionId, IReadOnlyList<SubscriptionEvent>> { [Samples.Id] = [.. Samples.Life(Samples.Id), paid] }, [], []);
        traces.AreIn(Encoding.UTF8.GetBytes("OLD-17,T8000000000000017,2500")).Should().BeTrue();
        traces.AreIn(Encoding.UTF8.GetBytes("OLD-18,T8000000000000018,2500")).Should().BeFalse();
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("gzip")]
    [InlineData("zip")]
    [InlineData("zip in gzip")]
    public void Lines_go_and_all_else_stays_byte_by_byte(string packing)
    {
        var text = $"header\r\n{OfAnother},anybody\r\n{Order},masked name\r\nFOREIGN,oZqx1\r\ntotal 3";
        var (lines, left) = StatementRedaction.Without(Pack(packing, Encoding.Latin1.GetBytes(text + "\xD6\xD0")), Traces());
        lines.Should().Be(2);
        Encoding.Latin1.GetString(Unpack(packing, left!)).Should().Be($"header\r\n{OfAnother},anybody\r\ntotal 3\xD6\xD0");
    }

    [Fact]
    public void In_pages_of_json_the_entries_go_and_not_the_page()
    {
        var pages = $$$"""{"data":[{"id":"1","metadata":{"order":"{{{Order}}}"}},{"id":"2"}],"has_more":true}{"data":[{"id":"3","payer":"oZqx1"},{"id":"4"}]}""";
        var (lines, left) = StatementRedaction.Without(Encoding.UTF8.GetBytes(pages), Traces());
        (lines, Encoding.UTF8.GetString(left!)).Should().Be((2, """{"data":[{"id":"2"}],"has_more":true}{"data":[{"id":"4"}]}"""));
        StatementRedaction.Without(Encoding.UTF8.GetBytes("""{"payer":"oZqx1"}"""), Traces()).Left.Should().BeNull("there is no line to take out, so that the whole goes");
    }

    [Fact]
    public void What_has_nothing_of_the_member_stays_as_it_is_and_what_cannot_be_unpacked_is_said()
    {
        var raw = Pack("zip", Encoding.UTF8.GetBytes(OfAnother));
        var (lines, left) = StatementRedaction.Without(raw, Traces());
        (lines, left!.SequenceEqual(raw)).Should().Be((0, true));
        FluentActions.Invoking(() => StatementRedaction.Without(raw.AsMemory(0, 20), Traces())).Should().Throw<InvalidDataException>();
    }

    private static MemberTraces Traces() => new(
        new Dictionary<SubscriptionId, IReadOnlyList<SubscriptionEvent>> { [Samples.Id] = Samples.Life(Samples.Id) }, [new AgreementId(Guid.Parse("a0000000-0000-4000-8000-000000000009"))],
        [new RailKeys(null, "oZqx1")]);

    private static byte[] Pack(string packing, byte[] content)
    {
        using var packed = new MemoryStream();
        switch (packing)
        {
            case "plain":
                return content;
            case "gzip":
                using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
                    gzip.Write(content);
                return packed.ToArray();
            case "zip":
                using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
                using (var file = zip.CreateEntry("a").Open())
                    file.Write(content);
                return packed.ToArray();
            default:
                return Pack("gzip", Pack("zip", content));
        }
    }

    private static byte[] Unpack(string packing, byte[] packed)
    {
        using var whole = new MemoryStream();
        switch (packing)
        {
            case "plain":
                return packed;
            case "gzip":
                new GZipStream(new MemoryStream(packed), CompressionMode.Decompress).CopyTo(whole);
                return whole.ToArray();
            case "zip":
                new ZipArchive(new MemoryStream(packed)).Entries.Single().Open().CopyTo(whole);
                return whole.ToArray();
            default:
                return Unpack("zip", Unpack("gzip", packed));
        }
    }
}
