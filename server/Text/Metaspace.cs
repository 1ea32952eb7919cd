namespace AttentionServer.Text;

/// <summary>SentencePiece's visible sign for a space (U+2581).</summary>
internal static class Metaspace
{
    public const char Sign = '\u2581';
    public const string Text = "\u2581";

    /// <summary>The length of the stretch up to the first sign that follows something else.</summary>
    public static int FirstWord(ReadOnlySpan<char> text)
    {
        var signs = text.IndexOfAnyExcept(Sign);
        if (signs < 0) return text.Length;
        var next = text[signs..].IndexOf(Sign);
        return next < 0 ? text.Length : signs + next;
    }
}
