/** What a hub knows of its hosts, for the input `fleet`. */
export interface FleetEvents {
  snapshot(): readonly FleetMetric[];
  /** Calls back when a host has come, gone or changed its state. @returns ends it */
  onChange(listener: () => void): () => void;
}

export interface FleetMetric {
  readonly name: 'fleet_host' | 'fleet_site';
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number>>;
}
