namespace AttentionServer.Cli;

/// <summary>How to run the command from where it was run, so that what help shows can be pasted.</summary>
internal static class CommandName
{
    /// <summary>As it was typed, which bin/attention tells; the command's own name where it was started in another way.</summary>
    public static string Typed => Environment.GetEnvironmentVariable("ATTENTION_COMMAND") is { Length: > 0 } typed ? typed : "attention";
}
