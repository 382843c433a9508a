/**
 * The program of the Windows reader, for Windows PowerShell 5.1: JSON requests on standard input, one JSON line for each on standard
 * output. No `Add-Type`, which compiles: Constrained Language Mode refuses it and antivirus software dislikes it. No name that depends on
 * the language of Windows: raw performance classes of WMI, numbers of .NET enumerations. Without backticks and `${`, because it is a
 * template here.
 *
 * First line: `{"ready":1}`, or `{"ready":0,"error":"…"}`. Request: `{"id":1,"part":"net","with":{…}}`. Answer: `{"id":1,"value":[…]}` or
 * `{"id":1,"error":"…"}`, both with `memory`, the working set in bytes. The end of standard input ends it.
 */
export const READER_SCRIPT = String.raw`
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
  '{"ready":0,"error":"PowerShell runs in Constrained Language Mode here; allow healthd in the policy (WDAC, AppLocker)"}'
  exit 3
}
$utf8 = New-Object System.Text.UTF8Encoding $false
$stdin = New-Object System.IO.StreamReader ([Console]::OpenStandardInput()), $utf8
$stdout = New-Object System.IO.StreamWriter ([Console]::OpenStandardOutput()), $utf8
$stdout.NewLine = [string][char]10
function Send($value) { $stdout.WriteLine((ConvertTo-Json -InputObject $value -Compress -Depth 6)); $stdout.Flush() }
function Rows($class, $properties, $filter) {
  $query = 'SELECT ' + ($properties -join ',') + ' FROM ' + $class
  if ($filter) { $query += ' WHERE ' + $filter }
  foreach ($row in @(Get-CimInstance -Query $query -OperationTimeoutSec 20)) {
    $one = @{}
    foreach ($property in $properties) { $one[$property] = $row.$property }
    $one
  }
}
function Try-Read($read) { try { & $read } catch { $null } }
$parts = @{
  net = {
    foreach ($card in [System.Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces()) {
      $one = @{ name = $card.Name; up = ([int]$card.OperationalStatus -eq 1); type = [int]$card.NetworkInterfaceType; speed = $card.Speed }
      $seen = $card.GetIPStatistics()
      $one.bytes_recv = $seen.BytesReceived
      $one.bytes_sent = $seen.BytesSent
      $one.packets_recv = $seen.UnicastPacketsReceived + $seen.NonUnicastPacketsReceived
      $one.packets_sent = $seen.UnicastPacketsSent + $seen.NonUnicastPacketsSent
      $one.err_in = $seen.IncomingPacketsWithErrors
      $one.err_out = $seen.OutgoingPacketsWithErrors
      $one.drop_in = $seen.IncomingPacketsDiscarded
      $one.drop_out = $seen.OutgoingPacketsDiscarded
      $one
    }
  }
  netstat = {
    $all = [System.Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties()
    $states = @{}
    foreach ($connection in $all.GetActiveTcpConnections()) { $states[[string][int]$connection.State] += 1 }
    @{ tcp = $states; listen = @($all.GetActiveTcpListeners()).Count; udp = @($all.GetActiveUdpListeners()).Count }
  }
  diskio = {
    Rows 'Win32_PerfRawData_PerfDisk_LogicalDisk' @('Name', 'DiskReadsPersec', 'DiskWritesPersec', 'DiskReadBytesPersec',
      'DiskWriteBytesPersec', 'PercentDiskReadTime', 'PercentDiskWriteTime', 'PercentDiskTime', 'PercentIdleTime', 'CurrentDiskQueueLength',
      'Timestamp_Sys100NS')
  }
  memory = { Rows 'Win32_PerfRawData_PerfOS_Memory' @('CommitLimit', 'CommittedBytes', 'PagesInputPersec', 'PagesOutputPersec') }
  pagefiles = { Rows 'Win32_PageFileUsage' @('AllocatedBaseSize', 'CurrentUsage') }
  system = { Rows 'Win32_PerfRawData_PerfOS_System' @('ProcessorQueueLength', 'Processes', 'Threads') }
  cores = { Rows 'Win32_Processor' @('NumberOfCores') }
  drives = { Rows 'Win32_LogicalDisk' @('DeviceID', 'DriveType', 'FileSystem', 'VolumeName', 'Access') }
  access = {
    param($with)
    $me = New-Object System.Security.Principal.WindowsPrincipal ([System.Security.Principal.WindowsIdentity]::GetCurrent())
    @{ elevated = $me.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
      sddl = @(foreach ($path in $with.paths) { (Get-Acl -LiteralPath $path).Sddl }) }
  }
  services = { Rows 'Win32_Service' @('Name', 'DisplayName', 'State', 'StartMode') }
  counters = { param($with) Rows $with.class $with.properties }
  eventlog = {
    param($with)
    $spaceName = 'System.Diagnostics.Eventing.Reader.'
    $byName = [System.Diagnostics.Eventing.Reader.PathType]::LogName
    $last = New-Object ($spaceName + 'EventLogQuery') $with.log, $byName
    $last.ReverseDirection = $true
    $reader = New-Object ($spaceName + 'EventLogReader') $last
    try { $record = $reader.ReadEvent() } finally { $reader.Dispose() }
    $newest = 0
    if ($record) { $newest = $record.RecordId }
    $events = @()
    if ($with.max -gt 0) {
      $query = New-Object ($spaceName + 'EventLogQuery') $with.log, $byName, $with.query
      $reader = New-Object ($spaceName + 'EventLogReader') $query
      try {
        while ($events.Count -lt $with.max) {
          $record = $reader.ReadEvent()
          if (-not $record) { break }
          $message = Try-Read { $record.FormatDescription() }
          if ($message -and $message.Length -gt 16384) { $message = $message.Substring(0, 16384) }
          $data = @{}
          $xml = Try-Read { $record.ToXml() }
          if ($xml -and $xml.Length -le 65536) {
            $at = 0
            foreach ($node in @(([xml]$xml).Event.EventData.Data)) {
              if ($null -eq $node -or $data.Count -ge 64) { continue }
              $at += 1
              $name = 'Data_' + $at
              $text = [string]$node
              if ($node -is [System.Xml.XmlElement]) { $text = $node.InnerText; if ($node.GetAttribute('Name')) { $name = 'Data_' + $node.GetAttribute('Name') } }
              $data[$name] = $text
            }
          }
          $time = $null
          if ($record.TimeCreated) { $time = $record.TimeCreated.ToUniversalTime().ToString('o') }
          $user = $null
          if ($record.UserId) { $user = $record.UserId.Value }
          $events += @{ id = $record.RecordId; eventId = $record.Id; source = $record.ProviderName; level = $record.Level
            levelText = (Try-Read { $record.LevelDisplayName }); task = $record.Task; taskText = (Try-Read { $record.TaskDisplayName })
            opcode = $record.Opcode; opcodeText = (Try-Read { $record.OpcodeDisplayName })
            keywords = (Try-Read { @($record.KeywordsDisplayNames) -join ',' }); channel = $record.LogName; computer = $record.MachineName
            version = $record.Version; process = $record.ProcessId; thread = $record.ThreadId; user = $user; time = $time
            message = $message; data = $data }
        }
      } finally { $reader.Dispose() }
    }
    @{ newest = $newest; events = $events }
  }
}
Send @{ ready = 1 }
while ($null -ne ($line = $stdin.ReadLine())) {
  $id = $null
  try {
    $request = ConvertFrom-Json -InputObject $line
    $id = $request.id
    if (-not $parts.ContainsKey($request.part)) { throw ('There is no part ' + $request.part) }
    $answer = @{ id = $id; value = @(& $parts[$request.part] $request.with) }
  } catch {
    $answer = @{ id = $id; error = ([string]$_.Exception.Message) }
  }
  $answer.memory = (Get-Process -Id $PID).WorkingSet64
  Send $answer
}
`;

/** Arguments of powershell.exe. Not a file: the policy for scripts that are not signed does not apply. */
export function readerArguments(): readonly string[] {
  const encoded = Buffer.from(READER_SCRIPT.replace(/^ +/gm, '').trim(), 'utf16le').toString('base64');
  return ['-NoLogo', '-NoProfile', '-NonInteractive', '-EncodedCommand', encoded];
}
