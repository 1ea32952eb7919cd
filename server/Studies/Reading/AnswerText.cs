using System.Text;
using AttentionServer.Text;

namespace AttentionServer.Studies.Reading;

/// <summary>
/// What SQuAD's official measure compares of an answer (Rajpurkar et al. 2016, §6.1): lower case, without ASCII punctuation,
/// without articles, its words. Letters, case and white space are those of Python 3, in which the measure is written, and the
/// same on every machine.
/// </summary>
public static class AnswerText
{
    private const int Sigma = 0x3A3;
    private const int FinalSigma = 0x3C2;

    /// <summary>The words that are compared.</summary>
    public static string[] Words(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var kept = new List<int>(answer.Length);
        foreach (var c in Lower(answer))
            if (c >= 0x80 || !Characters.IsPunctuation(c))
                kept.Add(c);

        var words = new List<string>();
        var word = new StringBuilder();
        void End()
        {
            if (word.Length > 0)
                words.Add(word.ToString());
            word.Clear();
        }

        for (var at = 0; at < kept.Count;)
        {
            // An article is a run of letters and digits, whatever else stands around it in its word.
            var end = at;
            while (end < kept.Count && IsWord(kept[end]))
                end++;
            if (end > at)
            {
                if (IsArticle(kept, at, end))
                    End();
                else
                    for (var i = at; i < end; i++)
                        Append(word, kept[i]);
                at = end;
                continue;
            }

            if (IsSpace(kept[at]))
                End();
            else
                Append(word, kept[at]);
            at++;
        }

        End();
        return [.. words];
    }

    /// <summary>1 when both have the same words in the same order, else 0.</summary>
    public static double ExactMatch(string answer, string gold) => Words(answer).AsSpan().SequenceEqual(Words(gold)) ? 1 : 0;

    /// <summary>The harmonic mean of precision and recall of the words, each counted as often as it is there.</summary>
    public static double F1(string answer, string gold) => F1(Words(answer), Words(gold));

    internal static double F1(string[] answer, string[] gold)
    {
        var left = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var word in gold)
            left[word] = left.GetValueOrDefault(word) + 1;
        var same = 0;
        foreach (var word in answer)
            if (left.GetValueOrDefault(word) is var count and > 0)
            {
                left[word] = count - 1;
                same++;
            }

        if (same == 0)
            return 0;
        double precision = (double)same / answer.Length, recall = (double)same / gold.Length;
        return 2 * precision * recall / (precision + recall);
    }

    private static bool IsArticle(List<int> text, int start, int end) => (end - start) switch
    {
        1 => text[start] == 'a',
        2 => text[start] == 'a' && text[start + 1] == 'n',
        3 => text[start] == 't' && text[start + 1] == 'h' && text[start + 2] == 'e',
        _ => false,
    };

    /// <summary>Python's \w but for the underscore, which is punctuation and gone: letters and numbers, no marks.</summary>
    private static bool IsWord(int c) => Characters.Category(c) is
        GeneralCategory.Lu or GeneralCategory.Ll or GeneralCategory.Lt or GeneralCategory.Lm or GeneralCategory.Lo
        or GeneralCategory.Nd or GeneralCategory.Nl or GeneralCategory.No;

    /// <summary>What Python's str.split takes for white space: Unicode's, and four control characters.</summary>
    private static bool IsSpace(int c) => c is >= 0x1C and <= 0x1F || Characters.IsWhiteSpace(c);

    private static List<int> Lower(string text)
    {
        var points = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            points.Add(rune.Value);
        var lower = new List<int>(points.Count);
        for (var i = 0; i < points.Count; i++)
        {
            if (points[i] == Sigma && EndsWord(points, i))
            {
                lower.Add(FinalSigma);
                continue;
            }

            lower.Add(Characters.ToLower(points[i], out var second));
            if (second != 0)
                lower.Add(second);
        }

        return lower;
    }

    /// <summary>Unicode's Final_Sigma: a cased letter before it and none after it, marks and apostrophes not counted.</summary>
    private static bool EndsWord(List<int> text, int at)
    {
        var before = at - 1;
        while (before >= 0 && IsCaseIgnorable(text[before]))
            before--;
        if (before < 0 || !IsCased(text[before]))
            return false;
        var after = at + 1;
        while (after < text.Count && IsCaseIgnorable(text[after]))
            after++;
        return after == text.Count || !IsCased(text[after]);
    }

    private static bool IsCased(int c) => c is 0xAA or 0xBA or (>= 0x2160 and <= 0x217F) or (>= 0x24B6 and <= 0x24E9) || Characters.Category(c) is GeneralCategory.Lu or GeneralCategory.Ll or GeneralCategory.Lt;

    private static bool IsCaseIgnorable(int c) => c is '\'' or '.' or ':' or 0xB7 or 0x387 or 0x55F or 0x5F4 or 0x2018 or 0x2019 or 0x2024 or 0x2027
            or 0xFE13 or 0xFE52 or 0xFE55 or 0xFF07 or 0xFF0E or 0xFF1A
        || Characters.Category(c) is GeneralCategory.Mn or GeneralCategory.Me or GeneralCategory.Cf or GeneralCategory.Lm or GeneralCategory.Sk;

    private static void Append(StringBuilder word, int c) => word.Append(new Rune(c).ToString());
}
