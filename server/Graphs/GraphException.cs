namespace AttentionServer.Graphs;

/// <summary>A graph that cannot be: the message names the operator and the shapes.</summary>
public sealed class GraphException(string message) : Exception(message);
