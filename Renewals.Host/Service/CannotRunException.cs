namespace Renewals.Host.Service;

/// <summary>A command cannot begin, or cannot go on, and a person can mend it. The message is one sentence that says what to do.</summary>
internal sealed class CannotRunException(string message, Exception? inner = null) : Exception(message, inner);
