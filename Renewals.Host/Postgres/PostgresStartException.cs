namespace Renewals.Host.Postgres;

/// <summary>The private PostgreSQL server could not be started. The message is one sentence that says what to do about it.</summary>
/// <remarks>When the server itself said why, its last lines follow the sentence.</remarks>
public sealed class PostgresStartException : Exception
{
    /// <summary>Creates the exception without a message.</summary>
    public PostgresStartException()
    {
    }

    /// <summary>Creates the exception with its sentence.</summary>
    public PostgresStartException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its sentence and what caused it.</summary>
    public PostgresStartException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal static PostgresStartException WithLog(string sentence, string log, Exception? cause = null)
    {
        var message = log.Length == 0 ? sentence : $"{sentence}{Environment.NewLine}{log}";
        return cause is null ? new PostgresStartException(message) : new PostgresStartException(message, cause);
    }
}
