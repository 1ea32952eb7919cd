using System.Security.Cryptography;
using System.Text;

namespace AttentionServer.Studies.Runs;

/// <summary>
/// Everything that determines the content of a cell, as named texts. Its name is the hash of them, so two cells that could
/// differ never share a file, and the same cell has the same file on every machine.
/// </summary>
public sealed class CellKey : IEquatable<CellKey>
{
    /// <summary>What the names of fingerprints begin with among the properties.</summary>
    public const string FingerprintMark = "@";

    private CellKey(SortedDictionary<string, string> properties)
    {
        Properties = properties;
        Name = Hash(properties);
    }

    /// <summary>The properties, sorted by name.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>SHA-256 of the properties, in hexadecimal.</summary>
    public string Name { get; }

    /// <summary>A property; empty when the cell has none of that name.</summary>
    public string this[string property] => Properties.GetValueOrDefault(property, "");

    /// <summary>A key of properties alone.</summary>
    public static CellKey Of(IEnumerable<KeyValuePair<string, string>> properties) =>
        new(new SortedDictionary<string, string>(properties.ToDictionary(), StringComparer.Ordinal));

    /// <summary>
    /// A key of a study's cell: what it is (layer, zone, …) and which of the run's fingerprints it depends on, whose values become part
    /// of the name. A model that was retrained has other cells, not the same cells with other numbers.
    /// </summary>
    public static CellKey Of(RunManifest manifest, IEnumerable<string> dependsOn, IEnumerable<KeyValuePair<string, string>> properties) => Of(
    [
        new("study", manifest.Study),
        .. properties,
        .. dependsOn.Select(name => KeyValuePair.Create(
            FingerprintMark + name,
            manifest.Fingerprints.TryGetValue(name, out var value) ? value : throw new ArgumentException($"the manifest has no fingerprint '{name}'", nameof(dependsOn)))),
    ]);

    /// <inheritdoc/>
    public bool Equals(CellKey? other) => other != null && Name == other.Name;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CellKey);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', Properties.Where(p => !p.Key.StartsWith(FingerprintMark, StringComparison.Ordinal)).Select(p => $"{p.Key}={p.Value}"));

    // Lengths stand before what may vary, so that two different lists of properties never give the same bytes.
    private static string Hash(SortedDictionary<string, string> properties)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, value) in properties)
        {
            var (a, b) = (Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
            hash.AppendData(Encoding.UTF8.GetBytes($"{a.Length} {b.Length} "));
            hash.AppendData(a);
            hash.AppendData(b);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
