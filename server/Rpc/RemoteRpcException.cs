namespace AttentionServer.Rpc;

/// <summary>The other side answered with an error.</summary>
public sealed class RemoteRpcException(int code, string message) : Exception(message)
{
    /// <summary>What the other side says.</summary>
    public int ErrorCode { get; } = code;
}
