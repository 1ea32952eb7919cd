using System.Runtime.InteropServices;

namespace AttentionServer.Models.Checkpoints;

/// <summary>Numbers for a model that was never trained, for timing: the same for the same seed, name and shape.</summary>
internal static class RandomWeights
{
    // The spread that BERT's authors start training from.
    private const float Deviation = 0.02f;

    /// <summary>Fills a weight: around 0, or around 1 for the scales of normalisations, which keeps hidden states in the range of real models.</summary>
    public static void Fill(Span<float> weight, string name, int rank, int seed)
    {
        var centre = rank == 1 && name.EndsWith(".weight", StringComparison.Ordinal) ? 1f : 0f;
        var state = (ulong)(uint)seed + Start(name);
        for (var i = 0; i < weight.Length; i++)
        {
            // SplitMix64 (Steele, Lea, Flood 2014); the upper 24 bits make a float in [0, 1).
            var z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            var uniform = ((z ^ (z >> 31)) >> 40) * (1f / (1 << 24));
            weight[i] = centre + ((uniform - 0.5f) * Deviation * 3.4641016f);
        }
    }

    /// <summary>FNV-1a of the name: equal on every run, unlike string.GetHashCode.</summary>
    private static ulong Start(string name)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var b in MemoryMarshal.AsBytes(name.AsSpan()))
            hash = (hash ^ b) * 0x100000001B3;
        return hash;
    }
}
