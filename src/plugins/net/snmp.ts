/**
 * Counters of IP, ICMP, TCP and UDP from /proc/net/snmp, as `<protocol>_<counter>` in lower case. The file has pairs of
 * lines, `Tcp: RtoMin …` above `Tcp: 200 …`. Names without a number below are skipped.
 */
export function parseSnmp(text: string): ReadonlyMap<string, bigint> {
  const counters = new Map<string, bigint>();
  const lines = text.split('\n');
  for (let index = 0; index + 1 < lines.length; index += 1) {
    const [protocol = '', ...names] = (lines[index] ?? '').trim().split(/\s+/);
    const [below, ...values] = (lines[index + 1] ?? '').trim().split(/\s+/);
    if (!/^\w+:$/.test(protocol) || below !== protocol) continue;
    names.forEach((name, column) => {
      const value = values[column] ?? '';
      if (!/^-?\d{1,20}$/.test(value)) return;
      counters.set(`${protocol.slice(0, -1)}_${name}`.toLowerCase(), BigInt(value));
    });
    index += 1;
  }
  return counters;
}
