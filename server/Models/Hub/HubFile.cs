using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace AttentionServer.Models.Hub;

/// <summary>
/// A file of a repository: its size and its hash, which is also the name of its blob in the cache. Large files have the SHA-256 of
/// their bytes, small ones git's SHA-1 of a blob.
/// </summary>
public sealed partial record HubFile(string Name, long Size, string Hash, bool Large)
{
    private static readonly string[] Small =
    [
        "config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "vocab.txt", "vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model",
    ];

    /// <summary>True when the hash is one: it becomes a file's name.</summary>
    public bool HasProperHash => Large ? Sha256().IsMatch(Hash) : Sha1().IsMatch(Hash);

    /// <summary>
    /// The files a model needs: configuration, tokenizer, and weights in one format, the safe one where there are both. Nothing
    /// else is asked for, whatever a repository calls its files.
    /// </summary>
    public static IReadOnlyList<HubFile> Needed(IReadOnlyList<HubFile> files)
    {
        IReadOnlyList<HubFile> Named(params string[] names) => [.. files.Where(f => names.Contains(f.Name))];
        var weights = new[]
        {
            Named("model.safetensors"),
            [.. files.Where(f => f.Name == "model.safetensors.index.json" || SafeShard().IsMatch(f.Name))],
            Named("pytorch_model.bin"),
            [.. files.Where(f => f.Name == "pytorch_model.bin.index.json" || TorchShard().IsMatch(f.Name))],
        }.FirstOrDefault(found => found.Count > 0);
        return weights == null ? [] : [.. Named(Small), .. weights];
    }

    /// <summary>The hash to be fed with the file's bytes.</summary>
    public IncrementalHash StartHash()
    {
        if (Large)
            return IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // git hashes a header before the content.
#pragma warning disable CA5350 // The Hub names small files by git's hash; it guards against damage, not against forgery.
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        hash.AppendData(Encoding.ASCII.GetBytes($"blob {Size}\0"));
        return hash;
    }

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex Sha256();

    [GeneratedRegex("^[0-9a-f]{40}$")]
    private static partial Regex Sha1();

    [GeneratedRegex(@"^model-\d{5}-of-\d{5}\.safetensors$")]
    private static partial Regex SafeShard();

    [GeneratedRegex(@"^pytorch_model-\d{5}-of-\d{5}\.bin$")]
    private static partial Regex TorchShard();
}
