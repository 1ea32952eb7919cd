namespace AttentionServer.Rpc;

/// <summary>The stream does not follow the framing; nothing after this point can be understood.</summary>
public sealed class FramingException(string message) : Exception(message);
