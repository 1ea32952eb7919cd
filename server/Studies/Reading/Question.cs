using AttentionServer.Text;

namespace AttentionServer.Studies.Reading;

/// <summary>Where a question stands: its file, and its path inside it ("data[3].paragraphs[0].qas[2]", "line 12").</summary>
public readonly record struct Place(string File, string Path)
{
    /// <inheritdoc/>
    public override string ToString() => Path.Length == 0 ? File : $"{File}, {Path}";
}

/// <summary>An answer that a person marked: its text, and the UTF-16 units of the passage that it covers.</summary>
public readonly record struct GoldAnswer(string Text, TextRange Range);

/// <summary>A question about a passage.</summary>
/// <param name="Id">Its name, unlike that of any other question.</param>
/// <param name="Text">The question.</param>
/// <param name="Passage">The text that answers it.</param>
/// <param name="Answers">Answers that people marked; none where it cannot be answered or nobody knows.</param>
/// <param name="Impossible">Whether the passage does not answer it (SQuAD 2.0).</param>
/// <param name="Where">Where it stands.</param>
public sealed record Question(string Id, string Text, string Passage, IReadOnlyList<GoldAnswer> Answers, bool Impossible, Place Where)
{
    /// <summary>A question typed by the user, whose answer nobody marked.</summary>
    public static Question Asked(string text, string passage) => new("", text, passage, [], false, default);
}
