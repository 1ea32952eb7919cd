namespace AttentionServer.Text;

/// <summary>One place of a template: a special token, or the tokens of a member text.</summary>
/// <param name="Special">The token to put here; null for a member text.</param>
/// <param name="Second">For a member text, whether it is the second of a pair.</param>
/// <param name="TypeId">The type id of the token, or of all tokens of the member.</param>
internal readonly record struct TemplatePart((int Id, string Text)? Special, bool Second, int TypeId)
{
    public static TemplatePart Token(int id, string text, int typeId) => new((id, text), false, typeId);

    public static TemplatePart First(int typeId) => new(null, false, typeId);

    public static TemplatePart Other(int typeId) => new(null, true, typeId);
}

/// <summary>How a model wants its input laid out: where [CLS], [SEP] and their like go around a text or a pair.</summary>
internal sealed record Template(IReadOnlyList<TemplatePart> Single, IReadOnlyList<TemplatePart> Pair)
{
    /// <summary>No tokens of its own; the members of a pair follow each other.</summary>
    public static Template Bare { get; } = new([TemplatePart.First(0)], [TemplatePart.First(0), TemplatePart.Other(1)]);

    /// <summary>[CLS] A [SEP] and [CLS] A [SEP] B [SEP], as BERT was trained on.</summary>
    public static Template Bert((int Id, string Text) cls, (int Id, string Text) sep) => new(
        [new(cls, false, 0), TemplatePart.First(0), new(sep, false, 0)],
        [new(cls, false, 0), TemplatePart.First(0), new(sep, false, 0), TemplatePart.Other(1), new(sep, false, 1)]);

    /// <summary>&lt;s> A &lt;/s> and &lt;s> A &lt;/s>&lt;/s> B &lt;/s>, all of one type, as RoBERTa was trained on.</summary>
    public static Template Roberta((int Id, string Text) cls, (int Id, string Text) sep) => new(
        [new(cls, false, 0), TemplatePart.First(0), new(sep, false, 0)],
        [new(cls, false, 0), TemplatePart.First(0), new(sep, false, 0), new(sep, false, 0), TemplatePart.Other(0), new(sep, false, 0)]);

    /// <summary>&lt;s> A and &lt;s> A &lt;s> B, as decoders that begin a text with a sign were trained on.</summary>
    public static Template Begun((int Id, string Text) bos) => new(
        [new(bos, false, 0), TemplatePart.First(0)],
        [new(bos, false, 0), TemplatePart.First(0), new(bos, false, 1), TemplatePart.Other(1)]);

    /// <summary>A &lt;/s> and A &lt;/s> B &lt;/s>, as T5 was trained on.</summary>
    public static Template Ended((int Id, string Text) eos) => new(
        [TemplatePart.First(0), new(eos, false, 0)],
        [TemplatePart.First(0), new(eos, false, 0), TemplatePart.Other(0), new(eos, false, 0)]);

    /// <summary>How many tokens it adds.</summary>
    public static int SpecialCount(IReadOnlyList<TemplatePart> parts) => parts.Count(part => part.Special is not null);

    /// <summary>The same layout without the special tokens.</summary>
    public static IReadOnlyList<TemplatePart> WithoutSpecial(IReadOnlyList<TemplatePart> parts) =>
        [.. parts.Where(part => part.Special is null)];

    /// <summary>
    /// The segment of each part of a pair's layout: a special token goes with the member of its type id where the
    /// members differ in that, else with the member before it.
    /// </summary>
    public static Segment[] Segments(IReadOnlyList<TemplatePart> parts)
    {
        var first = parts.FirstOrDefault(part => part.Special is null && !part.Second);
        var second = parts.FirstOrDefault(part => part.Special is null && part.Second);
        var segments = new Segment[parts.Count];
        var passage = false;
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Special is null) passage = parts[i].Second;
            var inPassage = parts[i].Special is not null && first.TypeId != second.TypeId ? parts[i].TypeId == second.TypeId : passage;
            segments[i] = inPassage ? Segment.Passage : Segment.Question;
        }
        return segments;
    }
}
