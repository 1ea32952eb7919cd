namespace AttentionServer.Text;

/// <summary>Finds out which tokenizer a folder or a file holds, and reads it.</summary>
internal static class TokenizerFiles
{
    public static Tokenizer Load(string folderOrFile)
    {
        ArgumentException.ThrowIfNullOrEmpty(folderOrFile);
        if (Directory.Exists(folderOrFile)) return LoadFolder(folderOrFile);
        if (File.Exists(folderOrFile)) return LoadFile(folderOrFile);
        throw new TokenizerException($"There is no tokenizer at {folderOrFile}: neither a folder nor a file of that name exists.");
    }

    private static Tokenizer LoadFolder(string folder)
    {
        foreach (var name in new[] { "tokenizer.json", "vocab.txt" })
            if (File.Exists(Path.Combine(folder, name))) return LoadFile(Path.Combine(folder, name));
        throw new TokenizerException($"{folder} holds no tokenizer: expected tokenizer.json or vocab.txt.");
    }

    private static Tokenizer LoadFile(string file)
    {
        var config = TokenizerConfig.Beside(file);
        return Path.GetExtension(file).ToUpperInvariant() switch
        {
            ".JSON" => TokenizerJson.Read(file, config),
            ".TXT" => BertFiles.Read(file, config),
            _ => throw new TokenizerException($"{file} is not a tokenizer file that is known here: expected tokenizer.json or vocab.txt."),
        };
    }
}
