using System.Text.RegularExpressions;

namespace AttentionServer.Models.Checkpoints;

/// <summary>
/// The spellings under which one and the same tensor is found in checkpoints of different years: each rule rewrites the
/// asked name, and the first spelling that the file has is taken.
/// </summary>
internal static partial class TensorNames
{
    // Left by the wrappers around a module that training scripts save along.
    private static readonly string[] Wrappers = ["module.", "_orig_mod."];

    /// <summary>The wrapper prefix, when every name has it.</summary>
    public static string Wrapper(IReadOnlyCollection<string> names) =>
        Wrappers.FirstOrDefault(w => names.Count > 0 && names.All(n => n.StartsWith(w, StringComparison.Ordinal))) ?? "";

    /// <summary>The name itself first; then LayerNorm's old names; then the same with the base prefix added or left out.</summary>
    public static IEnumerable<string> Spellings(string name, string basePrefix)
    {
        yield return name;
        if (OldNorm(name) is { } old)
            yield return old;
        if (basePrefix.Length == 0)
            yield break;
        // A model saved with a head has the prefix, a bare one has not.
        var other = name.StartsWith(basePrefix, StringComparison.Ordinal) ? name[basePrefix.Length..] : basePrefix + name;
        yield return other;
        if (OldNorm(other) is { } oldOther)
            yield return oldOther;
    }

    /// <summary>True for what is no weight: position ids, and the causal masks that GPT-2 files carry along.</summary>
    public static bool IsBuffer(string name) => Buffer().IsMatch(name);

    /// <summary>TensorFlow's names, as the first uploads have them.</summary>
    private static string? OldNorm(string name) =>
        name.EndsWith(".weight", StringComparison.Ordinal) ? $"{name[..^"weight".Length]}gamma"
        : name.EndsWith(".bias", StringComparison.Ordinal) ? $"{name[..^"bias".Length]}beta"
        : null;

    // h.0.attn.bias is a mask, h.0.attn.c_attn.bias a bias: the mask's name follows attn directly.
    [GeneratedRegex(@"(^|\.)(position_ids|token_type_ids)$|(^|\.)h\.\d+\.attn\.(bias|masked_bias)$", RegexOptions.CultureInvariant)]
    private static partial Regex Buffer();
}
