using Renewals.Host.Demo.Rails;

namespace Renewals.Host.Demo;

/// <summary>A defect planted into the demo, to show that its end statement sees it.</summary>
internal enum Plant
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The bank books one renewal twice.</summary>
    BankBooksTwice,

    /// <summary>The bank says paid and has no entry.</summary>
    BankForgets,

    /// <summary>A notice is handed over two days after the notifier said so.</summary>
    NoticeLate,

    /// <summary>A notice is never handed over, though the notifier said so.</summary>
    NoticeDropped,

    /// <summary>A notice names less than is taken.</summary>
    AmountAbove,

    /// <summary>A stored event disappears.</summary>
    EventLost,
}

/// <summary>Size and seed of a demo.</summary>
/// <param name="Subscribers">How many members sign, 1 to 100,000.</param>
/// <param name="Months">How many months pass, 2 to 60.</param>
/// <param name="Seed">The same seed gives the same figures.</param>
/// <param name="Plant">The defect to plant.</param>
internal sealed record DemoOptions(int Subscribers = 300, int Months = 12, int Seed = 1, Plant Plant = Plant.None)
{
    /// <summary>The rails that run side by side; see <see cref="DemoRail.Default"/>.</summary>
    public IReadOnlyList<string> Rails { get; init; } = DemoRail.Default;
}
