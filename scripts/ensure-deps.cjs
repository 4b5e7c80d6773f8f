'use strict';
// Runs on the machine's own Node (18 or newer) before anything is installed: no dependency, no TypeScript.
//
//   node scripts/ensure-deps.cjs [--no-build] [--words-from-env NAME] [-- script args…]
//
// Installs what the lock file asks for, builds, and then runs the script on the project's own Node.
const { spawn, spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { acquireLock } = require('./process-lock.cjs');

const projectRoot = path.dirname(__dirname);
const minimumNodeMajor = 24;

/** Hash of what decides the content of node_modules. */
function wantedStamp(root) {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'package.json']) hash.update(fs.readFileSync(path.join(root, file)));
  return hash.digest('hex');
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** Whether npm's own record of node_modules already equals the lock file: somebody ran npm by hand. */
function isInstalledAsLocked(root) {
  const manifest = readJson(path.join(root, 'package.json'));
  const lock = readJson(path.join(root, 'package-lock.json'));
  const installed = readJson(path.join(root, 'node_modules', '.package-lock.json'));
  if (!manifest || !lock || !installed) return false;
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    if (JSON.stringify(manifest[kind] ?? {}) !== JSON.stringify(lock.packages['']?.[kind] ?? {})) return false;
  }
  return Object.entries(lock.packages).every(([name, wanted]) => {
    if (name === '') return true;
    const found = installed.packages[name];
    return found ? found.version === wanted.version && found.integrity === wanted.integrity : wanted.optional === true;
  });
}

/** Makes node_modules what the lock file says; answers whether npm had to run. Throws with what to do. */
async function ensureInstalled(root, { install = npmCi, log = console.error } = {}) {
  const stampFile = path.join(root, 'node_modules', '.azcops-stamp');
  const wanted = wantedStamp(root);
  const current = fs.existsSync(stampFile) ? fs.readFileSync(stampFile, 'utf8') : '';
  if (current === wanted) return false;
  const installed = !isInstalledAsLocked(root);
  if (installed) await install(root, log);
  fs.writeFileSync(stampFile, wanted);
  return installed;
}

async function npmCi(root, log) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  log('Installing dependencies (npm ci), about a minute the first time …');
  // NODE_ENV=production or an omit setting of the machine would leave out the compiler and the native packages.
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const child = spawn('npm', args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const ticker = process.stderr.isTTY && setInterval(() => process.stderr.write(`\r  ${seconds()} s `), 1000);
  const failure = await new Promise((resolve) => {
    child.once('error', (error) => resolve(`npm could not be started: ${error.message}`));
    child.once('close', (code, signal) => resolve(code === 0 ? null : `npm ci ended with ${signal ?? code}`));
  });
  if (ticker) {
    clearInterval(ticker);
    process.stderr.write('\r');
  }
  if (failure) {
    const said = Buffer.concat(output).toString('utf8').trim();
    throw new Error(
      `${said}${said ? '\n' : ''}${failure}.\n` +
        'What to do: check that npm is installed and reaches its registry (`npm ping`), that the disk is not full, and\n' +
        'that package.json and package-lock.json belong together (`npm install` mends them); then run the command again.',
    );
  }
  log(`Dependencies installed in ${seconds()} s.`);
}

/** Path of the Node that runs the project: the one that npm installed, else the running one if it is new enough. */
function chooseNode(root) {
  const carried = path.join(root, 'node_modules', '.bin', 'node');
  if (fs.existsSync(carried) && spawnSync(carried, ['--version']).status === 0) return carried;
  if (Number(process.versions.node.split('.')[0]) >= minimumNodeMajor) return process.execPath;
  throw new Error(
    `AzCops needs Node ${minimumNodeMajor}. npm carries it for Linux on x64 and arm64 only; this is ${process.platform} on ` +
      `${process.arch} with Node ${process.versions.node}.\nWhat to do: install Node ${minimumNodeMajor} or newer and run the command again.`,
  );
}

/** Compiles what changed into dist/ and removes compiled files whose source is gone. Throws when types do not fit. */
function build(root, node) {
  const compiler = path.join(root, 'node_modules', 'typescript-7', 'bin', 'tsc');
  const { status, signal, error } = spawnSync(node, [compiler, '-p', path.join(root, 'tsconfig.build.json')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`The build failed (${signal ?? `exit code ${status}`}); see the messages above.`);
  removeOrphans(root, path.join(root, 'dist'));
}

/** A test or a registry that looks into folders must not find the compiled form of a deleted source. */
function removeOrphans(root, folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) removeOrphans(root, file);
    else if (/\.js(\.map)?$/.test(entry.name)) {
      const source = path.join(root, path.relative(path.join(root, 'dist'), file)).replace(/\.js(\.map)?$/, '.ts');
      if (!fs.existsSync(source)) fs.rmSync(file);
    }
  }
}

/** Splits a line into words as a shell does with quotes and backslashes, but expands and executes nothing. */
function splitWords(line) {
  const words = [];
  let word = null;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const char = line[at];
    if (quote) {
      if (char === quote) quote = '';
      else if (char === '\\' && quote === '"' && /["\\$`]/.test(line[at + 1] ?? '')) word += line[++at];
      else word += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + (char === '\\' && at + 1 < line.length ? line[++at] : char);
    }
  }
  if (quote) throw new Error(`A quote (${quote}) is not closed in: ${line}`);
  if (word !== null) words.push(word);
  return words;
}

/**
 * Runs the script and ends as it ends. The child gets a session of its own: Ctrl-C in a terminal reaches the whole
 * foreground group, and the child must hear it once, from here, and have the time to stop cleanly.
 */
function runScript(root, node, command) {
  const child = spawn(node, command, {
    stdio: 'inherit',
    detached: true,
    // Programs that look for `node` in the path must find the same one.
    env: { ...process.env, AZCOPS_LAUNCHED: '1', PATH: path.dirname(node) + path.delimiter + process.env.PATH },
  });
  const lastForwardedAt = new Map();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => {
      // make and a supervisor above it often both pass on the same signal.
      if (Date.now() - (lastForwardedAt.get(signal) ?? 0) < 1000) return;
      lastForwardedAt.set(signal, Date.now());
      child.kill(signal);
    });
  }
  child.once('error', (error) => fail(error));
  child.once('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exit(code);
  });
}

function fail(error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

async function main(argv) {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const flags = argv.slice(0, end);
  const command = argv.slice(end + 1);
  const wordsFrom = flags.includes('--words-from-env') ? flags[flags.indexOf('--words-from-env') + 1] : undefined;
  if (wordsFrom) command.push(...splitWords(process.env[wordsFrom] ?? ''));

  const onWait = ({ pid }) => console.error(`Another command (pid ${pid}) installs or builds; waiting for it …`);
  const lock = await acquireLock(path.join(projectRoot, 'dist', '.lock'), { onWait });
  await ensureInstalled(projectRoot);
  const node = chooseNode(projectRoot);
  if (!flags.includes('--no-build')) build(projectRoot, node);
  lock.release();
  if (command.length > 0) runScript(projectRoot, node, command);
}

module.exports = { build, chooseNode, ensureInstalled, isInstalledAsLocked, splitWords, wantedStamp };
if (require.main === module) main(process.argv.slice(2)).catch(fail);
