namespace AttentionServer.Text;

/// <summary>A tokenizer file or a request that cannot be used; the message says in one sentence what, where, and the way out.</summary>
public sealed class TokenizerException : Exception
{
    /// <summary>Creates the exception without a message.</summary>
    public TokenizerException()
    {
    }

    /// <summary>Creates the exception with the sentence to show.</summary>
    public TokenizerException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the sentence to show and what caused it.</summary>
    public TokenizerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
