namespace AttentionServer.Server.Export;

/// <summary>An export cannot be written: the message says what, where and the way out.</summary>
public sealed class ExportException(string message) : UserException(message);
