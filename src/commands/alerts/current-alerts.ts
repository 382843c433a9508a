import type { FillingWindow, ListedAlert } from '../../alerts/control.ts';
import type { ControlClient } from '../../server/client.ts';

/** Alerts that are not ok, and windows that fill. */
export async function currentAlerts(client: ControlClient) {
  return (await client.get('/api/v1/alerts')) as {
    readonly alerts: readonly ListedAlert[];
    readonly windows: readonly FillingWindow[];
  };
}
