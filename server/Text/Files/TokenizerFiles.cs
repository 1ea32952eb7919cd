namespace AttentionServer.Text;

/// <summary>Finds out which tokenizer a folder or a file holds, and reads it.</summary>
internal static class TokenizerFiles
{
    /// <summary>The names looked for in a folder, the most telling first.</summary>
    private static readonly string[] Names =
    [
        "tokenizer.json", "vocab.txt", "vocab.json", "encoder.json",
        "spiece.model", "sentencepiece.bpe.model", "tokenizer.model", "spm.model",
    ];

    private static string Expected => $"expected one of {string.Join(", ", Names)}";

    public static Tokenizer Load(string folderOrFile)
    {
        ArgumentException.ThrowIfNullOrEmpty(folderOrFile);
        if (File.Exists(folderOrFile)) return LoadFile(folderOrFile);
        if (!Directory.Exists(folderOrFile))
            throw new TokenizerException($"There is no tokenizer at {folderOrFile}: neither a folder nor a file of that name exists.");
        var found = Names.Select(name => Path.Combine(folderOrFile, name)).FirstOrDefault(File.Exists);
        return found is not null ? LoadFile(found)
            : throw new TokenizerException($"{folderOrFile} holds no tokenizer: {Expected}.");
    }

    private static Tokenizer LoadFile(string file)
    {
        var config = TokenizerConfig.Beside(file);
        string Beside(string name) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, name);
        return Path.GetFileName(file) switch
        {
            "vocab.json" => BpeFiles.Read(file, Beside("merges.txt"), config),
            "merges.txt" => BpeFiles.Read(Beside("vocab.json"), file, config),
            "encoder.json" => BpeFiles.Read(file, Beside("vocab.bpe"), config),
            "vocab.bpe" => BpeFiles.Read(Beside("encoder.json"), file, config),
            var name when Path.GetExtension(name) == ".json" => TokenizerJson.Read(file, config),
            var name when Path.GetExtension(name) == ".txt" => BertFiles.Read(file, config),
            var name when Path.GetExtension(name) == ".model" => SentencePieceFiles.Read(file, config),
            var name => throw new TokenizerException($"{name} is not a tokenizer file that is known here: {Expected}."),
        };
    }
}
