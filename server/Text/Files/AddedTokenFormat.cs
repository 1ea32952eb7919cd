namespace AttentionServer.Text;

/// <summary>An added token as tokenizer.json and tokenizer_config.json write it.</summary>
internal static class AddedTokenFormat
{
    public static AddedToken Read(JsonPart part, int id)
    {
        bool Is(string name) => part.Find(name)?.Flag() ?? false;
        var special = Is("special");
        return new AddedToken(
            id, part.Get("content").Text(), Is("single_word"), Is("lstrip"), Is("rstrip"), part.Find("normalized")?.Flag() ?? !special, special);
    }
}
