/** All that is loaded when it is first opened, as one file. A new view is a line here and one in `index.ts`. */
export { Help } from '../shell/help.tsx';
export { Search } from '../shell/search.tsx';
export { SignIn } from '../shell/sign-in.tsx';
export { Time } from './time/time.tsx';
