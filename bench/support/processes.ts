export { ProcessCapture } from '../../src/host/processes/capture.ts';
export { encodeFrames } from '../../src/history/processes/frame-block.ts';
