using AttentionServer.Methods;
using AttentionServer.Methods.Zones;

namespace AttentionServer.Studies.Zones;

/// <summary>One cell of a zone study: a zone masked in one layer, so strongly, before or after the softmax.</summary>
public sealed record ZoneCell(Zone Zone, int Layer, float Strength, MaskMode Mode)
{
    /// <summary>Every zone in every layer at every strength, layer by layer.</summary>
    public static IReadOnlyList<ZoneCell> Grid(IReadOnlyList<Zone> zones, IReadOnlyList<int> layers, IReadOnlyList<float> strengths, MaskMode mode)
    {
        foreach (var zone in zones)
            zone.Allow(mode);
        if (strengths.FirstOrDefault(s => s is not (>= 0 and <= 1), 0) is var wrong and not 0)
            throw new MethodException($"strength {wrong}: give a number from 0 to 1");
        return [.. from layer in layers from zone in zones from strength in strengths select new ZoneCell(zone, layer, strength, mode)];
    }
}
