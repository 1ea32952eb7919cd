namespace AttentionServer.Text;

/// <summary>A stretch of the text: a word that the model will cut into tokens, or an added token found in the text.</summary>
/// <param name="Start">Its first UTF-16 unit in the list's text.</param>
/// <param name="End">The unit after its last.</param>
/// <param name="Id">The id of the added token; -1 for a word.</param>
internal readonly record struct Word(int Start, int End, int Id = -1)
{
    public bool IsToken => Id >= 0;
}

/// <summary>The text and the words it is in so far; the pre-tokenizers split and rewrite the words in turn.</summary>
internal sealed class WordList
{
    public AlignedText Text { get; private set; } = new();

    public List<Word> Words { get; private set; } = [];

    /// <summary>Appends a stretch of another text: a word, or the added token of the given id.</summary>
    public void Add(AlignedText from, int start, int end, int id = -1)
    {
        var at = Text.Length;
        Text.Append(from, start, end);
        if (end > start) Words.Add(new Word(at, Text.Length, id));
    }

    /// <summary>Puts the parts of each word in the word's place; empty parts vanish.</summary>
    public void Split(Action<AlignedText, Word, List<TextRange>> split)
    {
        var words = new List<Word>(Words.Count);
        var parts = new List<TextRange>();
        foreach (var word in Words)
        {
            if (word.IsToken)
            {
                words.Add(word);
                continue;
            }
            parts.Clear();
            split(Text, word, parts);
            foreach (var part in parts)
                if (!part.IsEmpty) words.Add(new Word(part.Start, part.End));
        }
        Words = words;
    }

    /// <summary>Writes the text anew, word by word; words that become empty vanish.</summary>
    public void Rewrite(Action<AlignedText, Word, AlignedText> rewrite)
    {
        var text = new AlignedText(Text.Length);
        var words = new List<Word>(Words.Count);
        foreach (var word in Words)
        {
            var at = text.Length;
            if (word.IsToken) text.Append(Text, word.Start, word.End);
            else rewrite(Text, word, text);
            if (text.Length > at || word.IsToken) words.Add(word with { Start = at, End = text.Length });
        }
        (Text, Words) = (text, words);
    }
}
