using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AttentionServer.Models.Checkpoints;

/// <summary>Two names for a checkpoint: one of its content, one of its outside.</summary>
internal static class CheckpointHash
{
    private const int Piece = 1 << 20;
    private const int Sweep = 8 * Piece;

    /// <summary>Over the config and all tensors, sorted by name. Every weight passes here once, so this is where damaged ones are found.</summary>
    public static string OfContent(byte[] config, CheckpointShards shards)
    {
        using var hash = Begin(config);
        foreach (var tensor in Sorted(shards))
        {
            Describe(hash, tensor);
            using var hold = tensor.File.Keep();
            for (long done = 0; done < tensor.Length; done += Piece)
            {
                var piece = tensor.Slice(done, (int)Math.Min(Piece, tensor.Length - done));
                if (Finiteness.FirstNonFinite(piece, tensor.Type) is { } place)
                    throw NotFinite(tensor.Name, tensor.File.Path, (done / tensor.Type.Size()) + place);
                hash.AppendData(piece);
                // Hashing reads every weight once; without this they would all stay in memory beside the packed ones.
                if (done % Sweep == 0)
                    tensor.File.LetPagesGo();
            }

            tensor.File.LetPagesGo();
        }
        return End(hash);
    }

    /// <summary>What is said of a weight that is no number.</summary>
    public static CheckpointException NotFinite(string tensor, string path, long place) =>
        new($"tensor '{tensor}': {path}: number {place} is infinite or not a number: the file is damaged, or training diverged: use another checkpoint");

    /// <summary>Over the config, the tensor descriptions and the files' names, sizes and times.</summary>
    public static string OfHeaders(byte[] config, CheckpointShards shards)
    {
        using var hash = Begin(config);
        foreach (var file in shards.Files.Select(f => f.File))
            Append(hash, string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file.Path)} {file.Length} {file.LastWriteUtc.Ticks}\n"));
        foreach (var tensor in Sorted(shards))
        {
            Describe(hash, tensor);
            Append(hash, string.Create(CultureInfo.InvariantCulture, $"{tensor.Offset}\n"));
        }
        return End(hash);
    }

    /// <summary>Over the config and the seed of random weights.</summary>
    public static string OfSeed(byte[] config, int seed)
    {
        using var hash = Begin(config);
        Append(hash, string.Create(CultureInfo.InvariantCulture, $"seed {seed}\n"));
        return End(hash);
    }

    private static IEnumerable<StoredTensor> Sorted(CheckpointShards shards) => shards.Tensors.Values.OrderBy(t => t.Name, StringComparer.Ordinal);

    // Lengths stand before what may vary, so that two different contents never give the same bytes.
    private static IncrementalHash Begin(byte[] config)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, string.Create(CultureInfo.InvariantCulture, $"config {config.Length}\n"));
        hash.AppendData(config);
        return hash;
    }

    private static void Describe(IncrementalHash hash, StoredTensor tensor) => Append(hash, string.Create(
        CultureInfo.InvariantCulture,
        $"{tensor.Name.Length} {tensor.Name} {tensor.Type.Name()} {ShapeText.Of(tensor.Shape)} {tensor.Length}\n"));

    private static void Append(IncrementalHash hash, string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));

    private static string End(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset());
}
