using AttentionServer.Studies.Runs;
using AttentionServer.Tests.Models;

namespace AttentionServer.Tests.Studies.Runs;

/// <summary>Leases: one holder, renewal, expiry, and a dead process of this machine.</summary>
public sealed class ClaimTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void One_of_many_gets_it()
    {
        for (var round = 0; round < 20; round++)
        {
            var claims = Enumerable.Range(0, 8).Select(_ => new Claims(_folder.Path, TimeSpan.FromMinutes(1))).ToArray();
            var got = claims.AsParallel().WithDegreeOfParallelism(8).Select(c => c.TryTake("x")).OfType<IDisposable>().ToList();
            Assert.Single(got);
            got[0].Dispose();
            Array.ForEach(claims, c => c.Dispose());
            Assert.Empty(Directory.EnumerateFiles(_folder.Path));
        }
    }

    [Fact]
    public void One_of_many_gets_what_a_dead_worker_left()
    {
        for (var round = 0; round < 20; round++)
        {
            Foreign(_folder.File("x.claim"), age: TimeSpan.FromHours(1));
            var claims = Enumerable.Range(0, 8).Select(_ => new Claims(_folder.Path, TimeSpan.FromMinutes(1))).ToArray();
            var got = claims.AsParallel().WithDegreeOfParallelism(8).Select(c => c.TryTake("x") ?? c.TryTake("x")).OfType<IDisposable>().ToList();
            Assert.Single(got);
            Array.ForEach(claims, c => c.Dispose());
        }
    }

    [Fact]
    public async Task A_silent_worker_of_another_machine_loses_it_and_a_lively_one_does_not()
    {
        using var claims = new Claims(_folder.Path, TimeSpan.FromSeconds(1));
        Foreign(_folder.File("x.claim"), age: TimeSpan.Zero);
        Assert.Null(claims.TryTake("x"));
        using var mine = claims.TryTake("y");
        await Task.Delay(1300);
        Assert.NotNull(claims.TryTake("x"));
        // Renewed meanwhile, so nobody else may think it dead.
        Assert.True(DateTime.UtcNow - File.GetLastWriteTimeUtc(_folder.File("y.claim")) < TimeSpan.FromSeconds(0.9));
    }

    [Fact]
    public void A_dead_process_of_this_machine_is_not_waited_for()
    {
        using (var claims = new Claims(_folder.Path, TimeSpan.FromHours(1)))
        using (claims.TryTake("x"))
        {
            var lines = File.ReadAllLines(_folder.File("x.claim"));
            Assert.Equal($"{Environment.ProcessId}", lines[2]);
            File.WriteAllText(_folder.File("dead.claim"), $"0\n{lines[1]}\n{int.MaxValue}\n1\n");
            File.WriteAllText(_folder.File("reused.claim"), $"0\n{lines[1]}\n{lines[2]}\n{lines[3]}1\n");
            File.WriteAllText(_folder.File("elsewhere.claim"), $"0\nelsewhere\n{int.MaxValue}\n1\n");
            Assert.NotNull(claims.TryTake("dead"));
            Assert.NotNull(claims.TryTake("reused"));
            Assert.Null(claims.TryTake("elsewhere"));
            Assert.Null(new Claims(_folder.Path, TimeSpan.FromHours(1)).TryTake("x"));
        }
    }

    private static void Foreign(string path, TimeSpan age)
    {
        File.WriteAllText(path, "0123\nelsewhere\n17\n4711\n");
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow - age);
    }
}
