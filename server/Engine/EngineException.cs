namespace AttentionServer.Engine;

/// <summary>A model cannot be run: the message says what, where and the way out.</summary>
public sealed class EngineException(string message, Exception? cause = null) : UserException(message, cause);
