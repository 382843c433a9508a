/**
 * Strict stand-ins for programs of Windows that Wine has only in part: each takes the arguments that healthd may give it, and nothing else.
 * C:\t\service.json is the service. usage: fake-system.mjs PROGRAM ARGUMENTS…
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const SERVICE = 'C:\\t\\service.json';
const [program, ...args] = process.argv.slice(2);
const line = args.join(' ');
const installed = () => (existsSync(SERVICE) ? JSON.parse(readFileSync(SERVICE, 'utf8')) : undefined);
const keep = (service) => writeFileSync(SERVICE, JSON.stringify(service));

function fail(text, code = 1) {
  console.log(text);
  process.exit(code);
}

function takes(...patterns) {
  if (!patterns.some((pattern) => pattern.test(line))) fail(`${program} does not take: ${line}`, 87);
}

const needed = () =>
  installed() ?? fail('[SC] OpenService FAILED 1060:\n\nDer angegebene Dienst ist kein installierter Dienst.', 1060);

const FAKES = {
  'sc.exe'() {
    const [verb, name] = args;
    if (name !== 'healthd') fail(`The service ${name}`, 1060);
    if (verb === 'create' || verb === 'config') {
      takes(
        /^\w+ healthd binPath= "C:\\.*\\healthd-service\.exe" start= delayed-auto obj= NT SERVICE\\healthd DisplayName= healthd$/,
      );
      if ((verb === 'create') === (installed() !== undefined)) fail(`[SC] ${verb} FAILED 1073`, 1073);
      const path = args[3].replaceAll('"', '');
      if (!existsSync(path)) fail(`${path} is not there`, 2);
      return keep({ path, state: installed()?.state ?? '1  STOPPED' });
    }
    const service = needed();
    if (verb === 'query') return console.log(`SERVICE_NAME: healthd\n        STATE              : ${service.state}\n`);
    if (verb === 'qc') return console.log(`        BINARY_PATH_NAME   : "${service.path}"`);
    takes(/^delete healthd$/, /^description healthd \S/, /^failure healthd reset= \d+ actions= (?:\/?restart\/\d+)+$/);
    if (verb === 'delete' && service.state !== '1  STOPPED') fail('The service runs', 1072);
    if (verb === 'delete') rmSync(SERVICE);
  },
  'net.exe'() {
    takes(/^(?:start|stop) healthd$/);
    const service = needed();
    const next = args[0] === 'start' ? '4  RUNNING' : '1  STOPPED';
    if (service.state === next) fail('It is in that state', 2);
    keep({ ...service, state: next });
  },
  'reg.exe'() {
    takes(
      /^(?:add|delete) HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\healthd (?:\/v \w+ \/t REG_\w+ \/d \S+ )?\/f$/,
    );
  },
  'icacls.exe'() {
    takes(/^\S.* (?:\/inheritance:r )?\/grant:r(?: \*S-1-[\d-]+:(?:\(OI\)\(CI\))?(?:F|M|RX|R))+$/);
    if (!existsSync(args[0])) fail(`${args[0]}: not found`, 2);
  },
  'csc.exe'() {
    takes(
      /^\/nologo \/target:exe \/platform:anycpu \/optimize\+ \/langversion:5 \/reference:System\.ServiceProcess\.dll \/out:\S.*\.exe C:\\.*\.cs$/,
    );
    if (!readFileSync(args.at(-1), 'utf8').includes('class HealthdService : ServiceBase')) fail('error CS0001', 1);
    writeFileSync(args.find((one) => one.startsWith('/out:')).slice(5), 'MZ');
  },
  'schtasks.exe'() {
    takes(/^\/query \/tn healthd \/xml$/);
    fail('FEHLER: Das System kann die angegebene Datei nicht finden.', 1);
  },
};

(FAKES[program] ?? (() => fail(`There is no ${program}`, 9009)))();
