/**
 * The program of the service: the service manager of Windows starts only programs that answer it, which Node does not. It is compiled at
 * installation by the compiler that every Windows has, of the .NET Framework 4, which knows C# 5.
 */
import { SERVICE_NAME } from './account.ts';
import { argumentsOf, type ServiceCommand } from './command.ts';

/** Time to stop until the agent is killed, ms. */
const STOP_MS = 30_000;

export function serviceProgram(service: ServiceCommand): string {
  return `${HEAD}
  const string Name = ${literal(SERVICE_NAME)};
  const string Node = ${literal(service.command[0])};
  const string RunArguments = ${literal(argumentsOf(service, 'run'))};
  const string StopArguments = ${literal(argumentsOf(service, 'stop'))};
  const int StopMs = ${STOP_MS};
  const int LongestEntry = 30000;
${BODY}
${JOB}`;
}

const HEAD = `// Written by "healthd service install", which compiles it.
using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.ServiceProcess;
using System.Text;

/// <summary>Runs the agent, copies its standard error to the event log, and stops it by "healthd stop".</summary>
public class HealthdService : ServiceBase {`;

const BODY = `  Process agent;
  volatile bool isStopping;

  public HealthdService() { ServiceName = Name; CanShutdown = true; AutoLog = false; }

  public static void Main() { Run(new HealthdService()); }

  protected override void OnStart(string[] args) {
    Job.EndsWithThisProcess();
    agent = Start(RunArguments, HasEnded);
  }

  protected override void OnStop() {
    RequestAdditionalTime(StopMs + 5000);
    StopAgent();
  }

  protected override void OnShutdown() { StopAgent(); }

  void StopAgent() {
    isStopping = true;
    Stopwatch since = Stopwatch.StartNew();
    // One that is starting does not answer yet.
    while (!agent.HasExited && since.ElapsedMilliseconds < StopMs) {
      Start(StopArguments, null).WaitForExit(StopMs);
      agent.WaitForExit(500);
    }
    if (agent.HasExited) return;
    Log("The agent has not stopped within " + StopMs / 1000 + " s, and is killed", EventLogEntryType.Error);
    agent.Kill();
  }

  void HasEnded(object sender, EventArgs ended) {
    Process one = (Process)sender;
    one.WaitForExit(); // until its last line is read
    if (isStopping) return;
    if (one.ExitCode == 0) { Stop(); return; }
    Log("The agent has ended with exit code " + one.ExitCode + "; it is started again", EventLogEntryType.Error);
    // An end that was not announced is what the failure actions are for.
    Environment.Exit(1);
  }

  Process Start(string arguments, EventHandler onExit) {
    Process process = new Process();
    process.StartInfo = new ProcessStartInfo(Node, arguments) { UseShellExecute = false, CreateNoWindow = true,
      RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, StandardErrorEncoding = Encoding.UTF8 };
    process.ErrorDataReceived += (sender, said) => Log(said.Data, TypeOf(said.Data));
    process.EnableRaisingEvents = true;
    if (onExit != null) process.Exited += onExit;
    process.Start();
    process.StandardInput.Close();
    process.BeginErrorReadLine();
    process.BeginOutputReadLine(); // metrics that an output prints are not for the log
    return process;
  }

  /// <summary>The level is the second word: "2026-01-02T03:04:05.678Z warn  [agent] ...".</summary>
  static EventLogEntryType TypeOf(string line) {
    string[] words = (line ?? "").Split(new[] { ' ' }, 3);
    string level = words.Length > 1 ? words[1] : "";
    return level == "error" ? EventLogEntryType.Error : level == "warn" ? EventLogEntryType.Warning : EventLogEntryType.Information;
  }

  void Log(string text, EventLogEntryType type) {
    if (string.IsNullOrEmpty(text)) return;
    try {
      EventLog.WriteEntry(Name, text.Length > LongestEntry ? text.Substring(0, LongestEntry) : text, type, 1);
    } catch (Exception) { } // a full log: there is no other place, and the agent goes on
  }
}
`;

/** A job that holds the service itself: what it starts is in it too, and ends with it, however it ends. */
const JOB = `static class Job {
  [StructLayout(LayoutKind.Sequential)]
  struct Limits {
    public long ProcessTime, JobTime;
    public uint Flags;
    public UIntPtr LeastMemory, MostMemory;
    public uint Processes;
    public UIntPtr Affinity;
    public uint Priority, Scheduling;
    public ulong Reads, Writes, Others, ReadBytes, WriteBytes, OtherBytes;
    public UIntPtr ProcessMemory, JobMemory, PeakProcessMemory, PeakJobMemory;
  }

  const uint KillOnJobClose = 0x2000;
  const int ExtendedLimitInformation = 9;

  [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
  static extern IntPtr CreateJobObject(IntPtr attributes, string name);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern bool SetInformationJobObject(IntPtr job, int kind, ref Limits limits, int size);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern bool AssignProcessToJobObject(IntPtr job, IntPtr process);

  /// <summary>The handle stays open until the process ends, which closes it.</summary>
  public static void EndsWithThisProcess() {
    Limits limits = new Limits { Flags = KillOnJobClose };
    IntPtr job = CreateJobObject(IntPtr.Zero, null);
    if (job == IntPtr.Zero || !SetInformationJobObject(job, ExtendedLimitInformation, ref limits, Marshal.SizeOf(limits))
        || !AssignProcessToJobObject(job, Process.GetCurrentProcess().Handle)) throw new Win32Exception();
  }
}
`;

/** A text of C# in which only the quote is special. */
function literal(text: string): string {
  return `@"${text.replaceAll('"', '""')}"`;
}
