namespace AttentionServer.Cli;

/// <summary>The command line asks for something that cannot be; exit code 2.</summary>
public sealed class CliException(string message) : UserException(message);
