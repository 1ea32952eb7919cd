namespace AttentionServer.Text;

/// <summary>A tokenizer file or a request that cannot be used; the message says in one sentence what, where, and the way out.</summary>
public sealed class TokenizerException(string message, Exception? cause = null) : UserException(message, cause);
