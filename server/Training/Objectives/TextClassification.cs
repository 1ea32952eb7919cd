using AttentionServer.Models;
using AttentionServer.Text;

namespace AttentionServer.Training.Objectives;

/// <summary>A text, or two, and the class it belongs to.</summary>
public sealed record LabelledText(string Text, string? Pair, string Label);

/// <summary>Telling which class a text belongs to.</summary>
public sealed class TextClassification : IObjective
{
    private readonly LengthBatches _batches;

    /// <summary>Trains on texts whose labels are among those of config.json; <paramref name="dev"/> is what it is judged by.</summary>
    public TextClassification(
        IReadOnlyList<LabelledText> texts, IReadOnlyList<LabelledText> dev, Tokenizer tokenizer, IReadOnlyList<string> labels, int length, int batchTokens, int seed, CancellationToken cancellation)
    {
        var rows = Rows(texts, tokenizer, labels, length, cancellation);
        if (rows.Count == 0)
            throw new TrainingException("data: the files: they hold no labelled text: give TSV or JSONL with a text and a label");
        _batches = new(rows, batchTokens, seed);
        Fingerprint = $"{TextFingerprint.Of(rows)} {string.Join(',', labels)} {length} {batchTokens}";
        Dev = LengthBatches.InOrder(Rows(dev, tokenizer, labels, length, cancellation), batchTokens);
    }

    /// <inheritdoc/>
    public HeadKind Head => HeadKind.Classification;

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public double BatchesPerEpoch => _batches.Count;

    /// <inheritdoc/>
    public IReadOnlyList<Batch> Dev { get; }

    /// <summary>The labels that texts have, in the order of numbers or letters.</summary>
    public static IReadOnlyList<string> LabelsOf(IReadOnlyList<LabelledText> texts)
    {
        var labels = texts.Select(t => t.Label).Distinct().ToList();
        if (labels.Count == 1)
            throw new TrainingException($"data: the files: every text has the label '{labels[0]}', so there is nothing to tell apart: give texts of two labels at least");
        return labels.All(l => int.TryParse(l, out _)) ? [.. labels.OrderBy(int.Parse)] : [.. labels.Order(StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public Batch Next(ref DataPosition position, double progress) => _batches.Next(ref position);

    private static List<TrainingText> Rows(IReadOnlyList<LabelledText> texts, Tokenizer tokenizer, IReadOnlyList<string> labels, int length, CancellationToken cancellation)
    {
        var places = labels.Select((label, i) => (label, i)).ToDictionary(p => p.label, p => p.i, StringComparer.Ordinal);
        return [.. texts.AsParallel().AsOrdered().WithCancellation(cancellation).Select(text =>
        {
            if (!places.TryGetValue(text.Label, out var place))
                throw new TrainingException($"label '{text.Label}': the data: the model's classes are {string.Join(", ", labels)}: correct it, or train on data that has it");
            var encoding = tokenizer.Encode(text.Text, text.Pair, new() { MaxTokens = length });
            return new TrainingText(encoding.Ids, encoding.TypeIds, [place], []);
        }).Where(t => t.Ids.Length > 0)];
    }
}
