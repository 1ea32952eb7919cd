using System.Diagnostics;
using System.Globalization;

namespace AttentionServer.Tests.Studies.Executors;

/// <summary>
/// A Slurm of two nodes on this machine, without systemd: munge for trust between its parts, one controller, two node daemons on ports of their own. Its
/// state lies in a folder that is gone after.
/// </summary>
internal sealed class SlurmCluster : IDisposable
{
    private static readonly string[] Programs = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel"];
    private readonly string _folder = Directory.CreateTempSubdirectory("slurm-").FullName;

    public SlurmCluster(int firstPort)
    {
        foreach (var part in new[] { "state", "log", "spool-n1", "spool-n2", "munge" })
            Directory.CreateDirectory(Path.Combine(_folder, part));
        Run("chmod", "755", _folder, Path.Combine(_folder, "state"), Path.Combine(_folder, "log"), Path.Combine(_folder, "spool-n1"), Path.Combine(_folder, "spool-n2"));
        Run("chmod", "711", Path.Combine(_folder, "munge"));
        File.WriteAllBytes(Path.Combine(_folder, "munge", "key"), System.Security.Cryptography.RandomNumberGenerator.GetBytes(1024));
        Run("chmod", "400", Path.Combine(_folder, "munge", "key"));
        File.WriteAllText(Configuration, Settings(firstPort));
        Run("munged", $"--key-file={_folder}/munge/key", $"--socket={_folder}/munge/sock", $"--pid-file={_folder}/munge/pid", $"--log-file={_folder}/munge/log", $"--seed-file={_folder}/munge/seed", "--force");
        Run("slurmctld", "-f", Configuration, "-c");
        StartNode("n1");
        StartNode("n2");
    }

    public string Configuration => Path.Combine(_folder, "slurm.conf");

    /// <summary>Why there is no cluster here; null when there can be.</summary>
    public static string? Missing => !OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess ? "Slurm's daemons need Linux and root"
        : Programs.FirstOrDefault(p => !new[] { "/usr/bin", "/usr/sbin", "/bin", "/sbin" }.Any(f => File.Exists(Path.Combine(f, p)))) is { } program ? $"{program} is not installed (Debian: slurm-wlm munge)"
        : null;

    public void StartNode(string node) => Run("slurmd", "-f", Configuration, "-N", node);

    /// <summary>A node's daemon and all that it started die at once, as in a power cut.</summary>
    public void KillNode(string node)
    {
        // A job carries the node's name in its environment; the daemon that watches over it only has the node's log open.
        foreach (var process in Own().Where(p => Reads($"/proc/{p}/environ").Contains($"SLURMD_NODENAME={node}\0", StringComparison.Ordinal) || HasOpen(p, $"slurmd-{node}.log")).ToList())
            Kill(process);
    }

    public void Dispose()
    {
        foreach (var process in Own().ToList())
            Kill(process);
        // Daemons let go of their files a moment after.
        for (var attempt = 0; attempt < 20; attempt++)
        {
            try
            {
                Directory.Delete(_folder, recursive: true);
                return;
            }
            catch (IOException)
            {
                Thread.Sleep(100);
            }
        }
    }

    private string Settings(int firstPort)
    {
        var host = Environment.MachineName.Split('.')[0];
        return string.Create(CultureInfo.InvariantCulture, $"""
            ClusterName=test
            SlurmctldHost={host}(127.0.0.1)
            SlurmctldPort={firstPort}
            SlurmUser=root
            SlurmdUser=root
            AuthType=auth/munge
            AuthInfo=socket={_folder}/munge/sock,cred_expire=8
            CredType=cred/munge
            StateSaveLocation={_folder}/state
            SlurmdSpoolDir={_folder}/spool-%n
            SlurmctldPidFile={_folder}/slurmctld.pid
            SlurmdPidFile={_folder}/slurmd-%n.pid
            SlurmctldLogFile={_folder}/log/slurmctld.log
            SlurmdLogFile={_folder}/log/slurmd-%n.log
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            SwitchType=switch/none
            MpiDefault=none
            JobAcctGatherType=jobacct_gather/none
            AccountingStorageType=accounting_storage/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU
            SchedulerType=sched/backfill
            SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0,bf_interval=1
            ReturnToService=2
            SlurmdTimeout=6
            SlurmctldTimeout=10
            InactiveLimit=0
            KillWait=2
            MinJobAge=600
            JobRequeue=1
            SlurmdParameters=config_overrides
            NodeName=n[1-2] NodeHostname={host} NodeAddr=127.0.0.1 Port=[{firstPort + 1}-{firstPort + 2}] CPUs=1 RealMemory=1000 State=UNKNOWN
            PartitionName=main Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO

            """);
    }

    /// <summary>Daemons, which stand in the cluster's folder or have its configuration on their command line, and jobs, which have it in their environment.</summary>
    private IEnumerable<int> Own()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && id != Environment.ProcessId
                && (LinkOf($"{folder}/cwd").StartsWith(_folder, StringComparison.Ordinal) || Reads($"{folder}/cmdline").Contains(_folder, StringComparison.Ordinal) || Reads($"{folder}/environ").Contains(Configuration, StringComparison.Ordinal)))
                yield return id;
    }

    private static bool HasOpen(int process, string name)
    {
        try
        {
            return Directory.EnumerateFiles($"/proc/{process}/fd").Any(f => LinkOf(f).EndsWith(name, StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string LinkOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string Reads(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static void Kill(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            found.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended already.
        }
    }

    private void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments);
        start.Environment["SLURM_CONF"] = Configuration;
        using var process = Process.Start(start)!;
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}");
    }
}
