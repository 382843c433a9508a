/** Prints what a host might report that is not there: run by the input exec, as `node played-host.mjs NAME`. */

/** Shares of a hundred, sizes in GB; a swing lasts some tens of seconds. */
const HOSTS = {
  web2: { cpu: 38, swing: 22, mem: 57, disk: 71, cpus: 4, up: 12.3, traffic: 4e6, disks: 1.5e6 },
  db1: { cpu: 66, swing: 30, mem: 83, disk: 88, cpus: 8, up: 97.6, traffic: 1.5e6, disks: 9e6 },
};

const { cpu, swing, mem, disk, cpus, up, traffic, disks } = HOSTS[process.argv[2]];
const seconds = Date.now() / 1000;
const wave = (length, phase = 0) => Math.sin((2 * Math.PI * seconds) / length + phase);
/** Differs from second to second, but not from run to run. */
const noise = (of) => Math.abs(Math.sin(Math.floor(seconds) * of) * 43_758.5) % 1;

const busy = Math.min(cpu + swing * (0.7 * wave(67) + 0.2 * wave(19, 1)) + 8 * (noise(12.9) - 0.5), 99);
/** A counter whose growth swings. */
const counted = (rate, length) =>
  Math.round(rate * (seconds % 1e6) - ((rate * 0.8 * length) / (2 * Math.PI)) * wave(length, 2));

console.log(
  [
    `cpu,cpu=cpu-total usage_idle=${(100 - busy).toFixed(2)}`,
    `mem used_percent=${(mem + 2 * wave(90) + noise(4.1)).toFixed(2)}`,
    `disk,path=/,device=vda1,fstype=ext4,mode=rw used_percent=${(disk + 0.2 * wave(200)).toFixed(2)}`,
    `system load1=${((busy / 90) * cpus).toFixed(2)},n_cpus=${cpus}i,uptime=${Math.round(up * 86_400)}i`,
    `net,interface=eth0 bytes_recv=${counted(traffic, 41)}i,bytes_sent=${counted(traffic / 3, 53)}i`,
    `diskio,name=vda read_bytes=${counted(disks / 4, 37)}i,write_bytes=${counted(disks, 71)}i`,
  ].join('\n'),
);
