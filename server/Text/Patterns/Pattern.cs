using System.Buffers;

namespace AttentionServer.Text;

/// <summary>What one step of a compiled pattern does; see <see cref="Pattern"/>.</summary>
internal enum PatternOp
{
    /// <summary>Take one character of the set.</summary>
    Set,

    /// <summary>Take First to Second characters of the set, as many as possible, giving back when the rest does not match.</summary>
    Greedy,

    /// <summary>The same, never giving back.</summary>
    Possessive,

    /// <summary>Go on at First; if that fails, at Second.</summary>
    Fork,

    /// <summary>Go on at First.</summary>
    Jump,

    /// <summary>Go on at First if the steps after this one match here.</summary>
    Ahead,

    /// <summary>Go on at First if the steps after this one do not match here.</summary>
    NotAhead,

    /// <summary>Match the steps after this one once and for all, then go on at First.</summary>
    Atomic,

    /// <summary>Only at the start of the text.</summary>
    TextStart,

    /// <summary>Only at the end of the text.</summary>
    TextEnd,

    /// <summary>Only at the start of a line.</summary>
    LineStart,

    /// <summary>Only at the end of a line.</summary>
    LineEnd,

    /// <summary>Only between a word character and another one, or an end of the text.</summary>
    WordEdge,

    /// <summary>Only elsewhere.</summary>
    NoWordEdge,

    /// <summary>The pattern, or the part in a lookahead or atomic group, has matched.</summary>
    Done,
}

/// <summary>One step of a compiled pattern.</summary>
internal readonly record struct PatternStep(PatternOp Op, int First = 0, int Second = 0, CharacterSet? Set = null);

/// <summary>
/// A regular expression in the dialect that tokenizer files are written in (Oniguruma), matched against whole code points
/// with our own Unicode facts: .NET's Regex sees surrogates as two characters and follows the runtime's Unicode version.
/// </summary>
internal sealed class Pattern(PatternStep[] steps)
{
    /// <summary>Far more than a sane pattern needs for one match; a pattern that needs more is stuck in its own alternatives.</summary>
    private const int AttemptLimit = 5_000_000;

    /// <summary>Compiles an expression; the message of the <see cref="FormatException"/> names what is not supported.</summary>
    public static Pattern Parse(string expression) => PatternParser.Parse(expression);

    /// <summary>All matches from left to right, none overlapping another; empty ones included.</summary>
    public List<TextRange> Matches(ReadOnlySpan<char> text)
    {
        var matches = new List<TextRange>();
        var matcher = new Matcher(text, steps);
        for (var start = 0; start <= text.Length;)
        {
            var found = matcher.RunFrom(start, out var end);
            if (found) matches.Add(new TextRange(start, end));
            start = found && end > start ? end : start + (start + 1 < text.Length && char.IsLowSurrogate(text[start + 1]) ? 2 : 1);
        }
        matcher.Return();
        return matches;
    }

    private ref struct Matcher(ReadOnlySpan<char> text, PatternStep[] steps)
    {
        private readonly ReadOnlySpan<char> text = text;
        private (int Step, int Position, int Floor)[] alternatives = ArrayPool<(int, int, int)>.Shared.Rent(64);
        private int count;
        private int attempts;

        /// <summary>Gives the memory back; a matcher that threw just leaves it to the collector.</summary>
        public readonly void Return() => ArrayPool<(int, int, int)>.Shared.Return(alternatives);

        public bool RunFrom(int position, out int end)
        {
            attempts = 0;
            return Run(0, position, out end);
        }

        /// <summary>Runs the steps from one on; alternatives above those of the caller are dropped on return.</summary>
        private bool Run(int step, int position, out int end)
        {
            var bottom = count;
            while (true)
            {
                if (Advance(ref step, ref position))
                {
                    if (steps[step].Op != PatternOp.Done) continue;
                    count = bottom;
                    end = position;
                    return true;
                }
                if (count == bottom)
                {
                    end = -1;
                    return false;
                }
                if (++attempts > AttemptLimit)
                    throw new TokenizerException("The tokenizer's pattern takes too long on this text: its alternatives overlap too much.");
                var (next, at, floor) = alternatives[--count];
                // A greedy run that can still give back a character stays among the alternatives.
                if (at > floor)
                {
                    var shorter = Before(at);
                    if (shorter > floor) Push(next, shorter, floor);
                    at = shorter;
                }
                (step, position) = (next, at);
            }
        }

        /// <summary>Takes one step; false when it does not match.</summary>
        private bool Advance(ref int step, ref int position)
        {
            ref readonly var current = ref steps[step];
            switch (current.Op)
            {
                case PatternOp.Set:
                    if (position >= text.Length || !current.Set!.Contains(At(position, out var width))) return false;
                    position += width;
                    break;
                case PatternOp.Greedy or PatternOp.Possessive:
                    return Take(in current, ref step, ref position);
                case PatternOp.Fork:
                    Push(current.Second, position, position);
                    step = current.First;
                    return true;
                case PatternOp.Jump:
                    step = current.First;
                    return true;
                case PatternOp.Ahead or PatternOp.NotAhead:
                    if (Run(step + 1, position, out _) != (current.Op == PatternOp.Ahead)) return false;
                    step = current.First;
                    return true;
                case PatternOp.Atomic:
                    if (!Run(step + 1, position, out var after)) return false;
                    (step, position) = (current.First, after);
                    return true;
                case PatternOp.TextStart:
                    if (position != 0) return false;
                    break;
                case PatternOp.TextEnd:
                    if (position != text.Length) return false;
                    break;
                case PatternOp.LineStart:
                    if (position != 0 && text[position - 1] != '\n') return false;
                    break;
                case PatternOp.LineEnd:
                    if (position != text.Length && text[position] != '\n') return false;
                    break;
                case PatternOp.WordEdge or PatternOp.NoWordEdge:
                    if (IsWordEdge(position) != (current.Op == PatternOp.WordEdge)) return false;
                    break;
                default:
                    return true;
            }
            step++;
            return true;
        }

        private bool Take(in PatternStep current, ref int step, ref int position)
        {
            var floor = position;
            var taken = 0;
            var at = position;
            while (taken < current.Second && at < text.Length && current.Set!.Contains(At(at, out var width)))
            {
                at += width;
                if (++taken == current.First) floor = at;
            }
            if (taken < current.First) return false;
            step++;
            if (current.Op == PatternOp.Greedy && at > floor) Push(step, at, floor);
            position = at;
            return true;
        }

        private void Push(int step, int position, int floor)
        {
            if (count == alternatives.Length)
            {
                var larger = ArrayPool<(int, int, int)>.Shared.Rent(count * 2);
                alternatives.AsSpan(0, count).CopyTo(larger);
                ArrayPool<(int, int, int)>.Shared.Return(alternatives);
                alternatives = larger;
            }
            alternatives[count++] = (step, position, floor);
        }

        private readonly int At(int position, out int width)
        {
            var unit = text[position];
            width = char.IsHighSurrogate(unit) ? 2 : 1;
            return width == 1 ? unit : char.ConvertToUtf32(unit, text[position + 1]);
        }

        private readonly bool IsWordEdge(int position)
        {
            var before = position > 0 && Characters.IsPatternWord(At(Before(position), out _));
            var after = position < text.Length && Characters.IsPatternWord(At(position, out _));
            return before != after;
        }

        private readonly int Before(int position) => position - (char.IsLowSurrogate(text[position - 1]) ? 2 : 1);
    }
}
