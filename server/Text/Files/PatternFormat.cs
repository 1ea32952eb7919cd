namespace AttentionServer.Text;

/// <summary>What tokenizer.json writes where something is looked for: {"String": ...} or {"Regex": ...}.</summary>
internal static class PatternFormat
{
    public static ITextFinder Read(JsonPart part)
    {
        if (part.IsText) return new StringFinder(part.Text());
        if (part.Find("String") is { } text) return new StringFinder(text.Text());
        if (part.Find("Regex") is not { } regex) throw part.Error("should have a \"String\" or a \"Regex\"");
        try
        {
            return new PatternFinder(Pattern.Parse(regex.Text()));
        }
        catch (FormatException refused)
        {
            throw new TokenizerException($"{regex.Place}: {refused.Message}.", refused);
        }
    }
}
