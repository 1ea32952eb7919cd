namespace AttentionServer.Text;

/// <summary>A set of code points: a bitmap for ASCII, and for the rest a question that is asked each time.</summary>
internal sealed class CharacterSet
{
    private readonly Func<int, bool> contains;
    private readonly ulong low;
    private readonly ulong high;

    public CharacterSet(Func<int, bool> contains)
    {
        this.contains = contains;
        for (var c = 0; c < 64; c++)
        {
            if (contains(c)) low |= 1UL << c;
            if (contains(c + 64)) high |= 1UL << c;
        }
    }

    public bool Contains(int c) => c < 128 ? ((c < 64 ? low : high) >> c & 1) != 0 : contains(c);

    /// <summary>One character; without regard to case, also those with the same simple case folding.</summary>
    public static CharacterSet Of(int character, bool ignoreCase)
    {
        if (!ignoreCase) return new CharacterSet(c => c == character);
        var folded = Characters.Fold(character);
        return new CharacterSet(c => Characters.Fold(c) == folded);
    }

    public static CharacterSet Range(int first, int last, bool ignoreCase)
    {
        if (!ignoreCase) return new CharacterSet(c => c >= first && c <= last);
        var folded = new HashSet<int>(Enumerable.Range(first, last - first + 1).Select(Characters.Fold));
        return new CharacterSet(c => folded.Contains(Characters.Fold(c)));
    }

    public static CharacterSet Union(IReadOnlyList<CharacterSet> sets) => sets.Count == 1 ? sets[0] : new CharacterSet(c =>
    {
        foreach (var set in sets) if (set.Contains(c)) return true;
        return false;
    });

    public CharacterSet And(CharacterSet other) => new(c => Contains(c) && other.Contains(c));

    public CharacterSet Negated() => new(c => !Contains(c));

    /// <summary>The set of a property as \p{...} names it: a general category, or a script; null for a name that is not known.</summary>
    public static CharacterSet? Property(string name)
    {
        if (name is "Han" or "Script=Han" or "sc=Han") return new CharacterSet(Characters.IsHan);
        if (name.Length is 0 or > 2 || !char.IsAsciiLetterUpper(name[0])) return null;
        var categories = 0u;
        foreach (var category in Enum.GetValues<GeneralCategory>())
            if (category.ToString().StartsWith(name, StringComparison.Ordinal)) categories |= 1u << (int)category;
        return categories == 0 ? null : new CharacterSet(c => (categories >> (int)Characters.Category(c) & 1) != 0);
    }
}
