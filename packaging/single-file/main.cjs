/**
 * The start of the single file: puts the program, which is inside, into a folder of its version, and becomes it. There it is
 * real files and a real Node, so that `import()`, worker threads and child processes work as everywhere.
 */
'use strict';
/* eslint-disable @typescript-eslint/no-require-imports -- Node takes nothing but CommonJS here. */
const fs = require('node:fs');
const { join, resolve } = require('node:path');
const { getAsset, getRawAsset } = require('node:sea');
const { gunzipSync } = require('node:zlib');

/** Node's mark of an executable with a program inside; in two parts, because this text is part of it as well. */
const FUSE = ['NODE_SEA_FUSE_', 'fce680ab2cc467b6e072b8b5df1996b2:1'].join('');
const WRITABLE_BY_OTHERS = 0o022;
const NODE = 'bin/node';

/** key: version and checksum; files: [path, bytes, mode], in the order of their content. */
const { key, files } = JSON.parse(getAsset('index.json', 'utf8'));

try {
  const folder = programFolder();
  become(join(folder, NODE), join(folder, 'dist/cli.js'));
} catch (error) {
  process.stderr.write(`healthd: ${error.message}\n`);
  process.exitCode = 2;
}

function become(node, script) {
  // execve is new in Node; its warning is of no use to the reader.
  process.removeAllListeners('warning');
  try {
    process.execve(node, [node, script, ...process.argv.slice(2)], process.env);
  } catch (error) {
    throw new Error(`cannot run ${node}: ${error.message}${elsewhere()}`, { cause: error });
  }
}

function programFolder() {
  const base = baseFolder();
  const folder = join(base, key);
  try {
    // For others to read, because a service runs as a user of its own. What others can write is refused.
    fs.mkdirSync(base, { recursive: true, mode: 0o755 });
    refuseForeign(base);
    if (!isComplete(folder)) unpack(base, folder);
    refuseForeign(folder);
  } catch (error) {
    if (error.isRefusal) throw error;
    throw new Error(`cannot put the program into ${base}: ${error.message}${elsewhere()}`, { cause: error });
  }
  return folder;
}

function elsewhere() {
  return '; set HEALTHD_UNPACK_DIR to a folder with 200 MB of space, of which programs may be run';
}

function baseFolder() {
  const { HEALTHD_UNPACK_DIR, CACHE_DIRECTORY, XDG_CACHE_HOME, HOME } = process.env;
  if (HEALTHD_UNPACK_DIR) return resolve(HEALTHD_UNPACK_DIR);
  if (CACHE_DIRECTORY) return resolve(CACHE_DIRECTORY.split(':')[0]);
  if (process.getuid() === 0) return '/usr/local/lib/healthd';
  if (XDG_CACHE_HOME?.startsWith('/')) return join(XDG_CACHE_HOME, 'healthd');
  if (HOME?.startsWith('/')) return join(HOME, '.cache/healthd');
  throw new Error(`there is no home directory for the program${elsewhere()}`);
}

/** Who can write there could make this user run anything. */
function refuseForeign(folder) {
  const status = fs.lstatSync(folder);
  const isOwn = status.uid === process.getuid() || status.uid === 0;
  if (status.isDirectory() && isOwn && (status.mode & WRITABLE_BY_OTHERS) === 0) return;
  const reason = status.isDirectory() ? 'another user owns it or can write to it' : 'it is not a folder';
  throw Object.assign(new Error(`${folder} is not used, because ${reason}; remove it or set HEALTHD_UNPACK_DIR`), {
    isRefusal: true,
  });
}

/** After a crash of the machine a file may be empty. */
function isComplete(folder) {
  const size = (path) => fs.statSync(join(folder, path), { throwIfNoEntry: false })?.size;
  return files.every(([path, bytes]) => size(path) === bytes) && size(NODE) === fs.statSync(process.execPath).size;
}

function unpack(base, folder) {
  removeLeftOver(base);
  const fresh = fs.mkdtempSync(join(base, `.new-${process.pid}-`));
  try {
    fs.chmodSync(fresh, 0o755);
    writeFiles(fresh);
    writeNode(join(fresh, NODE));
    moveTo(folder, fresh);
  } finally {
    fs.rmSync(fresh, { recursive: true, force: true });
  }
}

function writeFiles(folder) {
  const content = gunzipSync(new Uint8Array(getRawAsset('files.gz')));
  let at = 0;
  for (const [path, bytes, mode] of files) {
    const file = join(folder, path);
    fs.mkdirSync(join(file, '..'), { recursive: true, mode: 0o755 });
    write(file, content.subarray(at, at + bytes), mode);
    at += bytes;
  }
}

/** This executable, with the mark taken back: an ordinary Node. */
function writeNode(file) {
  const content = fs.readFileSync(process.execPath);
  for (let at = content.indexOf(FUSE); at !== -1; at = content.indexOf(FUSE, at)) {
    content.write('0', at + FUSE.length - 1);
  }
  fs.mkdirSync(join(file, '..'), { recursive: true, mode: 0o755 });
  write(file, content, 0o755);
}

/** The mode does not depend on the umask. */
function write(file, content, mode) {
  fs.writeFileSync(file, content, { flag: 'wx' });
  fs.chmodSync(file, mode);
}

/** Another process may have done the same meanwhile; a damaged folder is replaced. */
function moveTo(folder, fresh) {
  try {
    fs.renameSync(fresh, folder);
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    refuseForeign(folder);
    if (isComplete(folder)) return;
    const damaged = fs.mkdtempSync(join(folder, `../.new-${process.pid}-`));
    fs.renameSync(folder, damaged);
    fs.renameSync(fresh, folder);
    fs.rmSync(damaged, { recursive: true });
  }
}

/** Of processes that were killed while they unpacked. */
function removeLeftOver(base) {
  for (const name of fs.readdirSync(base)) {
    const pid = /^\.new-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !fs.existsSync(`/proc/${pid}`))
      fs.rmSync(join(base, name), { recursive: true, force: true });
  }
}
