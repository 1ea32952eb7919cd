namespace AttentionServer.Server.Lsp;

/// <summary>A stretch of a text, by its offsets there, and the text that takes its place.</summary>
public readonly record struct TextEdit(int Start, int End, string Text);
