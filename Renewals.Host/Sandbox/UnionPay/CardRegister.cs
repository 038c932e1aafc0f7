namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Finds the card of a member and the member of a card. Used under the state's lock.</summary>
internal sealed class CardRegister(SandboxBank bank, Predicate<string> isCredit)
{
    private readonly Dictionary<string, UnionPayCard> byMember = new(StringComparer.Ordinal);
    private readonly Dictionary<string, UnionPayCard> byNumber = new(StringComparer.Ordinal);

    public UnionPayCard Of(string member)
    {
        if (!byMember.TryGetValue(member, out var card))
        {
            card = UnionPayCard.Of(member, isCredit(member));
            byMember.Add(member, card);
            byNumber.Add(card.Number, card);
        }

        return card;
    }

    /// <summary>Null when no member of the bank holds it.</summary>
    public UnionPayCard? Find(string number)
    {
        if (!byNumber.ContainsKey(number))
        {
            foreach (var member in bank.Members)
                Of(member);
        }

        return byNumber.GetValueOrDefault(number);
    }
}
