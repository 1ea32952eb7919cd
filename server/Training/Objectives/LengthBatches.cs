namespace AttentionServer.Training.Objectives;

/// <summary>
/// Texts of different lengths in batches of about as many tokens: texts of like length go together, so that little is padding, and the
/// batches come in random order.
/// </summary>
internal sealed class LengthBatches(IReadOnlyList<TrainingText> texts, int batchTokens, int seed)
{
    private const long Purpose = 21;
    private const int Step = 16;

    private int _epoch = -1;
    private List<int[]> _batches = [];

    public double Count => Of(0).Count;

    public Batch Next(ref DataPosition position)
    {
        if (position.Item >= Of(position.Epoch).Count)
            position = position with { Epoch = position.Epoch + 1, Item = 0 };
        var rows = Of(position.Epoch)[position.Item];
        position = position with { Item = position.Item + 1, Batches = position.Batches + 1 };
        return new([.. rows.Select(i => texts[i])]);
    }

    /// <summary>All texts once, in batches, the shorter first.</summary>
    public static List<Batch> InOrder(IReadOnlyList<TrainingText> texts, int batchTokens)
    {
        var batches = new List<Batch>();
        foreach (var group in texts.GroupBy(Rounded).OrderBy(g => g.Key))
            batches.AddRange(group.Chunk(Math.Max(1, batchTokens / group.Key)).Select(rows => new Batch(rows)));
        return batches;
    }

    private static int Rounded(TrainingText text) => (text.Ids.Length + Step - 1) / Step * Step;

    private List<int[]> Of(int epoch)
    {
        if (_epoch == epoch)
            return _batches;
        var random = new SeededRandom(Purpose, seed, epoch);
        int[] order = [.. Enumerable.Range(0, texts.Count)];
        random.Shuffle<int>(order);
        var batches = new List<int[]>();
        foreach (var group in order.GroupBy(i => Rounded(texts[i])).OrderBy(g => g.Key))
            batches.AddRange(group.Chunk(Math.Max(1, batchTokens / group.Key)));
        var shuffled = batches.ToArray();
        random.Shuffle<int[]>(shuffled);
        (_epoch, _batches) = (epoch, [.. shuffled]);
        return _batches;
    }
}
