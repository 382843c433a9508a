/** Checks Flux with InfluxDB's own compiler: syntax, functions, parameters and types. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Node has it, but not its types. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<unknown>;
  instantiate(module: unknown, imports: object): Promise<{ readonly exports: unknown }>;
};

interface FluxCompiler {
  /** Errors; empty for valid Flux. */
  problems(script: string): readonly string[];
}

interface Glue {
  use(exports: unknown): void;
  is_valid_flux(script: string): boolean;
  parse(script: string): unknown;
}

const WASM_IMPORT = /^import \* as wasm from .*$/m;

let loaded: Promise<FluxCompiler> | undefined;

/** Loaded once: the module owns the compiler's memory. */
export function loadFlux(): Promise<FluxCompiler> {
  return (loaded ??= load());
}

/** The package expects a bundler that imports WebAssembly; here we pass it in. */
async function load(): Promise<FluxCompiler> {
  const folder = dirname(createRequire(import.meta.url).resolve('@influxdata/flux-lsp-browser/package.json'));
  const source = readFileSync(join(folder, 'flux-lsp-browser_bg.js'), 'utf8').replace(
    WASM_IMPORT,
    'let wasm = { memory: { buffer: new ArrayBuffer(0) } };\nexport function use(exports) { wasm = exports; }',
  );
  const glue = (await import(`data:text/javascript;base64,${Buffer.from(source).toString('base64')}`)) as Glue;
  const wasm = await WebAssembly.compile(readFileSync(join(folder, 'flux-lsp-browser_bg.wasm')));
  glue.use((await WebAssembly.instantiate(wasm, { './flux-lsp-browser_bg.js': glue })).exports);
  return {
    problems(script) {
      const errors = JSON.stringify(glue.parse(script)).matchAll(/"errors":\[\{"msg":("(?:[^"\\]|\\.)*")/g);
      const syntax = Array.from(errors, ([, message = '""']) => JSON.parse(message) as string);
      if (syntax.length > 0) return syntax;
      return glue.is_valid_flux(script) ? [] : ['an unknown function, parameter or type'];
    },
  };
}
