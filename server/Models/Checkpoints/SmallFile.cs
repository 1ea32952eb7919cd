namespace AttentionServer.Models.Checkpoints;

/// <summary>Reads text files of a model folder without trusting their size.</summary>
internal static class SmallFile
{
    /// <summary>All bytes, or an error when the file is missing or longer than any real one.</summary>
    public static byte[] Read(string path, int maxBytes)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            if (stream.Length > maxBytes)
                throw new CheckpointException($"file: {path}: it has {stream.Length} bytes, more than the {maxBytes} such a file may have: download the model again");
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new CheckpointException($"file: {path}: {e.Message.TrimEnd('.')}: check that it exists and may be read", e);
        }
    }
}
