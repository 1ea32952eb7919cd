namespace AttentionServer.Models;

/// <summary>What an intervention changes in a block, in the order in which a forward pass computes it.</summary>
public enum InterventionPlace
{
    /// <summary>Hidden states [T,D]; index 0 enters the first block, index L leaves the last.</summary>
    Hidden,

    /// <summary>Queries [H,T,d].</summary>
    Queries,

    /// <summary>Keys [H,T,d].</summary>
    Keys,

    /// <summary>Values [H,T,d].</summary>
    Values,

    /// <summary>Attention scores [H,T,T], scaled by √d, before the softmax.</summary>
    Scores,

    /// <summary>Attention probabilities [H,T,T], after the softmax.</summary>
    Attention,

    /// <summary>What each head mixed [H,T,d], before the output projection.</summary>
    Heads,

    /// <summary>Neurons of the feed-forward network [T,F], after the activation.</summary>
    Neurons,
}

/// <summary>A place of a layer where a graph lets a run scale the numbers and shift them.</summary>
public readonly record struct InterventionSite(InterventionPlace Place, int Layer)
{
    /// <summary>The graph input the numbers are multiplied by.</summary>
    public string Scale => $"intervention.{Place}.{Layer}.scale";

    /// <summary>The graph input that is then added.</summary>
    public string Shift => $"intervention.{Place}.{Layer}.shift";
}

/// <summary>The sites that a graph must have. Equal sets are equal, so that they can be part of a <see cref="GraphSpec"/>.</summary>
public sealed class InterventionSites(IEnumerable<InterventionSite> sites) : IEquatable<InterventionSites>
{
    private readonly InterventionSite[] _sites = [.. sites.Distinct().OrderBy(s => s.Layer).ThenBy(s => s.Place)];

    /// <summary>No sites: the plain model.</summary>
    public static InterventionSites None { get; } = new([]);

    /// <summary>True when the graph has this site.</summary>
    public bool Contains(InterventionSite site) => _sites.Contains(site);

    /// <inheritdoc/>
    public bool Equals(InterventionSites? other) => other != null && _sites.AsSpan().SequenceEqual(other._sites);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as InterventionSites);

    /// <inheritdoc/>
    public override int GetHashCode() => _sites.Aggregate(_sites.Length, (hash, site) => HashCode.Combine(hash, site));
}
