namespace AttentionServer.Training;

/// <summary>Training cannot begin or go on as asked for, for a reason the user can mend.</summary>
public sealed class TrainingException(string message, Exception? cause = null) : UserException(message, cause);
