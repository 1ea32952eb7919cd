namespace AttentionServer.Studies.Reading;

/// <summary>Questions cannot be read or answered: the message says what, where and the way out.</summary>
public sealed class ReadingException(string message, Exception? cause = null) : UserException(message, cause);
