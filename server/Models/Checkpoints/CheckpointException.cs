namespace AttentionServer.Models.Checkpoints;

/// <summary>A model folder cannot be read: the message says what, where and the way out.</summary>
public sealed class CheckpointException(string message, Exception? cause = null) : UserException(message, cause);
