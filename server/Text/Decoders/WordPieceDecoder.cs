namespace AttentionServer.Text;

/// <summary>Glues "##ing" to the token before it, puts a space before every other token, and tidies English punctuation.</summary>
internal sealed class WordPieceDecoder(string prefix, bool cleanUp) : Decoder
{
    public override List<string> Rewrite(List<string> tokens)
    {
        var pieces = new List<string>(tokens.Count);
        foreach (var token in tokens)
        {
            var piece = pieces.Count == 0 ? token
                : prefix.Length > 0 && token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..]
                : " " + token;
            pieces.Add(cleanUp ? TextCleanUp.Apply(piece) : piece);
        }
        return pieces;
    }
}
