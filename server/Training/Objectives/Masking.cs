using AttentionServer.Models;
using AttentionServer.Text;

namespace AttentionServer.Training.Objectives;

/// <summary>
/// Which tokens are hidden, anew each time a text is seen (Liu et al. 2019). Of the chosen ones 80 % become the mask, 10 % another
/// token and 10 % stay (Devlin et al. 2019); or all become the mask.
/// </summary>
internal sealed class Masking
{
    private readonly double _rate;
    private readonly bool _wholeWords;
    private readonly int _mask;
    private readonly bool[] _continues;
    private readonly int[] _others;

    public Masking(Tokenizer tokenizer, ModelConfig config, double rate, bool wholeWords)
    {
        (_rate, _wholeWords) = (rate, wholeWords);
        var special = tokenizer.Special;
        _mask = special.Mask ?? throw new TrainingException("mask: the tokenizer has no mask token: masked language modelling needs one; choose another model");
        int?[] kept = [special.Pad, special.Unk, special.Cls, special.Sep, special.Mask, special.Bos, special.Eos];
        _others = [.. Enumerable.Range(0, Math.Min(tokenizer.VocabularySize, config.VocabularySize)).Where(id => !kept.Contains(id))];
        var tokens = Enumerable.Range(0, config.VocabularySize).Select(tokenizer.TokenOf).ToList();
        var marksStarts = tokens.Any(t => t.Length > 1 && t[0] is 'Ġ' or '▁');
        _continues = [.. tokens.Select(t => marksStarts ? t.Length > 0 && t[0] is not ('Ġ' or '▁') : t.StartsWith("##", StringComparison.Ordinal))];
    }

    /// <summary>Hides tokens of a row; <paramref name="places"/> are those that may be hidden, in order.</summary>
    public TrainingText Apply((int[] Ids, int[] Types) row, IReadOnlyList<int> places, bool allMasked, SeededRandom random)
    {
        var ids = row.Ids;
        var chosen = Choose(ids, places, ref random);
        var targets = Array.ConvertAll(chosen, place => ids[place]);
        foreach (var place in chosen)
        {
            var dice = random.Fraction();
            if (allMasked || dice < 0.8)
                ids[place] = _mask;
            else if (dice < 0.9)
                ids[place] = _others[random.Below(_others.Length)];
        }

        return new(ids, row.Types, targets, chosen);
    }

    private int[] Choose(int[] ids, IReadOnlyList<int> places, ref SeededRandom random)
    {
        var wanted = Math.Max(1, (int)Math.Round(_rate * places.Count));
        var words = new List<int[]>();
        for (var i = 0; i < places.Count;)
        {
            var end = i + 1;
            while (_wholeWords && end < places.Count && places[end] == places[end - 1] + 1 && _continues[ids[places[end]]])
                end++;
            words.Add([.. Enumerable.Range(i, end - i).Select(j => places[j])]);
            i = end;
        }

        var order = words.ToArray();
        random.Shuffle<int[]>(order);
        var chosen = new List<int>(wanted);
        foreach (var word in order)
        {
            if (chosen.Count >= wanted)
                break;
            // A word that is too long for what is left gives way to a shorter one, unless it is all there is.
            if (chosen.Count == 0 || chosen.Count + word.Length <= wanted)
                chosen.AddRange(word);
        }

        chosen.Sort();
        return [.. chosen];
    }
}
