/** All that is loaded when it is first opened, as one file. A new view is a line here and an entry in `url/views.ts`. */
export { ChartTable } from '../chart/table.tsx';
export { Help } from '../shell/help.tsx';
export { Nowhere } from '../shell/nowhere.tsx';
export { Search } from '../shell/search.tsx';
export { SignIn } from '../shell/sign-in.tsx';
export { Time } from './time/time.tsx';
export { Processes } from './processes/processes.tsx';
export { Containers } from './containers/containers.tsx';
export { Alerts } from './alerts/alerts.tsx';
export { Explore } from './explore/explore.tsx';
export { Agent } from './agent/agent.tsx';
export { Elsewhere } from './elsewhere/elsewhere.tsx';
export { Fleet } from './fleet/fleet.tsx';
export { Inventory } from './inventory/inventory.tsx';
