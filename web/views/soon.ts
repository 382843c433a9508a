/** Loaded right after the first charts, as one file: many small ones would compress worse than they load later. */
export { Banner } from '../shell/banner.tsx';
export { startGestures } from '../chart/gestures.ts';
export { SelectionBar } from '../chart/selection-bar.tsx';
export { MoreIcons } from '../parts/more-icons.tsx';
export { Tabs } from '../shell/tabs.tsx';
export { Toast } from '../parts/toast.tsx';
export { HostLine } from './overview/host-line.tsx';
export { Ended } from './overview/ended.tsx';
export { Busy } from './overview/busy.tsx';
export { PhoneOverview } from './overview/phone.tsx';
export { Side } from './overview/side.tsx';
export { acknowledge } from './overview/acknowledge.ts';
