/**
 * A strict stand-in for the program of the Windows reader: it speaks the protocol, checks each request, and answers what a server
 * answered. READER_FAULT makes it fail: never, late, wrong, language, id, exit, garbage, long.
 */
import { createInterface } from 'node:readline';

const FAULT = process.env.READER_FAULT ?? '';

const counters = (name, more) => ({ Name: name, ...more });
const disk = {
  ...{ DiskReadsPersec: 1000, DiskWritesPersec: 2000, DiskReadBytesPersec: 4096000, DiskWriteBytesPersec: 8192000 },
  ...{ PercentDiskReadTime: 50000000, PercentDiskWriteTime: 70000000, PercentDiskTime: 120000000 },
  ...{ PercentIdleTime: 900000000, CurrentDiskQueueLength: 1, Timestamp_Sys100NS: 134000000000000000 },
};
const card = (name, more) => ({
  ...{
    name,
    up: true,
    type: 6,
    speed: 1000000000,
    bytes_recv: 5555,
    bytes_sent: 7777,
    packets_recv: 50,
    packets_sent: 70,
  },
  ...{ err_in: 0, err_out: 0, drop_in: 1, drop_out: 0, ...more },
});
const events = Array.from({ length: 12 }, (_, index) => ({
  ...{
    id: index + 101,
    eventId: 7036,
    source: 'Service Control Manager',
    level: index % 2 ? 4 : 2,
    levelText: 'Informationen',
  },
  ...{
    task: 0,
    taskText: null,
    opcode: 0,
    opcodeText: null,
    keywords: 'Klassisch',
    channel: 'System',
    computer: 'WIN1',
    version: 0,
  },
  ...{ process: 700, thread: 800, user: null, time: `2026-01-02T03:04:${String(index).padStart(2, '0')}.1234567Z` },
  ...{ message: `Dienst ${index} läuft.\r\nZweite Zeile`, data: { Data_param1: 'Spooler' } },
}));

const PARTS = {
  net: () => [
    card('Ethernet 2'),
    card('vEthernet (Default Switch)', { bytes_recv: 0, bytes_sent: 2222, speed: -1 }),
    card('Loopback Pseudo-Interface 1', { type: 24 }),
    card('WLAN', { up: false }),
  ],
  netstat: () => [{ tcp: { 5: 7, 11: 3, 8: 1 }, listen: 20, udp: 9 }],
  diskio: () => [counters('C:', disk), counters('HarddiskVolume1', disk), counters('_Total', disk)],
  memory: () => [{ CommitLimit: 20e9, CommittedBytes: 8e9, PagesInputPersec: 1000, PagesOutputPersec: 500 }],
  pagefiles: () => [{ AllocatedBaseSize: 4864, CurrentUsage: 120 }],
  system: () => [{ ProcessorQueueLength: 2, Processes: 150, Threads: 2100 }],
  cores: () => [{ NumberOfCores: 4 }, { NumberOfCores: 4 }],
  drives: () => [
    { DeviceID: 'C:', DriveType: 3, FileSystem: 'NTFS', VolumeName: 'System', Access: 0 },
    { DeviceID: 'D:', DriveType: 5, FileSystem: null, VolumeName: null, Access: null },
  ],
  access: ({ paths }) => [
    {
      elevated: true,
      sddl: paths.map(
        (path) => `O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)${/foreign/.test(path) ? '(A;;0x1301bf;;;BU)' : ''}`,
      ),
    },
  ],
  services: () => [
    { Name: 'Spooler', DisplayName: 'Druckwarteschlange', State: 'Running', StartMode: 'Auto' },
    { Name: 'RemoteRegistry', DisplayName: 'Remoteregistrierung', State: 'Stopped', StartMode: 'Disabled' },
  ],
  counters: ({ class: name, properties }) =>
    /^Win32_Perf(?:Raw|Formatted)Data_\w+$/.test(name)
      ? ['_Total', '0', '1'].map((instance) =>
          Object.fromEntries(properties.map((one) => [one, one === 'Name' ? instance : 42])),
        )
      : fail(`Invalid class ${name}`),
  eventlog({ query, max }) {
    const [, after] =
      /^\*\[System\[EventRecordID > (\d+)\](?: and \(.+\))?\]$/s.exec(query) ?? fail(`The query is invalid: ${query}`);
    return [{ newest: events.at(-1).id, events: events.filter(({ id }) => id > Number(after)).slice(0, max) }];
  },
};

function fail(message) {
  throw new Error(message);
}

function answer(line) {
  const request = JSON.parse(line);
  if (Object.keys(request).join() !== 'id,part,with') fail(`The request has the keys ${Object.keys(request).join()}`);
  if (!Object.hasOwn(PARTS, request.part)) fail(`There is no part ${request.part}`);
  return { id: request.id, value: PARTS[request.part](request.with), memory: 60e6 };
}

const say = (text) => process.stdout.write(`${text}\n`);

if (FAULT === 'language') {
  process.stderr.write('Die Ausführung von Skripts ist auf diesem System deaktiviert.\r\n');
  process.exitCode = 1;
} else if (FAULT === 'never') {
  setInterval(() => undefined, 1000);
} else {
  say(FAULT === 'garbage' ? 'Windows PowerShell\r' : '{"ready":1}\r');
  createInterface({ input: process.stdin }).on('line', (line) => {
    if (FAULT === 'late') return;
    if (FAULT === 'exit') process.exit(7);
    if (FAULT === 'wrong') return say('{"id":1,"value":0}');
    if (FAULT === 'id') return say('{"id":77,"value":[]}');
    if (FAULT === 'long') return say('x'.repeat(17 * 1024 * 1024));
    let said;
    try {
      said = answer(line);
    } catch (error) {
      said = { id: JSON.parse(line).id, error: error.message };
    }
    say(JSON.stringify(said));
  });
}
