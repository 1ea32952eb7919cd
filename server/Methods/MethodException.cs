namespace AttentionServer.Methods;

/// <summary>A method cannot be applied: the message says what, where and the way out.</summary>
public sealed class MethodException(string message) : UserException(message);
