using AttentionServer.Models;
using AttentionServer.Models.Architectures;
using AttentionServer.Text;

namespace AttentionServer.Training.Objectives;

/// <summary>How rows are cut out of a corpus and what is hidden in them.</summary>
public sealed record LanguageSettings
{
    /// <summary>Tokens of a row.</summary>
    public int Length { get; init; } = 128;

    /// <summary>Tokens of a row in the last part of the training.</summary>
    public int LongLength { get; init; } = 256;

    /// <summary>The share of the training that rows are long.</summary>
    public double LongPart { get; init; } = 0.1;

    /// <summary>Tokens of a short row, which ends where a sentence does.</summary>
    public int ShortLength { get; init; } = 32;

    /// <summary>The share of batches that are short.</summary>
    public double ShortPart { get; init; } = 0.06;

    /// <summary>Tokens of a batch.</summary>
    public int BatchTokens { get; init; } = 2048;

    /// <summary>The share of tokens that is hidden.</summary>
    public double MaskRate { get; init; } = 0.15;

    /// <summary>Hide words whole instead of token by token.</summary>
    public bool WholeWords { get; init; }

    /// <summary>Up to this part of the training every hidden token becomes the mask; 80/10/10 after it.</summary>
    public double PlainMaskUntil { get; init; }
}

/// <summary>
/// Guessing hidden tokens (Devlin et al. 2019), or the next one where a model sees only what came before. A pass visits the corpus
/// in rows of one length in random order; each begins with a sentence, and half of them are two texts where the template knows pairs.
/// </summary>
public sealed class LanguageModelling : IObjective
{
    private const long Order = 11, Masks = 12, Shorts = 13, Cuts = 14, DevMasks = 15;
    private const int DevTokens = 25_000;

    private readonly TokenStream _text;
    private readonly LanguageSettings _settings;
    private readonly int _seed;
    private readonly RowTemplate _template;
    private readonly Masking? _masking;
    private readonly int _most;
    private readonly int _vocabulary;
    private (int Epoch, int Span, int[] Order) _order;

    /// <summary>Trains on a corpus; <paramref name="dev"/> is what it is judged by.</summary>
    public LanguageModelling(TokenStream text, TokenStream? dev, Tokenizer tokenizer, Parameters parameters, LanguageSettings settings, int seed)
    {
        (_text, _settings, _seed, _template) = (text, settings, seed, new(tokenizer));
        var architecture = ArchitectureRegistry.For(parameters);
        _most = architecture.MaxTokens(parameters.Config);
        _vocabulary = parameters.Config.VocabularySize;
        Head = HeadOf(architecture);
        _masking = Head == HeadKind.MaskedLanguageModel ? new(tokenizer, parameters.Config, settings.MaskRate, settings.WholeWords) : null;
        var least = Math.Min(settings.Length, _most);
        if (text.Count < least || least < _template.PairCount + 4)
            throw new TrainingException($"data: {text.Count} tokens: a row needs {least}: give more text, or a --length between {_template.PairCount + 4} and the size of the text");
        Dev = dev == null ? [] : DevBatches(dev);
    }

    /// <inheritdoc/>
    public HeadKind Head { get; }

    /// <inheritdoc/>
    public string Fingerprint => $"{_text.Fingerprint} {_settings}";

    /// <inheritdoc/>
    public double BatchesPerEpoch => (double)_text.Count / _settings.BatchTokens;

    /// <inheritdoc/>
    public IReadOnlyList<Batch> Dev { get; }

    /// <summary>The head that language modelling trains in a family.</summary>
    public static HeadKind HeadOf(Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        return architecture.Causal ? HeadKind.CausalLanguageModel : HeadKind.MaskedLanguageModel;
    }

    /// <inheritdoc/>
    public void Begin(Parameters parameters) => Initialisation.SetWordBias(parameters, _text.Counts(_vocabulary));

    /// <inheritdoc/>
    public Batch Next(ref DataPosition position, double progress)
    {
        var number = position.Batches;
        if (new SeededRandom(Shorts, _seed, number).Fraction() < _settings.ShortPart)
        {
            position = position with { Batches = number + 1 };
            return Short(number, progress);
        }

        var span = Math.Min(_most, progress >= 1 - _settings.LongPart ? _settings.LongLength : _settings.Length);
        span = Math.Min(span, _text.Count);
        var (rows, chunks) = (Math.Max(1, _settings.BatchTokens / span), Math.Max(1, _text.Count / span));
        if (position.Span != span)
            position = position with { Item = 0, Span = span };
        var texts = new List<TrainingText>(rows);
        while (texts.Count < rows)
        {
            if (position.Item == chunks)
                position = position with { Epoch = position.Epoch + 1, Item = 0 };
            var start = OrderOf(position.Epoch, span, chunks)[position.Item];
            position = position with { Item = position.Item + 1 };
            texts.Add(Row(start, span, number, texts.Count, progress));
        }

        position = position with { Batches = number + 1 };
        return new(texts);
    }

    /// <summary>Where the rows of a pass begin: cut anew each pass, in random order.</summary>
    private int[] OrderOf(int epoch, int span, int chunks)
    {
        if (_order.Order == null || _order.Epoch != epoch || _order.Span != span)
        {
            var random = new SeededRandom(Order, _seed, epoch, span);
            var offset = random.Below(Math.Max(1, _text.Count - (chunks * span) + 1));
            int[] order = [.. Enumerable.Range(0, chunks).Select(i => offset + (i * span))];
            random.Shuffle<int>(order);
            _order = (epoch, span, order);
        }

        return _order.Order;
    }

    private TrainingText Row(int chunk, int span, long number, int row, double progress)
    {
        var random = new SeededRandom(Cuts, _seed, number, row);
        var start = _text.SentenceFrom(chunk);
        if (start + span > _text.Count)
            start = Math.Min(chunk, _text.Count - span);
        var room = span - _template.PairCount;
        var cut = start + 2 + (int)(random.Fraction() * room);
        cut = _text.SentenceFrom(cut) - start;
        var two = cut < room - 1 && random.Fraction() < 0.5 && _masking != null;
        if (!two)
            room = span - _template.SingleCount;
        return Lay(_text.Part(start, room), two ? cut : room, number, row, progress);
    }

    private Batch Short(long number, double progress)
    {
        var span = Math.Min(Math.Min(_settings.ShortLength, _most), _text.Count);
        var texts = new List<TrainingText>();
        for (var row = 0; row < Math.Max(1, _settings.BatchTokens / span); row++)
        {
            var random = new SeededRandom(Cuts, _seed, number, row);
            var start = _text.SentenceBefore(random.Below(_text.Count - span + 1));
            var room = Math.Min(span - _template.SingleCount, _text.Count - start);
            var end = _text.SentenceBefore(start + room);
            var count = end - start >= 4 ? end - start : room;
            texts.Add(Lay(_text.Part(start, count), count, number, row, progress));
        }

        return new(texts);
    }

    private TrainingText Lay(int[] tokens, int cut, long number, int row, double progress)
    {
        var two = cut < tokens.Length;
        var laid = two ? _template.Lay(tokens.AsSpan(0, cut), tokens.AsSpan(cut)) : _template.Lay(tokens);
        if (_masking == null)
            return NextWords(laid);
        var places = Enumerable.Range(_template.FirstStart, cut).Concat(Enumerable.Range(_template.SecondStart(cut), tokens.Length - cut)).ToList();
        return _masking.Apply(laid, places, progress < _settings.PlainMaskUntil, new(Masks, _seed, number, row));
    }

    private static TrainingText NextWords((int[] Ids, int[] Types) row) =>
        new(row.Ids, row.Types, row.Ids[1..], [.. Enumerable.Range(0, row.Ids.Length - 1)]);

    /// <summary>Held-out rows of one length, all hidden tokens masked, the same each time.</summary>
    private List<Batch> DevBatches(TokenStream dev)
    {
        var span = Math.Min(Math.Min(_settings.Length, _most), dev.Count);
        var room = span - _template.SingleCount;
        var texts = new List<TrainingText>();
        for (var start = 0; start + room <= Math.Min(dev.Count, DevTokens); start += room)
        {
            var laid = _template.Lay(dev.Part(start, room));
            texts.Add(_masking?.Apply(laid, [.. Enumerable.Range(_template.FirstStart, room)], allMasked: true, new(DevMasks, texts.Count)) ?? NextWords(laid));
        }

        return [.. texts.Chunk(Math.Max(1, _settings.BatchTokens / span)).Select(rows => new Batch(rows))];
    }
}
