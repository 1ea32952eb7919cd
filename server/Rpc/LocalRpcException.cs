namespace AttentionServer.Rpc;

/// <summary>An answer that is an error; its message is shown to a user.</summary>
public sealed class LocalRpcException(int code, string message) : Exception(message)
{
    /// <summary>One of <see cref="RpcErrorCode"/>.</summary>
    public int ErrorCode { get; } = code;
}
