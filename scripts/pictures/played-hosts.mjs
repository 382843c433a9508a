/** Prints what hosts might report that are not there: run by the input exec. */

/** Shares of a hundred, bytes per second, days; a swing lasts some tens of seconds. */
const HOSTS = {
  web2: { cpu: 38, swing: 22, mem: 57, disk: 71, cpus: 4, up: 12.3, traffic: 4e6, disks: 1.5e6, phase: 0 },
  web3: { cpu: 31, swing: 18, mem: 52, disk: 64, cpus: 4, up: 12.3, traffic: 3.2e6, disks: 1.2e6, phase: 1.1 },
  db1: { cpu: 66, swing: 30, mem: 83, disk: 88, cpus: 8, up: 97.6, traffic: 1.5e6, disks: 6e6, phase: 2 },
  db2: { cpu: 24, swing: 8, mem: 74, disk: 86, cpus: 8, up: 97.5, traffic: 0.9e6, disks: 4e6, phase: 3.3 },
  cache1: { cpu: 12, swing: 6, mem: 91, disk: 23, cpus: 2, up: 201.2, traffic: 5.5e6, disks: 0.2e6, phase: 4.2 },
};
const seconds = Date.now() / 1000;

/** Differs from second to second, but not from run to run. */
function noise(seed) {
  return Math.abs(Math.sin(Math.floor(seconds) * seed) * 43_758.5) % 1;
}

for (const [host, { cpu, swing, mem, disk, cpus, up, traffic, disks, phase }] of Object.entries(HOSTS)) {
  const wave = (length) => Math.sin((2 * Math.PI * seconds) / length + phase);
  /** A counter whose growth swings. */
  const counted = (rate, length) =>
    Math.round(rate * (seconds % 1e6) - ((rate * 0.5 * length) / (2 * Math.PI)) * wave(length));
  const busy = Math.min(cpu + swing * (0.7 * wave(67) + 0.2 * wave(19)) + 6 * (noise(12.9 + phase) - 0.5), 99);
  console.log(
    [
      `cpu,host=${host},cpu=cpu-total usage_idle=${(100 - busy).toFixed(2)}`,
      `mem,host=${host} used_percent=${(mem + 2 * wave(90) + noise(4.1 + phase)).toFixed(2)}`,
      `disk,host=${host},path=/,device=vda1,fstype=ext4,mode=rw used_percent=${(disk + 0.2 * wave(200)).toFixed(2)}`,
      `system,host=${host} load1=${((busy / 90) * cpus).toFixed(2)},n_cpus=${cpus}i,uptime=${Math.round(up * 86_400)}i`,
      `net,host=${host},interface=eth0 bytes_recv=${counted(traffic, 41)}i,bytes_sent=${counted(traffic / 3, 53)}i`,
      `diskio,host=${host},name=vda read_bytes=${counted(disks / 4, 37)}i,write_bytes=${counted(disks, 71)}i`,
    ].join('\n'),
  );
}
