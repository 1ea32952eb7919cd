using System.Text;

namespace AttentionServer.Text;

/// <summary>Reads GPT-2's visible byte characters back into text; bytes that form no character become U+FFFD.</summary>
internal sealed class ByteLevelDecoder : Decoder
{
    public override List<string> Rewrite(List<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens) ByteAlphabet.Read(token, bytes);
        return [System.Text.Encoding.UTF8.GetString([.. bytes])];
    }
}

/// <summary>Reads runs of byte tokens (&lt;0xE2&gt;) back into text; of a run that is not UTF-8, every byte becomes U+FFFD.</summary>
internal sealed class ByteFallbackDecoder : Decoder
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override List<string> Rewrite(List<string> tokens)
    {
        var pieces = new List<string>(tokens.Count);
        var run = new List<byte>();
        foreach (var token in tokens)
        {
            if (ByteTokens.ValueOf(token) is { } value)
            {
                run.Add(value);
                continue;
            }
            Flush(run, pieces);
            pieces.Add(token);
        }
        Flush(run, pieces);
        return pieces;
    }

    private static void Flush(List<byte> run, List<string> pieces)
    {
        if (run.Count == 0) return;
        try
        {
            pieces.Add(Strict.GetString([.. run]));
        }
        catch (DecoderFallbackException)
        {
            pieces.AddRange(Enumerable.Repeat("\uFFFD", run.Count));
        }
        run.Clear();
    }
}
