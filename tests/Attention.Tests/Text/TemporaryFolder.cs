namespace AttentionServer.Tests.Text;

/// <summary>A folder for the files of one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string path = Directory.CreateTempSubdirectory("attention-text-").FullName;

    public string Write(string name, string content)
    {
        File.WriteAllText(Path.Combine(path, name), content);
        return Path.Combine(path, name);
    }

    public string Write(string name, byte[] content)
    {
        File.WriteAllBytes(Path.Combine(path, name), content);
        return Path.Combine(path, name);
    }

    public void Dispose() => Directory.Delete(path, recursive: true);

    public override string ToString() => path;
}
