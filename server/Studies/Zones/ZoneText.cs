using AttentionServer.Engine;
using AttentionServer.Engine.Interventions;
using AttentionServer.Methods.Zones;
using AttentionServer.Models;
using AttentionServer.Text;

namespace AttentionServer.Studies.Zones;

/// <summary>
/// A question and its passage as zones are masked in them. A text may be padded to a length, as the paper's authors pad theirs; it
/// matters to <see cref="Zone.PaperAll"/> only, which lets padding be seen.
/// </summary>
public sealed class ZoneText(Encoding encoding, int? paddedTo = null)
{
    private readonly Dictionary<Zone, (IReadOnlyList<int> Queries, IReadOnlyList<int> Keys)> _cells = [];

    /// <summary>The tokens, without padding.</summary>
    public Encoding Encoding => encoding;

    /// <summary>How many tokens the model is given.</summary>
    public int Length => Math.Max(encoding.Ids.Length, paddedTo ?? 0);

    /// <summary>How many of them are padding.</summary>
    public int Padding => Length - encoding.Ids.Length;

    private IReadOnlyList<int> Pads => [.. Enumerable.Range(encoding.Ids.Length, Padding)];

    /// <summary>What an unmasked pass is fed: padding is hidden from every token in every layer.</summary>
    public TokenInput Input(ModelConfig config)
    {
        var input = TokenInput.Of(encoding);
        if (Padding == 0)
            return input;
        return new([.. input.Ids, .. Enumerable.Repeat(config.PadTokenId ?? 0, Padding)], [.. input.TypeIds, .. new int[Padding]])
        {
            Special = [.. input.Special!, .. Enumerable.Repeat(true, Padding)],
            Interventions = [Hidden() with { Layers = [.. Enumerable.Range(0, config.Layers)] }],
        };
    }

    /// <summary>What a pass that goes on at the cell's layer is fed; null where the cell changes nothing in this text.</summary>
    public TokenInput? Masked(ZoneCell cell, ModelConfig config)
    {
        var interventions = new List<Intervention>();
        int[] above = [.. Enumerable.Range(cell.Layer + 1, config.Layers - cell.Layer - 1)];
        if (cell.Zone == Zone.PaperAll)
        {
            if (Padding == 0 || cell.Strength == 0)
                return null;
            // Full strength is the authors' code: where the padding mask was there is a constant. Weaker, padding is seen as much less: + ln s.
            if (cell.Strength < 1)
                interventions.Add(Hidden() with { Layers = [cell.Layer], Shift = MathF.Log(cell.Strength) });
        }
        else
        {
            interventions.AddRange(Mask(cell));
            if (interventions.Count == 0)
                return null;
            if (Padding > 0)
                interventions.Add(Hidden() with { Layers = [cell.Layer] });
        }

        if (Padding > 0 && above.Length > 0)
            interventions.Add(Hidden() with { Layers = above });
        return Input(config) with { Interventions = interventions };
    }

    /// <summary>The tokens of a zone here, found once.</summary>
    public (IReadOnlyList<int> Queries, IReadOnlyList<int> Keys) Cells(Zone zone)
    {
        lock (_cells)
        {
            if (!_cells.TryGetValue(zone, out var known))
                _cells[zone] = known = zone.Cells(encoding);
            return known;
        }
    }

    private Intervention Hidden() => Intervention.Mask(1) with { Keys = Pads };

    private IEnumerable<Intervention> Mask(ZoneCell cell)
    {
        cell.Zone.Allow(cell.Mode);
        var (queries, keys) = Cells(cell.Zone);
        if (queries.Count == 0 || keys.Count == 0 || cell.Strength == 0)
            yield break;
        var mask = cell.Mode == MaskMode.Probability ? Intervention.Gate(cell.Strength) : Intervention.Mask(cell.Strength);
        yield return mask with { Layers = [cell.Layer], Tokens = queries, Keys = keys };
    }
}
