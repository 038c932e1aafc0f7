using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>The agreement's own decisions: the table of what the rail says by what it was.</summary>
public class AgreementTests
{
    private static readonly Instant Now = Shanghai(3, 10, 12);

    public static TheoryData<string, AgreementStatus, bool, AgreementStatus> Table() => new()
    {
        { "active", AgreementStatus.Signing, false, AgreementStatus.Active },
        { "active", AgreementStatus.Abandoned, true, AgreementStatus.Active },
        { "active", AgreementStatus.Active, false, AgreementStatus.Active },
        { "active", AgreementStatus.Terminating, false, AgreementStatus.Terminating },
        { "active", AgreementStatus.Terminated, false, AgreementStatus.Terminated },
        { "terminated", AgreementStatus.Signing, false, AgreementStatus.Abandoned },
        { "terminated", AgreementStatus.Active, false, AgreementStatus.Terminated },
        { "terminated", AgreementStatus.Terminating, false, AgreementStatus.Terminated },
        { "terminated", AgreementStatus.Abandoned, false, AgreementStatus.Abandoned },
        { "none", AgreementStatus.Signing, false, AgreementStatus.Signing },
        { "none", AgreementStatus.Signing, true, AgreementStatus.Abandoned },
        { "none", AgreementStatus.Active, true, AgreementStatus.Active },
        { "none", AgreementStatus.Terminating, true, AgreementStatus.Terminated },
        { "pending", AgreementStatus.Signing, false, AgreementStatus.Signing },
        { "pending", AgreementStatus.Signing, true, AgreementStatus.Abandoned },
        { "pending", AgreementStatus.Terminating, true, AgreementStatus.Terminating },
        { "unknown", AgreementStatus.Signing, true, AgreementStatus.Signing },
        { "refused", AgreementStatus.Signing, true, AgreementStatus.Signing },
        { "unknown", AgreementStatus.Terminating, true, AgreementStatus.Terminating },
        { "suspended", AgreementStatus.Active, false, AgreementStatus.Suspended },
        { "suspended", AgreementStatus.Suspended, false, AgreementStatus.Suspended },
        { "suspended", AgreementStatus.Signing, true, AgreementStatus.Signing },
        { "suspended", AgreementStatus.Abandoned, true, AgreementStatus.Abandoned },
        { "suspended", AgreementStatus.Terminating, true, AgreementStatus.Terminating },
        { "suspended", AgreementStatus.Terminated, true, AgreementStatus.Terminated },
        { "active", AgreementStatus.Suspended, false, AgreementStatus.Active },
        { "terminated", AgreementStatus.Suspended, false, AgreementStatus.Terminated },
        { "none", AgreementStatus.Suspended, true, AgreementStatus.Suspended },
        { "unknown", AgreementStatus.Suspended, true, AgreementStatus.Suspended },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Every_answer_has_its_decision_and_twice_the_same_is_no_event(string says, AgreementStatus was, bool late, AgreementStatus becomes)
    {
        var signBy = late ? Now : Now + Duration.FromSeconds(1);
        var before = In(was);
        var events = DecideAgreement.OnAnswer(before, Answer(says), signBy, Now);
        events.Count.Should().Be(was == becomes ? 0 : 1);
        var after = events.Aggregate(before, EvolveAgreement.Next);
        after.Status.Should().Be(becomes);
        after.Version.Should().Be(before.Version + events.Count);
        DecideAgreement.OnAnswer(after, Answer(says), signBy, Now).Should().BeEmpty();
    }

    [Theory]
    [InlineData(AgreementStatus.Active, 1)]
    [InlineData(AgreementStatus.Suspended, 1)]
    [InlineData(AgreementStatus.Terminating, 0)]
    [InlineData(AgreementStatus.Terminated, 0)]
    [InlineData(AgreementStatus.Signing, 0)]
    public void Only_an_agreement_in_force_is_ended(AgreementStatus was, int events) =>
        DecideAgreement.OnTerminate(In(was), "asked", Now).Should().HaveCount(events);

    [Theory]
    [InlineData(-60, Evidence.Hint, AgreementStatus.Abandoned)]
    [InlineData(0, Evidence.Hint, AgreementStatus.Abandoned)]
    [InlineData(1, Evidence.Hint, AgreementStatus.Active)]
    [InlineData(-60, Evidence.Conclusive, AgreementStatus.Active)]
    public void A_sign_notification_after_an_unsign_is_believed_only_when_the_rail_signed_later_or_was_asked(int seconds, Evidence evidence, AgreementStatus becomes)
    {
        var ended = DecideAgreement.OnAnswer(In(AgreementStatus.Signing), Answer("terminated"), Now, Now + Duration.FromMinutes(5), Evidence.Hint);
        var before = ended.Aggregate(In(AgreementStatus.Signing), EvolveAgreement.Next);
        before.Status.Should().Be(AgreementStatus.Abandoned);
        var signed = new AgreementAnswer.Active("contract-1", null, Now + Duration.FromSeconds(seconds), null);
        DecideAgreement.OnAnswer(before, signed, Now, Now + Duration.FromMinutes(6), evidence).Aggregate(before, EvolveAgreement.Next).Status.Should().Be(becomes);
    }

    [Fact]
    public void An_unsign_without_a_time_is_as_old_as_its_hearing()
    {
        var ended = DecideAgreement.OnAnswer(In(AgreementStatus.Signing), new AgreementAnswer.Terminated(TerminationMode.Unstated, null), Now, Now);
        ended.Should().ContainSingle().Which.Should().BeOfType<SignAbandoned>().Which.EndedAt.Should().Be(Now);
    }

    [Theory]
    [InlineData(AgreementStatus.Active)]
    [InlineData(AgreementStatus.Terminated)]
    public void A_sign_notification_changes_nothing_of_what_was_agreed_or_ended(AgreementStatus was) =>
        DecideAgreement.OnAnswer(In(was), Answer("active"), Now, Now, Evidence.Hint).Should().BeEmpty();

    [Fact]
    public void A_suspension_is_lifted_by_asking_and_not_by_an_old_notification()
    {
        DecideAgreement.OnAnswer(In(AgreementStatus.Suspended), Answer("active"), Now, Now, Evidence.Hint).Should().BeEmpty();
        DecideAgreement.OnAnswer(In(AgreementStatus.Suspended), Answer("active"), Now, Now).Should().ContainSingle().Which.Should().BeOfType<Verified>();
    }

    [Fact]
    public void A_signing_that_cannot_be_started_is_given_up()
    {
        DecideAgreement.OnRefused(In(AgreementStatus.Signing), "set-up", Now).Should().ContainSingle().Which.Should().BeOfType<SignAbandoned>();
        DecideAgreement.OnRefused(In(AgreementStatus.Active), "set-up", Now).Should().BeEmpty();
    }

    [Fact]
    public void A_stream_begins_once()
    {
        var started = new SigningStarted(Signature, Id, Account, "t", SigningScene.App, Now);
        FluentActions.Invoking(() => EvolveAgreement.Next(null, new Verified(Now))).Should().Throw<InvalidOperationException>().WithMessage($"*{nameof(SigningStarted)}*");
        FluentActions.Invoking(() => EvolveAgreement.Next(EvolveAgreement.Next(null, started), started)).Should().Throw<InvalidOperationException>().WithMessage("Agreement * was started twice.");
    }

    [Fact]
    public void A_signing_code_has_one_spelling()
    {
        AgreementId.TryParse(Signature.SigningCode, out var id).Should().BeTrue();
        id.Should().Be(Signature);
        AgreementId.TryParse(Signature.SigningCode.ToUpperInvariant(), out _).Should().BeFalse();
        AgreementId.TryParse(null, out _).Should().BeFalse();
    }

    private static Agreement In(AgreementStatus status)
    {
        AgreementEvent[] events = status switch
        {
            AgreementStatus.Active => [new Agreed(Now, null, Now)],
            AgreementStatus.Abandoned => [new SignAbandoned("late", Now)],
            AgreementStatus.Terminating => [new Agreed(Now, null, Now), new TerminateRequested("asked", Now)],
            AgreementStatus.Suspended => [new Agreed(Now, null, Now), new Suspended("STOP", Now)],
            AgreementStatus.Terminated => [new Agreed(Now, null, Now), new Terminated(TerminationMode.Member, Now, Now)],
            _ => [],
        };
        return events.Aggregate(EvolveAgreement.Next(null, new SigningStarted(Signature, Id, Account, "t", SigningScene.App, Now)), EvolveAgreement.Next);
    }

    private static AgreementAnswer Answer(string says) => says switch
    {
        "active" => new AgreementAnswer.Active("contract-1", null, Now, null),
        "terminated" => new AgreementAnswer.Terminated(TerminationMode.Member, Now),
        "suspended" => new AgreementAnswer.Suspended("STOP"),
        "none" => new AgreementAnswer.NotFound(),
        "pending" => new AgreementAnswer.Pending(),
        "refused" => new AgreementAnswer.Refused("X", "y"),
        _ => new AgreementAnswer.Unknown("time-out"),
    };
}
