/** The peer: the same six inputs at 1 s through systeminformation, written by the InfluxDB client's own Point. */
import { gzipSync } from 'node:zlib';

import { Point } from '@influxdata/influxdb-client';
import si from 'systeminformation';

const url = `${process.argv[2]}/write`;
let lines = [];

setInterval(async () => {
  const [load, mem, disks, diskio, nets] = await Promise.all([
    si.currentLoad(),
    si.mem(),
    si.fsSize(),
    si.disksIO(),
    si.networkStats('*'),
  ]);
  add('cpu', { cpu: 'cpu-total' }, { usage_user: load.currentLoadUser, usage_system: load.currentLoadSystem });
  add('system', {}, { load1: load.avgLoad });
  add('mem', {}, { total: mem.total, free: mem.free, available: mem.available });
  for (const disk of disks) add('disk', { path: disk.mount }, { total: disk.size, used: disk.used });
  if (diskio !== null) add('diskio', {}, { reads: diskio.rIO, writes: diskio.wIO });
  for (const net of nets) add('net', { interface: net.iface }, { bytes_recv: net.rx_bytes, bytes_sent: net.tx_bytes });
}, 1000);

setInterval(() => {
  const body = gzipSync(lines.join('\n'));
  lines = [];
  fetch(url, { method: 'POST', body, headers: { 'content-encoding': 'gzip' } }).catch((error) => console.error(error));
}, 10_000);

function add(name, tags, fields) {
  const point = new Point(name);
  for (const [key, value] of Object.entries(tags)) point.tag(key, value);
  for (const [key, value] of Object.entries(fields)) point.floatField(key, value);
  lines.push(point.toLineProtocol());
}
