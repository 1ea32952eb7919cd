using AttentionServer.Text;

namespace AttentionServer.Studies.Reading;

/// <summary>A part of a passage as a model reads it, with the question before it; ranges are those of the whole passage.</summary>
/// <param name="Encoding">The tokens.</param>
/// <param name="Begin">Where among the tokens the part of the passage begins.</param>
/// <param name="First">Its first token, counted in the passage.</param>
/// <param name="Count">How many tokens of the passage it has.</param>
public sealed record Window(Encoding Encoding, int Begin, int First, int Count);

/// <summary>
/// A question with its passage cut into overlapping windows. A token of the passage that is in several windows is an answer's
/// first token only in the one that shows most around it (the max-context rule of BERT's published runs), so that no answer
/// is counted twice.
/// </summary>
public sealed class QuestionWindows
{
    private readonly IReadOnlyList<Token> _passage;
    private readonly int[] _owners;

    private QuestionWindows(Question question, IReadOnlyList<Token> passage, IReadOnlyList<Window> windows, int questionTokensLeftOut)
    {
        Question = question;
        _passage = passage;
        Windows = windows;
        QuestionTokensLeftOut = questionTokensLeftOut;
        _owners = Owners();
        Golds = [.. question.Answers.Select(answer => TokensOf(answer.Range)).OfType<TextRange>().Distinct()];
    }

    /// <summary>The question.</summary>
    public Question Question { get; }

    /// <summary>The windows, in the order of the passage; there is at least one.</summary>
    public IReadOnlyList<Window> Windows { get; }

    /// <summary>How many tokens at the end of the question had no room.</summary>
    public int QuestionTokensLeftOut { get; }

    /// <summary>How many tokens the passage has.</summary>
    public int PassageTokens => _passage.Count;

    /// <summary>The answers that people marked, each once, as tokens of the passage: from the first to before the end.</summary>
    public IReadOnlyList<TextRange> Golds { get; }

    /// <summary>Cuts a passage.</summary>
    /// <exception cref="ReadingException">There is no room for the passage beside the question.</exception>
    public static QuestionWindows Of(Question question, Tokenizer tokenizer, WindowOptions options)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(options);
        var whole = tokenizer.Encode(question.Text, question.Passage);
        List<int> before = [], after = [];
        var passage = new List<Token>();
        var (asked, begin) = (0, 0);
        for (var i = 0; i < whole.Tokens.Count; i++)
        {
            var token = whole.Tokens[i];
            if (!token.Special && token.Segment == Segment.Passage)
            {
                if (passage.Count == 0)
                    begin = i;
                passage.Add(token);
            }
            else if (token.Special || asked++ < options.MaxQuestion)
            {
                (passage.Count == 0 ? before : after).Add(i);
            }
        }

        var room = options.MaxLength - before.Count - after.Count;
        if (room < 1 || options.DocStride < 1)
            throw new ReadingException(room < 1
                ? $"a window of {options.MaxLength} tokens has no room for the passage beside {before.Count + after.Count} tokens of question and template: {question.Where}: allow longer windows or a shorter question"
                : $"windows that begin {options.DocStride} tokens further never end: {question.Where}: give a stride from 1");
        // A stride beyond the room would leave tokens out.
        var stride = Math.Min(options.DocStride, room);
        var windows = new List<Window>();
        for (var first = 0; ; first += stride)
        {
            var count = Math.Min(room, passage.Count - first);
            int[] chosen = [.. before, .. Enumerable.Range(begin + first, count), .. after];
            var encoding = chosen.Length == whole.Tokens.Count ? whole
                : new Encoding(whole.Source, whole.Pair, [.. chosen.Select(i => whole.Tokens[i])], [.. chosen.Select(i => whole.TypeIds[i])]);
            windows.Add(new(encoding, before.Count, first, count));
            if (first + count >= passage.Count)
                break;
        }

        return new(question, passage, windows, Math.Max(0, asked - options.MaxQuestion));
    }

    /// <summary>Whether a token of the passage may begin an answer in a window: it is in none that shows more around it.</summary>
    public bool Owns(int window, int passageToken) => _owners[passageToken] == window;

    /// <summary>The window in which an answer may begin with a token of the passage.</summary>
    public int OwnerOf(int passageToken) => _owners[passageToken];

    /// <summary>The tokens of the passage that cover a range of its text, from the first to before the end; null where none does.</summary>
    public TextRange? TokensOf(TextRange range)
    {
        int first = -1, last = -1;
        for (var i = 0; i < _passage.Count; i++)
        {
            var (start, end) = _passage[i].Range;
            if (start < end && end > range.Start && start < range.End)
            {
                if (first < 0)
                    first = i;
                last = i;
            }
        }

        return first < 0 ? null : new(first, last + 1);
    }

    /// <summary>The text that tokens of the passage cover, without white space at its ends: a byte-level token brings the space before its word along.</summary>
    public TextRange RangeOf(int first, int last)
    {
        var (start, end) = (_passage[first].Range.Start, _passage[last].Range.End);
        while (start < end && char.IsWhiteSpace(Question.Passage[start]))
            start++;
        while (end > start && char.IsWhiteSpace(Question.Passage[end - 1]))
            end--;
        return new(start, Math.Max(start, end));
    }

    /// <summary>min(tokens before, tokens after) + 0.01 · length of the window; the first window of equals.</summary>
    private int[] Owners()
    {
        var owners = new int[_passage.Count];
        var best = new double[_passage.Count];
        Array.Fill(best, double.NegativeInfinity);
        for (var w = 0; w < Windows.Count; w++)
        {
            var (first, count) = (Windows[w].First, Windows[w].Count);
            for (var i = first; i < first + count; i++)
            {
                var context = Math.Min(i - first, first + count - 1 - i) + (0.01 * count);
                if (context > best[i])
                    (owners[i], best[i]) = (w, context);
            }
        }

        return owners;
    }
}
