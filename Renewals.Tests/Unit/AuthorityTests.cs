using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Plans;

namespace Renewals.Tests.Unit;

/// <summary>The law: a charge without authority cannot be built.</summary>
public class AuthorityTests
{
    private static readonly Instant Told = Scenario.Shanghai(4, 4, 10);
    private static readonly Duration Second = Duration.FromSeconds(1);
    private static readonly Duration Lead = Duration.FromHours(120);
    private static readonly MemberNotice Notice = new("n", 2, Money.Cny(2500), Told + Lead, Told + Duration.FromDays(12), Told, "receipt");

    [Fact]
    public void A_notice_120_hours_ahead_is_authority_and_names_itself()
    {
        var authority = From(Notice, Money.Cny(2500), Told + Lead);
        authority.Should().BeOfType<ChargeAuthority.Notice>().Which.Should().Match<ChargeAuthority.Notice>(n => n.NoticeId == "n" && n.HandedOverAt == Told);
    }

    [Fact]
    public void One_second_short_of_120_hours_is_none() =>
        From(Notice with { MoneyFrom = Told }, Money.Cny(2500), Told + Lead - Second).Should().BeNull();

    [Fact]
    public void Above_the_announced_amount_is_none_and_below_is_authority()
    {
        From(Notice, Money.Cny(2501), Told + Lead).Should().BeNull();
        From(Notice, Money.Cny(2499), Told + Lead).Should().NotBeNull();
    }

    [Fact]
    public void Another_currency_is_none() => From(Notice, new(2500, "USD"), Told + Lead).Should().BeNull();

    [Fact]
    public void Outside_the_announced_window_is_none()
    {
        From(Notice with { MoneyFrom = Told + Lead + Second }, Money.Cny(2500), Told + Lead).Should().BeNull();
        From(Notice, Money.Cny(2500), Notice.MoneyUntil).Should().NotBeNull();
        From(Notice, Money.Cny(2500), Notice.MoneyUntil + Second).Should().BeNull();
        ChargeAuthority.FromNotice(Notice, MarketRules.MainlandChina, Money.Cny(2500), Told + Lead, Notice.MoneyUntil + Second).Should().BeNull();
    }

    [Fact]
    public void A_notice_older_than_thirty_days_is_none()
    {
        var old = Notice with { MoneyUntil = Told + Duration.FromDays(60) };
        From(old, Money.Cny(2500), Told + Duration.FromDays(30)).Should().NotBeNull();
        From(old, Money.Cny(2500), Told + Duration.FromDays(30) + Second).Should().BeNull();
    }

    [Fact]
    public void Consent_counts_when_the_last_moment_of_sending_lies_within()
    {
        ChargeAuthority.FromSigning(Told, Told + Lead, Told + Lead).Should().BeOfType<ChargeAuthority.SigningConsent>().Which.SignedAt.Should().Be(Told);
        ChargeAuthority.FromSigning(Told, Told + Lead, Told + Lead + Second).Should().BeNull();
    }

    [Fact]
    public void The_law_of_mainland_china_asks_for_five_days() => MarketRules.MainlandChina.NoticeLead.Should().Be(Lead);

    private static ChargeAuthority? From(MemberNotice notice, Money amount, Instant at) =>
        ChargeAuthority.FromNotice(notice, MarketRules.MainlandChina, amount, at, at);
}
