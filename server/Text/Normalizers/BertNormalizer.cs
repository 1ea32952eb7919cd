using System.Text;

namespace AttentionServer.Text;

/// <summary>BERT's cleaning: controls out, white space to spaces, ideographs set apart, accents off, lower case.</summary>
internal sealed class BertNormalizer(bool cleanText, bool separateIdeographs, bool stripAccents, bool lowerCase) : Normalizer
{
    private readonly SequenceNormalizer uncommon = new(Steps(cleanText, separateIdeographs, stripAccents, lowerCase));

    public override void Normalize(AlignedText input, int start, int end, AlignedText output)
    {
        // Printable ASCII, nearly all of English text, only ever changes case.
        var units = input.Units(start, end);
        if (units.ContainsAnyExceptInRange(' ', '~'))
        {
            uncommon.Normalize(input, start, end, output);
            return;
        }
        for (var i = 0; i < units.Length; i++)
        {
            var unit = units[i];
            if (lowerCase && unit is >= 'A' and <= 'Z') unit |= ' ';
            output.Append(unit, input.SourceStart(start + i), input.SourceEnd(start + i));
        }
    }

    private static List<Normalizer> Steps(bool cleanText, bool separateIdeographs, bool stripAccents, bool lowerCase)
    {
        var steps = new List<Normalizer>();
        if (cleanText) steps.Add(new Cleaning());
        if (separateIdeographs) steps.Add(new IdeographSpacing());
        if (stripAccents)
        {
            steps.Add(new UnicodeNormalizer(NormalizationForm.FormD));
            steps.Add(new MarkRemover(Characters.IsNonspacingMark));
        }
        if (lowerCase) steps.Add(new LowerCaseNormalizer());
        return steps;
    }

    private sealed class Cleaning : CharacterNormalizer
    {
        protected override void Append(int c, int start, int end, AlignedText output)
        {
            if (c is 0 or Characters.Replacement || Characters.IsControl(c)) return;
            output.AppendCodePoint(Characters.IsWhiteSpace(c) ? ' ' : c, start, end);
        }
    }

    private sealed class IdeographSpacing : CharacterNormalizer
    {
        protected override void Append(int c, int start, int end, AlignedText output)
        {
            var apart = Characters.IsIdeograph(c);
            if (apart) output.Append(' ', start, end);
            output.AppendCodePoint(c, start, end);
            if (apart) output.Append(' ', start, end);
        }
    }
}
