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

/** Of the names of such folders. */
const KEY = /^(\d+)\.(\d+)\.(\d+)(?:-[\w.-]+)?-[0-9a-f]{16}$/;
const UNIT = '/etc/systemd/system/healthd.service';
const REMOVAL_MS = 30_000;
const ATTEMPTS = 5;

try {
  const folder = programFolder();
  removeEarlier(join(folder, '..'));
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
    for (let n = 0; !isHeld(base, folder); n++) {
      if (n === ATTEMPTS) throw new Error(`others remove or damage ${folder} as soon as it is made`);
      unpack(base, folder);
    }
    refuseForeign(folder);
  } catch (error) {
    if (error.isRefusal) throw error;
    throw new Error(`cannot put the program into ${base}: ${error.message}${elsewhere()}`, { cause: error });
  }
  return folder;
}

/**
 * Whether the folder is complete, and stays. A process that removes it first writes a mark, and then looks for processes that
 * have it open or run from it; here it is opened first, and then marks are looked for. So one of the two sees the other. From
 * `execve` on, the executable of this process is in the folder.
 */
function isHeld(base, folder) {
  if (!isComplete(folder)) return false;
  let held;
  try {
    held = fs.openSync(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
  awaitRemovals(base);
  const now = fs.statSync(folder, { throwIfNoEntry: false });
  if (now?.ino === fs.fstatSync(held).ino && isComplete(folder)) return true;
  fs.closeSync(held);
  return false;
}

/** A removal is quick, but its process may be stopped. */
function awaitRemovals(base) {
  const until = Date.now() + REMOVAL_MS;
  const remover = () =>
    fs
      .readdirSync(base)
      .filter((name) => name.startsWith('.removing-') && name.endsWith(`-${key}`))
      .map((name) => /\d+/.exec(name)[0])
      .find((pid) => pid !== String(process.pid) && fs.existsSync(`/proc/${pid}`));
  for (let pid = remover(); pid !== undefined; pid = remover()) {
    if (Date.now() > until) throw new Error(`process ${pid} removes it, and does not end`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
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

/** Of processes that were killed while they unpacked or removed. */
function removeLeftOver(base) {
  for (const name of fs.readdirSync(base)) {
    const pid = /^\.(?:new|removing)-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !fs.existsSync(`/proc/${pid}`))
      fs.rmSync(join(base, name), { recursive: true, force: true });
  }
}

/** Folders of versions that are not newer, and that nothing runs from. That it fails is no reason not to start. */
function removeEarlier(base) {
  // In a folder of root, other users run what they find.
  if (fs.statSync(base).uid !== process.getuid()) return;
  const earlier = fs.readdirSync(base).filter((name) => name !== key && KEY.test(name) && !isNewer(name));
  for (const name of earlier) {
    try {
      removeUnused(base, name);
    } catch (error) {
      process.stderr.write(`healthd: cannot remove the earlier version in ${join(base, name)}: ${error.message}\n`);
    }
  }
}

function isNewer(name) {
  const [other, own] = [name, key].map((text) => KEY.exec(text).slice(1, 4).map(Number));
  const n = other.findIndex((part, at) => part !== own[at]);
  return n !== -1 && other[n] > own[n];
}

function removeUnused(base, name) {
  const folder = join(base, name);
  const status = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (!status?.isDirectory() || status.uid !== process.getuid() || isUsed(name)) return;
  const mark = join(base, `.removing-${process.pid}-${name}`);
  const away = fs.mkdtempSync(join(base, `.new-${process.pid}-`));
  try {
    fs.writeFileSync(mark, '');
    // Again, since there may be one that began before it could see the mark.
    if (!isUsed(name)) fs.renameSync(folder, away);
  } catch (error) {
    // Another process has removed it.
    if (error.code !== 'ENOENT') throw error;
  } finally {
    fs.rmSync(mark, { force: true });
    fs.rmSync(away, { recursive: true, force: true });
  }
}

/** Whether a process has the folder open or runs from it, or the service does at its next start. */
function isUsed(name) {
  const isInside = (path) => path.split('/').includes(name);
  const unit = fs.existsSync(UNIT) ? fs.readFileSync(UNIT, 'utf8') : '';
  // Without a view of processes, nothing is known to be unused.
  if (unit.includes(`/${name}/`) || linkOf('/proc/self/exe') === '') return true;
  return fs
    .readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .some((pid) => openPaths(pid).some(isInside));
}

/**
 * Open files before the executable: a process that becomes the program has the one until it has the other. Arguments name the
 * program as well, and can be read where the kernel hides the rest, such as of a program with capabilities.
 */
function openPaths(pid) {
  const files = readOr([], () => fs.readdirSync(`/proc/${pid}/fd`));
  const open = files.map((file) => linkOf(`/proc/${pid}/fd/${file}`));
  const program = linkOf(`/proc/${pid}/exe`);
  return [...open, program, ...readOr('', () => fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')).split('\0')];
}

function linkOf(path) {
  return readOr('', () => fs.readlinkSync(path));
}

/** For what has ended, and what is another user's. */
function readOr(otherwise, read) {
  try {
    return read();
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(error.code)) return otherwise;
    throw error;
  }
}
