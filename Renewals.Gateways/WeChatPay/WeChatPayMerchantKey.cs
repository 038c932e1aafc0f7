using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Renewals.Gateways.WeChatPay;

/// <summary>The merchant's private key, imported once for each call under way at the same time.</summary>
/// <remarks>Instances of <see cref="RSA"/> promise no safety across threads, and importing one from PEM costs more than signing.</remarks>
internal sealed class WeChatPayMerchantKey(string pem)
{
    private readonly ConcurrentBag<RSA> idle = [];

    /// <summary>Signs with an instance nobody else uses meanwhile.</summary>
    public T Use<T>(Func<RSA, T> sign)
    {
        if (!idle.TryTake(out var key))
        {
            key = RSA.Create();
            key.ImportFromPem(pem);
        }

        var result = sign(key);
        idle.Add(key);
        return result;
    }
}
