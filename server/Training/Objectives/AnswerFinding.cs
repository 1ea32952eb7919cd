using AttentionServer.Models;
using AttentionServer.Text;

namespace AttentionServer.Training.Objectives;

/// <summary>A question about a passage and where its answer stands; no answer where the passage holds none.</summary>
/// <param name="Question">The question.</param>
/// <param name="Passage">What it is about.</param>
/// <param name="Answer">The answer as the passage has it; empty for none.</param>
/// <param name="Start">The UTF-16 unit of the passage it begins at; -1 for none.</param>
public sealed record AnsweredQuestion(string Question, string Passage, string Answer, int Start);

/// <summary>How passages are cut into windows.</summary>
public sealed record AnswerSettings
{
    /// <summary>Tokens of a window, question and all.</summary>
    public int Length { get; init; } = 384;

    /// <summary>Tokens that neighbouring windows of a passage share.</summary>
    public int Stride { get; init; } = 128;

    /// <summary>The most tokens of a question.</summary>
    public int QuestionTokens { get; init; } = 48;

    /// <summary>The share of windows without the answer that is kept; they are to point at the first token.</summary>
    public double NoAnswer { get; init; } = 0.3;

    /// <summary>Tokens of a batch, padding included.</summary>
    public int BatchTokens { get; init; } = 4096;
}

/// <summary>Finding start and end of an answer in a passage (Rajpurkar et al. 2016; windows and no answer as in Devlin et al. 2019).</summary>
public sealed class AnswerFinding : IObjective
{
    private const long Purpose = 31;

    private readonly LengthBatches _batches;
    private readonly string _fingerprint;

    /// <summary>Trains on questions; <paramref name="dev"/> is what it is judged by.</summary>
    public AnswerFinding(
        IReadOnlyList<AnsweredQuestion> questions, IReadOnlyList<AnsweredQuestion> dev, Tokenizer tokenizer, int mostTokens, AnswerSettings settings, int seed, CancellationToken cancellation)
    {
        var template = new RowTemplate(tokenizer);
        settings = settings with { Length = Math.Min(settings.Length, mostTokens) };
        if (settings.Length < settings.QuestionTokens + template.PairCount + 8)
            throw new TrainingException($"--length {settings.Length}: a window: it must hold a question of {settings.QuestionTokens} tokens and some of the passage: give at least {settings.QuestionTokens + template.PairCount + 8}");
        var texts = Windows(questions, tokenizer, template, settings, seed, cancellation);
        if (texts.Count == 0)
            throw new TrainingException("data: the files: no question has an answer that stands in its passage: give files in SQuAD's format");
        _batches = new(texts, settings.BatchTokens, seed);
        _fingerprint = $"{TextFingerprint.Of(texts)} {settings}";
        Windowed = texts.Count;
        Dev = LengthBatches.InOrder(Windows(dev, tokenizer, template, settings with { NoAnswer = 0 }, seed, cancellation), settings.BatchTokens);
    }

    /// <summary>Windows to train on.</summary>
    public int Windowed { get; }

    /// <inheritdoc/>
    public HeadKind Head => HeadKind.QuestionAnswering;

    /// <inheritdoc/>
    public string Fingerprint => _fingerprint;

    /// <inheritdoc/>
    public double BatchesPerEpoch => _batches.Count;

    /// <inheritdoc/>
    public IReadOnlyList<Batch> Dev { get; }

    /// <inheritdoc/>
    public Batch Next(ref DataPosition position, double progress) => _batches.Next(ref position);

    private static List<TrainingText> Windows(
        IReadOnlyList<AnsweredQuestion> questions, Tokenizer tokenizer, RowTemplate template, AnswerSettings settings, int seed, CancellationToken cancellation)
    {
        var texts = new List<TrainingText>();
        var (passage, tokens) = ("", Array.Empty<Token>());
        var plain = new EncodeOptions { AddSpecial = false };
        for (var i = 0; i < questions.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var example = questions[i];
            // Questions about one passage usually follow each other.
            if (example.Passage != passage)
                (passage, tokens) = (example.Passage, [.. tokenizer.Encode(example.Passage, null, plain).Tokens]);
            var (first, last) = example.Start < 0 ? (-1, -1) : Find(tokens, example.Start, example.Start + example.Answer.Length);
            if (example.Start >= 0 && first < 0)
                continue;
            var question = tokenizer.Encode(example.Question, null, plain).Ids.Take(settings.QuestionTokens).ToArray();
            var random = new SeededRandom(Purpose, seed, i);
            var room = settings.Length - question.Length - template.PairCount;
            for (var start = 0; ; start += room - Math.Min(settings.Stride, room / 2))
            {
                var end = Math.Min(start + room, tokens.Length);
                var inside = first >= start && last < end && first >= 0;
                if (inside || random.Fraction() < settings.NoAnswer)
                {
                    var (ids, types) = template.Lay(question, [.. tokens[start..end].Select(t => t.Id)]);
                    var shift = template.SecondStart(question.Length) - start;
                    texts.Add(new(ids, types, inside ? [first + shift, last + shift] : [0, 0], []));
                }

                if (end == tokens.Length)
                    break;
            }
        }

        return texts;
    }

    private static (int First, int Last) Find(Token[] tokens, int start, int end)
    {
        var first = Array.FindIndex(tokens, t => t.Range.End > start);
        var last = Array.FindLastIndex(tokens, t => t.Range.Start < end);
        return first >= 0 && last >= first ? (first, last) : (-1, -1);
    }
}
