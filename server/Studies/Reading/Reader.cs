using AttentionServer.Engine;
using AttentionServer.Models;

namespace AttentionServer.Studies.Reading;

/// <summary>How far a reading is: questions answered, and tokens read of those that are known so far.</summary>
public readonly record struct ReadingProgress(int Answered, int Questions, double Share);

/// <summary>
/// Answers questions with a model. Windows of many questions are read together, those of like length in one batch, so that
/// little is padding.
/// </summary>
public sealed class Reader
{
    private const int ChunkTokens = 1 << 18;
    private const int BatchTokens = 1 << 12;
    private const long BatchBytes = 256L << 20;
    private static readonly TraceRequest Wanted = new() { Logits = true };

    private readonly Model _model;

    /// <summary>A reader for a model with a question-answering head.</summary>
    /// <exception cref="ReadingException">The model has another head or none, or fewer positions than a window asks for.</exception>
    public Reader(Model model, WindowOptions? windows = null, AnswerOptions? answers = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Head != HeadKind.QuestionAnswering)
            throw new ReadingException($"it does not answer questions about a passage: {model.Name}: choose a question-answering model, such as attention-mini-qa");
        _model = model;
        WindowOptions = windows ?? WindowOptions.For(model);
        AnswerOptions = answers ?? new();
        if (WindowOptions.MaxLength > model.MaxTokens)
            throw new ReadingException($"windows of {WindowOptions.MaxLength} tokens are too long: {model.Name}: it has positions for {model.MaxTokens}");
    }

    /// <summary>How passages are cut.</summary>
    public WindowOptions WindowOptions { get; }

    /// <summary>Which answers are looked for.</summary>
    public AnswerOptions AnswerOptions { get; }

    /// <summary>The windows of a question.</summary>
    public QuestionWindows WindowsOf(Question question) => QuestionWindows.Of(question, _model.Tokenizer, WindowOptions);

    /// <summary>Answers one question.</summary>
    public ReadAnswer Answer(Question question, CancellationToken cancellation) => Answer([question], null, cancellation).Single();

    /// <summary>Answers questions, in their order.</summary>
    public IEnumerable<ReadAnswer> Answer(IReadOnlyList<Question> questions, IProgress<ReadingProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(questions);
        var answered = 0;
        while (answered < questions.Count)
        {
            // A chunk bounds what is in memory, however many questions there are.
            var chunk = new List<QuestionWindows>();
            for (long tokens = 0; answered + chunk.Count < questions.Count && tokens < ChunkTokens;)
            {
                cancellation.ThrowIfCancellationRequested();
                var windows = WindowsOf(questions[answered + chunk.Count]);
                chunk.Add(windows);
                tokens += windows.Windows.Sum(w => (long)w.Encoding.Ids.Length);
            }

            var done = answered;
            var logits = Read(chunk, share => progress?.Report(new(done, questions.Count, (done + (share * chunk.Count)) / questions.Count)), cancellation);
            for (var i = 0; i < chunk.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                answered++;
                yield return AnswerDecoder.Decode(chunk[i], logits[i], AnswerOptions);
            }

            progress?.Report(new(answered, questions.Count, (double)answered / questions.Count));
        }
    }

    private Tensor[][] Read(List<QuestionWindows> questions, Action<double> report, CancellationToken cancellation)
    {
        var logits = questions.Select(q => new Tensor[q.Windows.Count]).ToArray();
        var order = questions.SelectMany((q, i) => q.Windows.Select((window, w) => (Question: i, Window: w, Input: TokenInput.Of(window.Encoding))))
            .OrderByDescending(item => item.Input.Length).ToList();
        long total = order.Sum(item => (long)item.Input.Length), read = 0;
        for (var from = 0; from < order.Count;)
        {
            var longest = order[from].Input.Length;
            var fit = (int)Math.Max(1, Math.Min(BatchTokens / longest, BatchBytes / Math.Max(1, _model.ForwardBytes(longest))));
            var batch = order.GetRange(from, Math.Min(fit, order.Count - from));
            var traces = _model.TraceBatch([.. batch.Select(item => item.Input)], Wanted, cancellation);
            for (var i = 0; i < batch.Count; i++)
            {
                logits[batch[i].Question][batch[i].Window] = traces[i].Logits!;
                read += batch[i].Input.Length;
                traces[i].Dispose();
            }

            from += batch.Count;
            report((double)read / total);
        }

        return logits;
    }
}
