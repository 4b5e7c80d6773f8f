'use strict';
// What is in the image, made the same way in a container build and in the test that stands for it:
//
//   node scripts/image-tree.cjs dependencies DIR    DIR/node_modules, DIR/package.json, DIR/sbom.cdx.json
//   node scripts/image-tree.cjs program DIR         DIR/dist
//
// The first needs package.json, package-lock.json and .npmrc beside scripts/, the second everything that is compiled.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.dirname(__dirname);
/** Compiled folders that the image's commands run. */
const programs = ['apps/api', 'apps/azcops', 'apps/ingestion', 'libs', 'migrations'];
/** Type declarations, source maps, sources and prose: a third of what packages bring, and never read. Licences stay. */
const unread = /\.(map|[cm]?ts|md|markdown|flow)$/i;
/** Whole folders of the kind: commands of packages, types alone, and what is for other places than Node. */
const unreadFolder = /\/(\.bin|@types|typeorm\/browser|dist\/(browser|react-native|workerd))$/;

/** Installs what production needs, exactly as locked, without a script of any package being run. */
function dependencies(target) {
  fs.mkdirSync(target, { recursive: true });
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
    fs.copyFileSync(path.join(root, file), path.join(target, file));
  }
  npm(target, ['ci', '--omit=dev', '--omit=optional', '--ignore-scripts', '--prefer-offline']);
  const {
    devDependencies: _dev,
    optionalDependencies: _optional,
    ...manifest
  } = readJson(path.join(target, 'package.json'));
  writeJson(path.join(target, 'package.json'), manifest);
  for (const file of ['package-lock.json', '.npmrc']) fs.rmSync(path.join(target, file));
  // Of what is there: told what to omit, npm also leaves out what a development package needs as well.
  const bom = JSON.parse(npm(target, ['sbom', '--sbom-format=cyclonedx']));
  writeJson(path.join(target, 'sbom.cdx.json'), reproducible(bom));
  prune(path.join(target, 'node_modules'));
}

/** Compiles and takes over what the image's commands run. */
function program(target) {
  require('./ensure-deps.cjs').build(root, process.execPath);
  for (const folder of programs) {
    fs.cpSync(path.join(root, 'dist', folder), path.join(target, 'dist', folder), {
      recursive: true,
      filter: (file) => !unread.test(file),
    });
  }
}

function npm(cwd, args) {
  const { status, error, stdout } = spawnSync('npm', args, {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`npm ${args[0]} ended with ${status}.\n${stdout}`);
  return stdout;
}

function prune(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if ((entry.isDirectory() ? unreadFolder : unread).test(file)) fs.rmSync(file, { recursive: true });
    else if (entry.isDirectory()) prune(file);
  }
}

/** The same lock file gives the same bill of materials: npm adds the time, a random number and the folder's name. */
function reproducible(bom) {
  delete bom.serialNumber;
  delete bom.metadata.timestamp;
  bom.metadata.component.name = 'azcops';
  bom.components.sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  bom.dependencies.sort((a, b) => (a.ref < b.ref ? -1 : 1));
  return bom;
}

function readJson(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

function writeJson(file, value) {
  fs.writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

const parts = { dependencies, program };
const [part, target] = process.argv.slice(2);
if (!Object.hasOwn(parts, part) || !target) {
  console.error('Usage: node scripts/image-tree.cjs dependencies|program DIR');
  process.exit(64);
}
parts[part](path.resolve(target));
