namespace AttentionServer.Cli;

/// <summary>A command that was interrupted and says itself what has become of its work.</summary>
internal sealed class Interruption(string message) : OperationCanceledException(message);
