'use strict';
// Plain CommonJS without dependencies: it also runs before anything is installed, on the machine's own Node.
const fs = require('node:fs');
const path = require('node:path');

const POLL_MS = 200;
// A lock file is created empty and filled at once; one that stays unreadable this long belongs to a crashed writer.
const UNREADABLE_GRACE_MS = 2000;

/**
 * State letter and start time (clock ticks since boot) of a process; null where the system does not tell.
 * The start time tells a process apart from a later one that was given the same pid.
 */
function processStat(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], startTicks: fields[19] };
  } catch {
    return null;
  }
}

/** Names this or another living process so that `isRunning` recognises it later: `{pid, startTicks}`. */
function processIdentity(pid = process.pid) {
  return { pid, startTicks: processStat(pid)?.startTicks ?? '' };
}

/** Whether the process named by `processIdentity` still runs; a zombie does not, nor does a reused pid. */
function isRunning({ pid, startTicks = '' }) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  const stat = processStat(pid);
  if (!stat) return !fs.existsSync('/proc/self/stat');
  return stat.state !== 'Z' && stat.state !== 'X' && (startTicks === '' || stat.startTicks === startTicks);
}

function readHolder(file) {
  try {
    const text = fs.readFileSync(file, 'utf8');
    const { pid, startTicks } = JSON.parse(text);
    return { text, identity: { pid, startTicks } };
  } catch {
    return null;
  }
}

function tryCreate(file, text) {
  try {
    fs.writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function isYoung(file) {
  try {
    return Date.now() - fs.statSync(file).mtimeMs < UNREADABLE_GRACE_MS;
  } catch {
    return false;
  }
}

/** Moves a stale lock away; puts it back when another process replaced it by a live one in between. */
function removeStale(file, seen) {
  const aside = `${file}.${process.pid}.stale`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  const taken = readHolder(aside);
  if (taken && taken.text !== seen?.text) tryCreate(file, taken.text);
  fs.rmSync(aside, { force: true });
}

/**
 * Takes the lock file, which names its holder. While a living process holds it: waits (`onWait` is told once),
 * or with `wait: false` answers `{holder}`. Otherwise answers `{release}`; an exit of this process releases too.
 */
async function acquireLock(file, { wait = true, onWait } = {}) {
  const text = JSON.stringify({ ...processIdentity(), nonce: Math.random().toString(36).slice(2) });
  fs.mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  while (!tryCreate(file, text)) {
    const seen = readHolder(file);
    if (seen ? isRunning(seen.identity) : isYoung(file)) {
      if (!wait && seen) return { holder: seen.identity };
      if (!told && seen) onWait?.(seen.identity);
      told ||= Boolean(seen);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    } else {
      removeStale(file, seen);
    }
  }
  const release = () => {
    process.off('exit', release);
    if (readHolder(file)?.text === text) fs.rmSync(file, { force: true });
  };
  process.once('exit', release);
  return { release };
}

module.exports = { acquireLock, isRunning, processIdentity };
