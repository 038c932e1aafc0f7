using NodaTime;

namespace Renewals.Host.Sandbox;

/// <summary>The sandbox's bank: members with balances, and the ledger of everything that moved. One bank serves all rails.</summary>
/// <remarks>
/// Not a mock of the merchant's books: it is the truth those books are audited against. Safe to use from many threads.
/// Balances are in minor units of the one currency of the sandbox (fen 分).
/// </remarks>
/// <param name="openingBalance">
/// Minor units an unknown member starts with on first use; null (the default) means that members must be opened first.
/// </param>
public sealed class SandboxBank(long? openingBalance = null)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, MemberAccount> members = new(StringComparer.Ordinal);
    private readonly List<BankEntry> entries = [];
    private readonly List<FailedAttempt> failures = [];
    private readonly List<PlantedDefect> planted = [];

    /// <summary>The ledger so far, oldest first: a copy that does not change any more.</summary>
    public IReadOnlyList<BankEntry> Entries
    {
        get { lock (gate) { return [.. entries]; } }
    }

    /// <summary>Payments that were tried and failed, oldest first: a copy.</summary>
    public IReadOnlyList<FailedAttempt> FailedAttempts
    {
        get { lock (gate) { return [.. failures]; } }
    }

    /// <summary>Everybody who has or had an account: a copy.</summary>
    internal IReadOnlyList<string> Members
    {
        get { lock (gate) { return [.. members.Keys]; } }
    }

    /// <summary>Opens an account, or sets the balance of an existing one.</summary>
    /// <param name="member">Any name without blanks; rails derive their payer ids from it.</param>
    /// <param name="balance">Minor units, 0 or more.</param>
    public void OpenAccount(string member, long balance)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(member);
        ArgumentOutOfRangeException.ThrowIfNegative(balance);
        lock (gate)
        {
            members[member] = new MemberAccount { Balance = balance };
        }
    }

    /// <summary>Puts money into a member's account, or takes it out when negative; never below zero.</summary>
    public void Deposit(string member, long amount)
    {
        lock (gate)
        {
            var account = Find(member) ?? throw new ArgumentException($"The bank has no member '{member}'.", nameof(member));
            account.Balance = Math.Max(0, account.Balance + amount);
        }
    }

    /// <summary>A member's balance in minor units; 0 for an unknown one.</summary>
    public long BalanceOf(string member)
    {
        lock (gate)
        {
            return Find(member)?.Balance ?? 0;
        }
    }

    /// <summary>True while the member exists and the account is not closed (注销).</summary>
    public bool IsOpen(string member)
    {
        lock (gate)
        {
            return Find(member) is { Closed: false };
        }
    }

    /// <summary>Closes an account for good: nothing can be taken from it or given back to it.</summary>
    /// <remarks>Agreements end at the rails, by their own method for this.</remarks>
    public void CloseAccount(string member)
    {
        lock (gate)
        {
            if (Find(member) is { } account)
            {
                account.Closed = true;
            }
        }
    }

    /// <summary>Plants a defect for an audit to find: the next payment is booked twice under the same order.</summary>
    /// <param name="ofOrder">Chooses the order; null takes the next payment, whatever it is.</param>
    public void PlantDoubleBooking(Predicate<string>? ofOrder = null) => Plant(DefectKind.DoubleBooking, ofOrder);

    /// <summary>Plants a defect for an audit to find: the next payment is told to the merchant as paid but leaves no entry.</summary>
    /// <inheritdoc cref="PlantDoubleBooking"/>
    public void PlantForgottenPayment(Predicate<string>? ofOrder = null) => Plant(DefectKind.ForgottenPayment, ofOrder);

    /// <summary>The entries of a span, start included, end not.</summary>
    internal List<BankEntry> EntriesBetween(Instant start, Instant end)
    {
        lock (gate)
        {
            return entries.FindAll(entry => entry.At >= start && entry.At < end);
        }
    }

    /// <summary>Takes a payment from its member, whole or not at all.</summary>
    internal PaymentResult Pay(BankEntry payment)
    {
        lock (gate)
        {
            if (Find(payment.Member) is not { Closed: false } account)
            {
                return PaymentResult.AccountClosed;
            }

            if (account.Balance < payment.Amount.MinorUnits)
            {
                return PaymentResult.NotEnough;
            }

            Book(account, payment, TakeDefect(payment.OrderNumber));
            return PaymentResult.Paid;
        }
    }

    /// <summary>Gives money back; false when the account is closed.</summary>
    internal bool PayBack(BankEntry refund)
    {
        lock (gate)
        {
            if (Find(refund.Member) is not { Closed: false } account)
            {
                return false;
            }

            account.Balance += refund.Amount.MinorUnits;
            entries.Add(refund);
            return true;
        }
    }

    /// <summary>Keeps a failed attempt for the audit.</summary>
    internal void NoteFailure(FailedAttempt failure)
    {
        lock (gate)
        {
            failures.Add(failure);
        }
    }

    private void Book(MemberAccount account, BankEntry payment, DefectKind? defect)
    {
        if (defect == DefectKind.ForgottenPayment)
        {
            return;
        }

        account.Balance -= payment.Amount.MinorUnits;
        entries.Add(payment);
        if (defect == DefectKind.DoubleBooking)
        {
            // A real double charge has a transaction number of its own; the member may go below zero, which no correct bank allows.
            account.Balance -= payment.Amount.MinorUnits;
            entries.Add(payment with { TransactionId = StableId.Digits(28, "again", payment.TransactionId) });
        }
    }

    private MemberAccount? Find(string member)
    {
        if (!members.TryGetValue(member, out var account) && openingBalance is { } balance)
        {
            members[member] = account = new MemberAccount { Balance = balance };
        }

        return account;
    }

    private void Plant(DefectKind kind, Predicate<string>? ofOrder)
    {
        lock (gate)
        {
            planted.Add(new PlantedDefect(kind, ofOrder ?? (_ => true)));
        }
    }

    private DefectKind? TakeDefect(string order)
    {
        var index = planted.FindIndex(defect => defect.OfOrder(order));
        if (index < 0)
        {
            return null;
        }

        var kind = planted[index].Kind;
        planted.RemoveAt(index);
        return kind;
    }

    private enum DefectKind
    {
        DoubleBooking,
        ForgottenPayment,
    }

    private sealed record PlantedDefect(DefectKind Kind, Predicate<string> OfOrder);

    private sealed class MemberAccount
    {
        public long Balance { get; set; }

        public bool Closed { get; set; }
    }
}

/// <summary>What came of asking the bank for money.</summary>
internal enum PaymentResult
{
    Paid,
    NotEnough,
    AccountClosed,
}
