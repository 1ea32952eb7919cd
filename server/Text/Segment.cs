using System.Text.Json;
using System.Text.Json.Serialization;

namespace AttentionServer.Text;

/// <summary>Which member of the input a token belongs to.</summary>
public enum Segment
{
    /// <summary>The only text.</summary>
    Single,

    /// <summary>The first text of a pair.</summary>
    Question,

    /// <summary>The second text of a pair.</summary>
    Passage,
}

/// <summary>Writes segments as "single", "question" and "passage".</summary>
public sealed class SegmentJson() : JsonStringEnumConverter<Segment>(JsonNamingPolicy.CamelCase);
