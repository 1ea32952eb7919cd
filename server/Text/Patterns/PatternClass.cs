namespace AttentionServer.Text;

/// <summary>Reads what stands for one character in a pattern: a plain character, an escape, a dot, or a class in brackets.</summary>
internal ref struct PatternClass
{
    private const int DeepestClass = 64;

    private readonly string text;
    private readonly bool ignoreCase;
    private int at;
    private int depth;

    private PatternClass(string text, int at, bool ignoreCase)
    {
        this.text = text;
        this.at = at;
        this.ignoreCase = ignoreCase;
    }

    public static CharacterSet Read(string text, ref int at, bool ignoreCase)
    {
        var reader = new PatternClass(text, at, ignoreCase);
        var set = reader.One();
        at = reader.at;
        return set;
    }

    private CharacterSet One()
    {
        switch (text[at])
        {
            case '.':
                at++;
                return new CharacterSet(c => c != '\n');
            case '[':
                return Brackets();
            case '\\' when at + 1 < text.Length && text[at + 1] is 'w' or 'W':
                // Outside brackets, Oniguruma also counts the fractions and raised digits of Latin-1.
                at += 2;
                var word = new CharacterSet(Characters.IsPatternWord);
                return text[at - 1] == 'w' ? word : word.Negated();
            default:
                return Element(out var character) ?? CharacterSet.Of(character, ignoreCase);
        }
    }

    /// <summary>[...], with ranges, escapes, classes inside classes, and intersections (&amp;&amp;).</summary>
    private CharacterSet Brackets()
    {
        var open = at++;
        if (++depth > DeepestClass) throw Refuse($"classes nested deeper than {DeepestClass}", open);
        var negated = Skip('^');
        var members = new List<CharacterSet>();
        CharacterSet? intersection = null;
        while (true)
        {
            if (at >= text.Length) throw Refuse("an unclosed \"[\"", open);
            if (text[at] == ']' && (members.Count > 0 || intersection is not null)) break;
            if (text[at] == '[')
            {
                if (at + 1 < text.Length && text[at + 1] == ':') throw Refuse("a POSIX class", at);
                members.Add(Brackets());
            }
            else if (text[at] == '&' && at + 1 < text.Length && text[at + 1] == '&')
            {
                at += 2;
                intersection = Intersect(intersection, members);
                members = [];
            }
            else
            {
                members.Add(Member());
            }
        }
        at++;
        depth--;
        var set = Intersect(intersection, members);
        return negated ? set.Negated() : set;
    }

    private static CharacterSet Intersect(CharacterSet? left, List<CharacterSet> members)
    {
        var right = CharacterSet.Union(members);
        return left?.And(right) ?? right;
    }

    private CharacterSet Member()
    {
        var start = at;
        if (Element(out var first) is { } set) return set;
        if (at + 1 >= text.Length || text[at] != '-' || text[at + 1] == ']') return CharacterSet.Of(first, ignoreCase);
        at++;
        if (Element(out var last) is not null || last < first)
            throw Refuse("a range that does not go from a character to a later one", start);
        return CharacterSet.Range(first, last, ignoreCase);
    }

    /// <summary>A set for an escape that names one; else null and the character that is meant.</summary>
    private CharacterSet? Element(out int character)
    {
        if (text[at] != '\\')
        {
            character = CodePoint();
            return null;
        }
        var start = at++;
        if (at >= text.Length) throw Refuse("a lone \"\\\"", start);
        var kind = text[at];
        character = 0;
        switch (kind)
        {
            case 'p' or 'P':
                at++;
                var property = Property(start);
                return kind == 'P' ? property.Negated() : property;
            case 's' or 'S' or 'd' or 'D' or 'w' or 'W':
                at++;
                return Shorthand(kind);
            case 'x' or 'u':
                at++;
                character = Hexadecimal(kind, start);
                return null;
            default:
                character = kind switch
                {
                    'n' => '\n', 'r' => '\r', 't' => '\t', 'f' => '\f', 'v' => '\v', 'a' => '\a', 'e' => '\u001B', _ => 0,
                };
                if (kind == '0' || character != 0) at++;
                else if (char.IsAsciiLetterOrDigit(kind)) throw Refuse($"the escape \"\\{kind}\"", start);
                else character = CodePoint();
                return null;
        }
    }

    private static CharacterSet Shorthand(char kind)
    {
        var set = char.ToLowerInvariant(kind) switch
        {
            's' => new CharacterSet(Characters.IsWhiteSpace),
            'd' => CharacterSet.Property("Nd")!,
            _ => new CharacterSet(Characters.IsLetterLike),
        };
        return char.IsAsciiLetterUpper(kind) ? set.Negated() : set;
    }

    private CharacterSet Property(int start)
    {
        string name;
        if (Skip('{'))
        {
            var close = text.IndexOf('}', at);
            if (close < 0) throw Refuse("an unclosed \"{\"", start);
            name = text[at..close];
            at = close + 1;
        }
        else
        {
            name = at < text.Length ? text[at++].ToString() : "";
        }
        var negated = name.StartsWith('^');
        var set = CharacterSet.Property(negated ? name[1..] : name) ?? throw Refuse($"the property \"{name}\"", start);
        return negated ? set.Negated() : set;
    }

    /// <summary>\xHH, \uHHHH or \x{H...}.</summary>
    private int Hexadecimal(char kind, int start)
    {
        string digits;
        if (Skip('{'))
        {
            var close = text.IndexOf('}', at);
            if (close < 0) throw Refuse("an unclosed \"{\"", start);
            digits = text[at..close];
            at = close + 1;
        }
        else
        {
            var end = Math.Min(text.Length, at + (kind == 'u' ? 4 : 2));
            digits = text[at..end];
            at = end;
        }
        var valid = int.TryParse(digits, System.Globalization.NumberStyles.AllowHexSpecifier, null, out var value) && value <= 0x10FFFF;
        return valid ? value : throw Refuse($"the code \"{digits}\"", start);
    }

    private int CodePoint()
    {
        var unit = text[at++];
        var isPair = char.IsHighSurrogate(unit) && at < text.Length && char.IsLowSurrogate(text[at]);
        return isPair ? char.ConvertToUtf32(unit, text[at++]) : unit;
    }

    private bool Skip(char c)
    {
        if (at >= text.Length || text[at] != c) return false;
        at++;
        return true;
    }

    private readonly FormatException Refuse(string what, int position) =>
        new($"the pattern \"{text}\" has {what} at position {position}, which is not supported");
}
