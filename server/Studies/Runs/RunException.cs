namespace AttentionServer.Studies.Runs;

/// <summary>A run cannot be opened, gone on with or carried out: the message says what, where and the way out.</summary>
public sealed class RunException(string message, Exception? cause = null) : UserException(message, cause);
