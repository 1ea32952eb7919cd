namespace AttentionServer.Text;

/// <summary>An added token as tokenizer.json and tokenizer_config.json write it.</summary>
internal static class AddedTokenFormat
{
    public static AddedToken Read(JsonPart part, int id)
    {
        bool Is(string name) => part.Find(name)?.Flag() ?? false;
        var special = Is("special");
        var normalized = part.Find("normalized")?.Flag() ?? !special;
        return new AddedToken(
            Checked(id, part), part.Get("content").Text(), Is("single_word"), Is("lstrip"), Is("rstrip"), normalized, special);
    }

    /// <summary>A token of which a file says only what it looks like.</summary>
    public static AddedToken Plain(string content, int id, JsonPart part) =>
        new(Checked(id, part), content, Normalized: true, Special: false);

    private static int Checked(int id, JsonPart part) =>
        id is >= 0 and < Vocabulary.IdLimit ? id
        : throw part.Error($"has the id {id}, which is not between 0 and {Vocabulary.IdLimit - 1}");
}
