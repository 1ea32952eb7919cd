using AttentionServer.Models;

namespace AttentionServer.Training;

/// <summary>
/// The masks of one batch: 0 with the given chance and 1/(1 − chance) otherwise (Srivastava et al. 2014), at the places of
/// Hugging Face's classes: the embeddings, the attention probabilities, and what each half of a block adds. Each mask follows from
/// seed, batch and place.
/// </summary>
internal sealed class DropoutMasks(double chance, int seed, ModelConfig config, int threads)
{
    private const long Purpose = 2;

    // One draw of 64 bits decides about four numbers.
    private const int Steps = 1 << 16;

    private readonly Dictionary<string, float[]> _memory = [];

    public void AddTo(StepInputs inputs, Batch batch, GraphSpec spec, long number)
    {
        long texts = batch.Texts.Count, length = batch.Length, rows = texts * length, width = config.Hidden;
        var masks = new List<(string Name, long[] Dims)> { (GraphNames.DroppedEmbedding, [rows, width]) };
        for (var layer = 0; layer < config.Layers; layer++)
        {
            masks.Add((GraphNames.DroppedAttention(layer), [texts, config.Heads, length, length]));
            var looked = spec.PickedRows && layer == config.Layers - 1 ? batch.Choices : rows;
            masks.Add((GraphNames.DroppedAttended(layer), [looked, width]));
            masks.Add((GraphNames.DroppedBlock(layer), [looked, width]));
        }

        var arrays = masks.Select(m => Memory(m.Name, m.Dims.Aggregate(1L, (a, d) => a * d))).ToArray();
        Parallel.For(0, masks.Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, i => Fill(arrays[i], new(Purpose, seed, number, i)));
        for (var i = 0; i < masks.Count; i++)
            inputs.Add(masks[i].Name, arrays[i], masks[i].Dims);
    }

    // Batches differ in shape, and arrays must have the length that the runtime is told.
    private float[] Memory(string name, long size)
    {
        if (!_memory.TryGetValue(name, out var known) || known.Length != size)
            _memory[name] = known = new float[size];
        return known;
    }

    private void Fill(float[] mask, SeededRandom random)
    {
        var dropped = (ulong)Math.Round(chance * Steps);
        var kept = (float)(1 / (1 - ((double)dropped / Steps)));
        for (var i = 0; i < mask.Length; i += 4)
        {
            var bits = random.Next();
            for (var j = i; j < Math.Min(i + 4, mask.Length); j++, bits >>= 16)
                mask[j] = (bits & (Steps - 1)) < dropped ? 0 : kept;
        }
    }
}
