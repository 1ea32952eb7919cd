namespace AttentionServer.Text;

/// <summary>Reads a text file line by line, with an error that names it.</summary>
internal static class TextLines
{
    public static string[] Read(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException($"{file} cannot be read: {unreadable.Message}", unreadable);
        }
    }
}
