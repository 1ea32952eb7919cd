namespace AttentionServer.Text;

/// <summary>A half-open range of UTF-16 code units in the member text (the text or its pair) that it came from.</summary>
public readonly record struct TextRange(int Start, int End)
{
    /// <summary>The number of UTF-16 code units covered.</summary>
    public int Length => End - Start;

    /// <summary>Whether nothing is covered.</summary>
    public bool IsEmpty => Start == End;
}

/// <summary>One token of an <see cref="Encoding"/>.</summary>
/// <param name="Id">The row of the embedding table.</param>
/// <param name="Text">The token as the vocabulary spells it ("##ing", "Ġthe"); for an added token, the text it matched.</param>
/// <param name="Range">Where the token came from in its member text; empty for tokens of the template.</param>
/// <param name="Segment">The member text the token belongs to.</param>
/// <param name="Special">Whether the template put it there ([CLS], [SEP]); a [MASK] typed by the user is not special.</param>
/// <param name="Word">The pre-token ("word") of the member text that the token is a part of; -1 for tokens of the template.</param>
public sealed record Token(int Id, string Text, TextRange Range, Segment Segment, bool Special, int Word);
