namespace AttentionServer.Rpc;

/// <summary>Error codes of JSON-RPC 2.0 and of the language server protocol.</summary>
public static class RpcErrorCode
{
    /// <summary>The message is not JSON.</summary>
    public const int ParseError = -32700;

    /// <summary>The JSON is not a request.</summary>
    public const int InvalidRequest = -32600;

    /// <summary>There is no such method.</summary>
    public const int MethodNotFound = -32601;

    /// <summary>The parameters do not fit the method.</summary>
    public const int InvalidParams = -32602;

    /// <summary>The server failed in a way it should not have.</summary>
    public const int InternalError = -32603;

    /// <summary>A request came before initialize.</summary>
    public const int ServerNotInitialized = -32002;

    /// <summary>The request was cancelled by the client.</summary>
    public const int RequestCancelled = -32800;

    /// <summary>The document changed while or before the request ran.</summary>
    public const int ContentModified = -32801;

    /// <summary>The server gave the request up itself, and the client may ask again.</summary>
    public const int ServerCancelled = -32802;

    /// <summary>The request could not be carried out, for a reason that its message tells a user.</summary>
    public const int RequestFailed = -32803;
}
