namespace AttentionServer.Models.Hub;

/// <summary>A model could not be fetched from the Hub.</summary>
public sealed class HubException(string message, Exception? cause = null) : UserException(message, cause);
