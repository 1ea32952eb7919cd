namespace AttentionServer.Rpc;

/// <summary>The id of a request as the client chose it: a number or a string; the default stands for null.</summary>
internal readonly record struct RpcId(long? Number, string? Text);
