/** Sensor → degrees Celsius, from systeminformation: CPU and chipset, often nothing. */
export async function readPortable(): Promise<ReadonlyMap<string, number>> {
  const { default: si } = await import('systeminformation');
  const { main, cores, chipset } = await si.cpuTemperature();
  const readings: readonly (readonly [string, number | null | undefined])[] = [
    ['cpu', main],
    ...cores.map((value, index) => [`cpu_core_${index}`, value] as const),
    ['chipset', chipset],
  ];
  // null or −1 if it could not read the sensor.
  return new Map(
    readings.flatMap(([sensor, value]) => (typeof value === 'number' && value > 0 ? [[sensor, value]] : [])),
  );
}
