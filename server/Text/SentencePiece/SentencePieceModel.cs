namespace AttentionServer.Text;

/// <summary>What a piece of a SentencePiece model is there for; the numbers are those of the file.</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>One piece of a SentencePiece model; its place in the file is its id there.</summary>
internal readonly record struct SentencePiece(string Text, double Score, PieceKind Kind);

/// <summary>A SentencePiece model file: a protocol buffer (sentencepiece_model.proto) with pieces and settings.</summary>
internal sealed class SentencePieceModel
{
    private SentencePieceModel()
    {
    }

    public List<SentencePiece> Pieces { get; } = [];

    /// <summary>1 Unigram, 2 BPE, 3 words, 4 characters.</summary>
    public int ModelType { get; private set; } = 1;

    public bool ByteFallback { get; private set; }

    public bool SpacesEndWords { get; private set; }

    /// <summary>The compiled normalisation rules; empty for none.</summary>
    public byte[] Rules { get; private set; } = [];

    public bool AddDummyPrefix { get; private set; } = true;

    public bool RemoveExtraSpaces { get; private set; } = true;

    public bool EscapeSpaces { get; private set; } = true;

    /// <exception cref="FormatException">The bytes are not such a file.</exception>
    public static SentencePieceModel Parse(byte[] bytes)
    {
        var model = new SentencePieceModel();
        foreach (var (field, value) in ProtobufReader.Fields(bytes))
        {
            if (field == 1) model.Pieces.Add(ParsePiece(value.Bytes));
            else if (field == 2) model.ReadTrainer(value.Bytes);
            else if (field == 3) model.ReadNormalizer(value.Bytes);
        }
        if (model.Pieces.Count == 0) throw new FormatException("it has no pieces");
        return model;
    }

    private static SentencePiece ParsePiece(ReadOnlyMemory<byte> bytes)
    {
        var piece = new SentencePiece("", 0, PieceKind.Normal);
        foreach (var (field, value) in ProtobufReader.Fields(bytes))
        {
            piece = field switch
            {
                1 => piece with { Text = value.Text },
                2 => piece with { Score = value.Float },
                3 => piece with { Kind = (PieceKind)value.Number },
                _ => piece,
            };
        }
        if (piece.Text.Length == 0) throw new FormatException("it has an empty piece");
        return double.IsFinite(piece.Score) ? piece : throw new FormatException($"the piece \"{piece.Text}\" has no finite score");
    }

    private void ReadTrainer(ReadOnlyMemory<byte> bytes)
    {
        foreach (var (field, value) in ProtobufReader.Fields(bytes))
        {
            if (field == 3) ModelType = (int)value.Number;
            else if (field == 24) SpacesEndWords = value.Flag;
            else if (field == 35) ByteFallback = value.Flag;
        }
    }

    private void ReadNormalizer(ReadOnlyMemory<byte> bytes)
    {
        foreach (var (field, value) in ProtobufReader.Fields(bytes))
        {
            if (field == 2) Rules = value.Bytes.ToArray();
            else if (field == 3) AddDummyPrefix = value.Flag;
            else if (field == 4) RemoveExtraSpaces = value.Flag;
            else if (field == 5) EscapeSpaces = value.Flag;
        }
    }
}
