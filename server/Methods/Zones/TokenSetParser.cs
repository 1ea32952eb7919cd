using System.Text.RegularExpressions;

namespace AttentionServer.Methods.Zones;

/// <summary>
/// Reads sets of tokens: <c>set = term {"," term}</c>, <c>term = ["!"] (role | first["-"last] | member"@"start"-"end | [member":"]"/"pattern"/"["i"])</c>,
/// where a member is question or passage, tokens count from 0, and characters are UTF-16 units, the end excluded.
/// </summary>
internal sealed class TokenSetParser(string text, string where)
{
    private const string Question = "question", Passage = "passage";

    private static readonly bool[] Members = [false, true];

    // A pattern of a user's runs over every text of a study.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private int _at;

    public IReadOnlyList<TokenTerm> Terms()
    {
        var terms = new List<TokenTerm>();
        do
            terms.Add(Term());
        while (Take(','));
        return _at == text.Length ? terms : throw Wrong($"'{text[_at..]}' is left over after '{text[.._at].Trim()}': separate parts by commas");
    }

    private TokenTerm Term()
    {
        var not = Take('!');
        Space();
        if (_at < text.Length && text[_at] == '/')
            return new(not, Pattern(null));
        if (_at < text.Length && char.IsAsciiDigit(text[_at]))
            return new(not, Numbers());
        var start = _at;
        while (_at < text.Length && char.IsAsciiLetter(text[_at]))
            _at++;
        var name = text[start.._at];
        var member = name is Question or Passage;
        if (member && Take(':'))
            return new(not, Pattern(name));
        if (member && Take('@'))
            return new(not, Characters(name));
        return new(not, TokenTerm.Role(name) ?? throw Wrong(
            name.Length == 0 && _at >= text.Length
                ? "a part is missing at its end"
                : $"'{(name.Length > 0 ? name : text[_at..])}' is no set of tokens: use all, question, passage, special, cls, sep, 3-7, passage@10-25 or /pattern/"));
    }

    private Func<Text.Encoding, Func<int, bool>> Numbers()
    {
        var (first, last) = Interval();
        return encoding => last < encoding.Tokens.Count
            ? i => i >= first && i <= last
            : throw Wrong($"there is no token {last}: this text has tokens 0 to {encoding.Tokens.Count - 1}");
    }

    private Func<Text.Encoding, Func<int, bool>> Characters(string member)
    {
        var (start, end) = Interval();
        if (end <= start)
            throw Wrong($"{member}@{start}-{end} has no characters: the end is excluded");
        return encoding => TokenTerm.Touching(encoding, member == Passage, [new(start, end)]);
    }

    private (int First, int Last) Interval()
    {
        var first = Number();
        var last = Take('-') ? Number() : first;
        return last >= first ? (first, last) : throw Wrong($"{first}-{last} ends before it starts");
    }

    private int Number()
    {
        Space();
        var start = _at;
        while (_at < text.Length && char.IsAsciiDigit(text[_at]))
            _at++;
        return int.TryParse(text.AsSpan(start, _at - start), out var number) ? number : throw Wrong($"a whole number should stand at '{text[start..]}'");
    }

    private Func<Text.Encoding, Func<int, bool>> Pattern(string? member)
    {
        if (!Take('/'))
            throw Wrong($"a /pattern/ should stand after {member}:");
        var start = _at;
        while (_at < text.Length && text[_at] != '/')
            _at += text[_at] == '\\' ? 2 : 1;
        if (_at >= text.Length)
            throw Wrong($"the pattern /{text[start..]} has no end: close it with /");
        var pattern = text[start.._at++].Replace("\\/", "/", StringComparison.Ordinal);
        var options = RegexOptions.CultureInvariant | (_at < text.Length && text[_at] == 'i' ? RegexOptions.IgnoreCase : 0);
        if (options.HasFlag(RegexOptions.IgnoreCase))
            _at++;
        var regex = Compile(pattern, options);
        return encoding =>
        {
            var parts = Members
                .Where(passage => member == null || passage == (member == Passage))
                .Select(passage => TokenTerm.Touching(encoding, passage, TokenTerm.Matches(regex, encoding, passage, where)))
                .ToArray();
            return i => parts.Any(holds => holds(i));
        };
    }

    private Regex Compile(string pattern, RegexOptions options)
    {
        try
        {
            return new(pattern, options, Patience);
        }
        catch (ArgumentException e)
        {
            throw Wrong($"/{pattern}/ is no pattern ({e.Message.TrimEnd('.')})");
        }
    }

    private bool Take(char sign)
    {
        Space();
        if (_at >= text.Length || text[_at] != sign)
            return false;
        _at++;
        return true;
    }

    private void Space()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
            _at++;
    }

    private MethodException Wrong(string why) => new($"{where}: '{text.Trim()}': {why}");
}
