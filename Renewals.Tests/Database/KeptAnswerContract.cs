using NodaTime;
using Npgsql;
using Renewals.Core.Ledger;
using Renewals.Tests.Support;

namespace Renewals.Tests.Database;

/// <summary>What every place for kept answers promises.</summary>
public abstract class KeptAnswerContract
{
    private static readonly Guid Key = Guid.Parse("70000000-0000-8000-8000-000000000001");
    private static readonly KeptAnswer Answer = new(200, "application/json", "\"3\"", "openid-of-somebody"u8.ToArray());

    private protected IKeptAnswers Answers { get; set; } = null!;

    [Fact]
    public async Task A_key_is_one_calls_until_it_is_answered_given_back_or_forgotten()
    {
        var (one, same, other) = (Call(1, 7), Call(2, 7), Call(3, 8));
        (await TakeAsync(one)).Should().BeOfType<CallTaken.Begin>();
        (await TakeAsync(same)).Should().BeOfType<CallTaken.UnderWay>();
        (await TakeAsync(other)).Should().BeOfType<CallTaken.OtherCall>();
        await Answers.GiveBackAsync(same, default);
        (await TakeAsync(same)).Should().BeOfType<CallTaken.UnderWay>("only who has a key gives it back");
        (await Answers.KeepAsync(one, Answer, default)).Should().BeTrue();
        await Answers.GiveBackAsync(one, default);
        (await TakeAsync(same)).Should().BeOfType<CallTaken.Answered>().Which.Answer.Should().BeEquivalentTo(Answer);
        (await TakeAsync(other)).Should().BeOfType<CallTaken.OtherCall>();
        (await Answers.TakeAsync(other, Samples.Now + Duration.FromDays(2), Samples.Now + Duration.FromDays(1), default)).Should().BeOfType<CallTaken.Begin>("it is forgotten");
        await Answers.GiveBackAsync(other, default);
        (await TakeAsync(one)).Should().BeOfType<CallTaken.Begin>("it was given back");
    }

    [Fact]
    public async Task A_call_that_died_with_its_host_is_done_anew_and_comes_too_late_for_the_answer()
    {
        var (dead, next, third) = (Call(1, 7), Call(2, 7), Call(3, 7));
        await TakeAsync(dead);
        (await TakeAsync(next, IKeptAnswers.Patience - Duration.FromSeconds(1))).Should().BeOfType<CallTaken.UnderWay>();
        (await TakeAsync(next, IKeptAnswers.Patience)).Should().BeOfType<CallTaken.Begin>();
        (await TakeAsync(third, IKeptAnswers.Patience)).Should().BeOfType<CallTaken.UnderWay>();
        (await Answers.KeepAsync(dead, Answer, default)).Should().BeFalse();
        (await Answers.KeepAsync(next, Answer, default)).Should().BeTrue();
    }

    [Fact]
    public async Task What_was_kept_long_enough_goes()
    {
        await TakeAsync(Call(1, 7));
        (await Answers.EraseBeforeAsync(Samples.Now, default)).Should().Be(0);
        (await Answers.EraseBeforeAsync(Samples.Now + Duration.FromSeconds(1), default)).Should().Be(1);
        (await TakeAsync(Call(2, 8))).Should().BeOfType<CallTaken.Begin>();
    }

    private protected static KeyedCall Call(int run, byte request) => new(Key, Guid.Parse($"71000000-0000-8000-8000-{run:D12}"), [request]);

    private protected Task<CallTaken> TakeAsync(KeyedCall call, Duration later = default) =>
        Answers.TakeAsync(call, Samples.Now + later, Samples.Now - Duration.FromDays(1), default);
}

/// <summary>The contract in memory.</summary>
public sealed class InMemoryKeptAnswerTests : KeptAnswerContract
{
    public InMemoryKeptAnswerTests() => Answers = new InMemoryKeptAnswers();
}

/// <summary>The contract on PostgreSQL, where what an answer says is sealed.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresKeptAnswerTests(PostgresFixture postgres) : KeptAnswerContract, IAsyncLifetime
{
    private string connectionString = "";
    private LedgerDatabase database = null!;

    public async Task InitializeAsync()
    {
        database = PostgresFixture.Open(connectionString = await postgres.CreateDatabaseAsync());
        Answers = database.Answers;
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task Neither_the_call_nor_its_answer_can_be_read_without_the_vaults_key()
    {
        await TakeAsync(Call(1, 7));
        await Answers.KeepAsync(Call(1, 7), new(200, null, null, "openid-of-somebody"u8.ToArray()), default);
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand($"select sealed from {PostgresKeptAnswers.Name}");
        var stored = (byte[])(await command.ExecuteScalarAsync())!;
        stored.Length.Should().BeGreaterThan(40);
        System.Text.Encoding.UTF8.GetString(stored).Should().NotContainAny("openid", Convert.ToBase64String("openid-of-somebody"u8), "Body");
    }
}
