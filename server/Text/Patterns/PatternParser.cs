namespace AttentionServer.Text;

/// <summary>Reads a regular expression into steps. What Oniguruma knows and tokenizers do not use is refused by name.</summary>
internal sealed class PatternParser
{
    private const int MostRepetitions = 1000;
    private const int LongestPattern = 8192;
    private const int DeepestGroup = 64;

    private readonly string text;
    private readonly List<PatternStep> steps = [];
    private int at;
    private int depth;
    private bool ignoreCase;

    private PatternParser(string text) => this.text = text;

    public static Pattern Parse(string expression)
    {
        if (expression.Length > LongestPattern) throw new FormatException($"a pattern of {expression.Length} characters is not supported");
        var parser = new PatternParser(expression);
        parser.Alternation();
        if (parser.at < expression.Length) throw parser.Refuse("an unopened \")\"");
        parser.steps.Add(new PatternStep(PatternOp.Done));
        return new Pattern([.. parser.steps]);
    }

    private bool More => at < text.Length;

    private void Alternation()
    {
        var start = steps.Count;
        Sequence();
        if (!More || text[at] != '|') return;
        at++;
        // The fork goes before what was read: everything moves by one step.
        var first = Cut(start);
        steps.Add(default);
        Paste(first, start, steps.Count);
        var jump = steps.Count;
        steps.Add(default);
        steps[start] = new PatternStep(PatternOp.Fork, start + 1, steps.Count);
        Alternation();
        steps[jump] = new PatternStep(PatternOp.Jump, steps.Count);
    }

    private void Sequence()
    {
        while (More && text[at] is not ('|' or ')')) Quantified();
    }

    private void Quantified()
    {
        var start = steps.Count;
        Atom();
        while (More && TryQuantifier(out var least, out var most))
        {
            var possessive = Skip('+');
            if (!possessive && More && text[at] == '?') throw Refuse("a lazy quantifier");
            if (steps.Count == start + 1 && steps[start].Op == PatternOp.Set)
                steps[start] = new PatternStep(possessive ? PatternOp.Possessive : PatternOp.Greedy, least, most, steps[start].Set);
            else
                Repeat(start, least, most, possessive);
        }
    }

    /// <summary>Writes a group out as often as it must match, then as often as it may.</summary>
    private void Repeat(int start, int least, int most, bool possessive)
    {
        var body = Cut(start);
        if (body.Count == 0) return;
        if (CanBeEmpty(body, start)) throw Refuse("a repeated group that can match nothing");
        if (most != int.MaxValue && most > MostRepetitions) throw Refuse($"a group repeated more than {MostRepetitions} times");
        var atomic = steps.Count;
        if (possessive) steps.Add(default);
        for (var i = 0; i < least; i++) Paste(body, start, steps.Count);
        if (most == int.MaxValue)
        {
            var fork = steps.Count;
            steps.Add(default);
            Paste(body, start, steps.Count);
            steps.Add(new PatternStep(PatternOp.Jump, fork));
            steps[fork] = new PatternStep(PatternOp.Fork, fork + 1, steps.Count);
        }
        else
        {
            var forks = new List<int>();
            for (var i = least; i < most; i++)
            {
                forks.Add(steps.Count);
                steps.Add(default);
                Paste(body, start, steps.Count);
            }
            foreach (var fork in forks) steps[fork] = new PatternStep(PatternOp.Fork, fork + 1, steps.Count);
        }
        if (!possessive) return;
        steps.Add(new PatternStep(PatternOp.Done));
        steps[atomic] = new PatternStep(PatternOp.Atomic, steps.Count);
    }

    private void Atom()
    {
        switch (text[at])
        {
            case '(':
                at++;
                Group();
                break;
            case '^':
                at++;
                steps.Add(new PatternStep(PatternOp.LineStart));
                break;
            case '$':
                at++;
                steps.Add(new PatternStep(PatternOp.LineEnd));
                break;
            case '*' or '+' or '?':
                throw Refuse("a quantifier with nothing before it");
            case '\\' when at + 1 < text.Length && text[at + 1] is 'A' or 'z' or 'b' or 'B':
                steps.Add(new PatternStep(text[at + 1] switch
                {
                    'A' => PatternOp.TextStart,
                    'z' => PatternOp.TextEnd,
                    'b' => PatternOp.WordEdge,
                    _ => PatternOp.NoWordEdge,
                }));
                at += 2;
                break;
            default:
                steps.Add(new PatternStep(PatternOp.Set, Set: PatternClass.Read(text, ref at, ignoreCase)));
                break;
        }
    }

    private void Group()
    {
        var caseOutside = ignoreCase;
        if (!Skip('?')) Body();
        else if (Skip(':')) Body();
        else if (Skip('i'))
        {
            ignoreCase = true;
            // "(?i)" holds to the end of the enclosing group, alternatives included; "(?i:...)" to its own.
            if (Skip(')')) Alternation();
            else if (!Skip(':')) throw Refuse("a group option other than i");
            else Body();
        }
        else if (Skip('=')) Enclosed(PatternOp.Ahead);
        else if (Skip('!')) Enclosed(PatternOp.NotAhead);
        else if (Skip('>')) Enclosed(PatternOp.Atomic);
        else throw Refuse($"the group \"(?{(More ? text[at] : ' ')}\"");
        ignoreCase = caseOutside;
    }

    private void Body()
    {
        if (++depth > DeepestGroup) throw Refuse($"groups nested deeper than {DeepestGroup}");
        Alternation();
        depth--;
        if (!Skip(')')) throw Refuse("an unclosed \"(\"");
    }

    private void Enclosed(PatternOp op)
    {
        var start = steps.Count;
        steps.Add(default);
        Body();
        steps.Add(new PatternStep(PatternOp.Done));
        steps[start] = new PatternStep(op, steps.Count);
    }

    private bool TryQuantifier(out int least, out int most)
    {
        (least, most) = (0, int.MaxValue);
        if (Skip('*')) return true;
        if (Skip('+'))
        {
            least = 1;
            return true;
        }
        if (Skip('?'))
        {
            most = 1;
            return true;
        }
        return text[at] == '{' && TryBraces(ref least, ref most);
    }

    /// <summary>{3}, {1,3}, {2,} or {,3}; anything else in braces is plain text.</summary>
    private bool TryBraces(ref int least, ref int most)
    {
        var close = text.IndexOf('}', at);
        if (close < 0) return false;
        var inside = text[(at + 1)..close].Split(',');
        var isCount = inside.Length <= 2 && inside.All(part => part.Length <= 4 && part.All(char.IsAsciiDigit))
            && inside.Any(part => part.Length > 0);
        if (!isCount) return false;
        least = inside[0].Length == 0 ? 0 : int.Parse(inside[0]);
        most = inside.Length == 1 ? least : inside[1].Length == 0 ? int.MaxValue : int.Parse(inside[1]);
        if (most < least) throw Refuse("a repetition that counts down");
        at = close + 1;
        return true;
    }

    private List<PatternStep> Cut(int start)
    {
        var cut = steps[start..];
        steps.RemoveRange(start, steps.Count - start);
        return cut;
    }

    /// <summary>Adds steps that were read at another place; where they jump moves with them.</summary>
    private void Paste(List<PatternStep> cut, int from, int to)
    {
        foreach (var step in cut) steps.Add(Moved(step, to - from));
    }

    private static PatternStep Moved(PatternStep step, int by) => step.Op switch
    {
        PatternOp.Fork => step with { First = step.First + by, Second = step.Second + by },
        PatternOp.Jump or PatternOp.Ahead or PatternOp.NotAhead or PatternOp.Atomic => step with { First = step.First + by },
        _ => step,
    };

    private static bool CanBeEmpty(List<PatternStep> body, int start)
    {
        var probe = new List<PatternStep>();
        foreach (var step in body) probe.Add(Moved(step, -start));
        probe.Add(new PatternStep(PatternOp.Done));
        return new Pattern([.. probe]).Matches("").Count > 0;
    }

    private bool Skip(char c)
    {
        if (!More || text[at] != c) return false;
        at++;
        return true;
    }

    private FormatException Refuse(string what) => new($"the pattern \"{text}\" has {what} at position {at}, which is not supported");
}
