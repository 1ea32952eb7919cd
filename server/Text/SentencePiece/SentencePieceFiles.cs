namespace AttentionServer.Text;

/// <summary>SentencePiece model files (spiece.model, tokenizer.model), as the models that come with one use it.</summary>
internal static class SentencePieceFiles
{
    public static Tokenizer Read(string file, TokenizerConfig config)
    {
        var origin = Path.GetFileName(file);
        TokenizerException Unsupported(string what) => new($"{origin}: SentencePiece models {what} are not supported.");
        try
        {
            var model = SentencePieceModel.Parse(File.ReadAllBytes(file));
            if (model.ModelType is not (1 or 2)) throw Unsupported("of words or characters");
            if (model.SpacesEndWords) throw Unsupported("whose spaces end words");
            return new SentencePieceBuilder(model, config, origin).Build();
        }
        catch (FormatException broken)
        {
            throw new TokenizerException($"{file} is not a SentencePiece model: {broken.Message}.", broken);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException($"{file} cannot be read: {unreadable.Message}", unreadable);
        }
    }
}
