using AttentionServer.Models;

namespace AttentionServer.Training;

/// <summary>A text made ready: tokens, segments, and the right choice of each row that the loss counts.</summary>
/// <param name="Ids">The token ids.</param>
/// <param name="TypeIds">The segment of each token.</param>
/// <param name="Targets">A word for each of <paramref name="Picked"/>, start and end of an answer, or a class.</param>
/// <param name="Picked">The places that words are guessed at; none for other objectives.</param>
public sealed record TrainingText(int[] Ids, int[] TypeIds, int[] Targets, int[] Picked);

/// <summary>Texts that go through the model together, the shorter ones padded.</summary>
public sealed class Batch
{
    /// <summary>Puts texts together.</summary>
    public Batch(IReadOnlyList<TrainingText> texts) => (Texts, Length) = (texts, texts.Max(t => t.Ids.Length));

    /// <summary>The texts.</summary>
    public IReadOnlyList<TrainingText> Texts { get; }

    /// <summary>Tokens of the longest.</summary>
    public int Length { get; }

    /// <summary>True when some are shorter than others.</summary>
    public bool Padded => Texts.Any(t => t.Ids.Length != Length);

    /// <summary>Tokens that are no padding.</summary>
    public int Tokens => Texts.Sum(t => t.Ids.Length);

    /// <summary>Choices that the loss is the mean over.</summary>
    public int Choices => Texts.Sum(t => t.Targets.Length);
}

/// <summary>How far the data has been read: the pass, the item in it, what the pass is cut by, and batches in all.</summary>
public readonly record struct DataPosition(int Epoch, int Item, int Span, long Batches);

/// <summary>What a model is trained to do, and on what.</summary>
public interface IObjective
{
    /// <summary>The head that is trained.</summary>
    HeadKind Head { get; }

    /// <summary>What the data and the way it is cut are recognised by when a training goes on.</summary>
    string Fingerprint { get; }

    /// <summary>About how many batches a pass over the data has.</summary>
    double BatchesPerEpoch { get; }

    /// <summary>Batches to judge the model by; none when no data was set aside.</summary>
    IReadOnlyList<Batch> Dev { get; }

    /// <summary>The next batch, which follows from the position alone, and the position after it.</summary>
    Batch Next(ref DataPosition position, double progress);

    /// <summary>Called once before a training from nothing, for what may be known of the parameters without training.</summary>
    void Begin(Parameters parameters)
    {
    }
}
