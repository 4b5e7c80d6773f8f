import { spawnSync } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join, matchesGlob, posix, relative } from 'node:path';

interface Instruction {
  keyword: string;
  /** `--name=value` before the arguments. */
  flags: Map<string, string>;
  text: string;
}

interface Stage {
  name: string;
  base: string;
  instructions: Instruction[];
}

/** What a container of an image starts with. */
export interface Image {
  /** Folder that stands for `/`. */
  root: string;
  user: number;
  workdir: string;
  env: Record<string, string>;
  labels: Record<string, string>;
  entrypoint: string[];
  command: string[];
  healthcheck: string[];
}

export interface ReplayOptions {
  dockerfile: string;
  /** Folder of the build, which `.dockerignore` in it narrows. */
  context: string;
  /** Empty folder, in which each stage gets its own. */
  folder: string;
  /** Files of base images that the stages refer to, by their path there. */
  base: Record<string, string>;
  /** `RUN` lines that are not run but done otherwise, in the folder that they would run in. */
  instead: Record<string, (folder: string) => void>;
}

/** Does what a container build does with one Dockerfile, step by step, in plain folders: no base image, no isolation. */
export class DockerfileReplay {
  readonly stages: readonly Stage[];
  /** Commands that were not run but done otherwise. */
  readonly replaced: string[] = [];
  private readonly images = new Map<string, Image>();
  private readonly ignored: readonly string[];

  constructor(private readonly options: ReplayOptions) {
    this.stages = readStages(readFileSync(options.dockerfile, 'utf8'));
    this.ignored = readFileSync(join(options.context, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'));
  }

  /** Builds a stage and those that it copies from. Throws with a command's output when it fails. */
  build(name: string): Image {
    const done = this.images.get(name);
    if (done) return done;
    const stage = this.stages.find((each) => each.name === name);
    if (!stage) throw new Error(`There is no stage ${name}.`);
    const image: Image = {
      root: join(this.options.folder, name),
      user: 0,
      workdir: '/',
      env: {},
      labels: {},
      entrypoint: [],
      command: [],
      healthcheck: [],
    };
    this.images.set(name, image);
    mkdirSync(image.root);
    for (const instruction of stage.instructions) this.follow(image, instruction);
    return image;
  }

  private follow(image: Image, { keyword, flags, text }: Instruction): void {
    switch (keyword) {
      case 'WORKDIR':
        image.workdir = posix.resolve(image.workdir, text);
        mkdirSync(join(image.root, image.workdir), { recursive: true });
        break;
      case 'COPY':
        this.copy(image, flags, text.split(/\s+/));
        break;
      case 'RUN':
        this.run(join(image.root, image.workdir), text);
        break;
      case 'ENV':
        Object.assign(image.env, assignments(text));
        break;
      case 'LABEL':
        Object.assign(image.labels, assignments(text));
        break;
      case 'USER':
        image.user = Number(text.split(':')[0]);
        break;
      case 'ENTRYPOINT':
        image.entrypoint = JSON.parse(text) as string[];
        break;
      case 'CMD':
        image.command = JSON.parse(text) as string[];
        break;
      case 'HEALTHCHECK':
        image.healthcheck = JSON.parse(text.replace(/^CMD\s+/, '')) as string[];
        break;
      case 'ARG':
      case 'EXPOSE':
      case 'VOLUME':
        break;
      default:
        throw new Error(`The replay does not know ${keyword}.`);
    }
  }

  private copy(image: Image, flags: Map<string, string>, words: string[]): void {
    const sources = words.slice(0, -1);
    const target = posix.resolve(image.workdir, words.at(-1)!);
    const intoFolder = sources.length > 1 || words.at(-1)!.endsWith('/');
    const from = flags.get('from');
    const stage = from === undefined ? null : this.build(from);
    for (const source of sources) {
      const file = stage ? (this.options.base[source] ?? join(stage.root, source)) : join(this.options.context, source);
      const isFolder = statSync(file).isDirectory();
      const destination = join(image.root, target, intoFolder && !isFolder ? basename(file) : '');
      mkdirSync(dirname(destination), { recursive: true });
      const isInContext = (path: string) => this.isInContext(relative(this.options.context, path));
      if (!stage) cpSync(file, destination, { recursive: true, filter: isInContext });
      // Ten thousand files: moved, as no stage is copied from twice.
      else if (isFolder && !existsSync(destination)) renameSync(file, destination);
      else cpSync(file, destination, { recursive: true });
      const [uid, gid] = (flags.get('chown') ?? '').split(':').map(Number);
      if (uid && process.getuid?.() === 0) chownSync(destination, uid, gid ?? uid);
    }
  }

  /** The last pattern that fits a path or a folder above it decides. */
  private isInContext(path: string): boolean {
    if (path === '') return true;
    const parts = path.split('/');
    const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    const decisive = this.ignored.findLast((line) =>
      prefixes.some((prefix) => matchesGlob(prefix, line.replace(/^!/, ''))),
    );
    return decisive === undefined || decisive.startsWith('!');
  }

  private run(cwd: string, command: string): void {
    const instead = this.options.instead[command];
    if (instead) {
      this.replaced.push(command);
      return instead(cwd);
    }
    // A Dockerfile's commands are lines of a shell by definition. Programs are found as in the base image: this Node first.
    const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` };
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', command], { cwd, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`RUN ${command} ended with ${status}:\n${stdout}${stderr}`);
  }
}

function readStages(dockerfile: string): Stage[] {
  const stages: Stage[] = [];
  const lines = dockerfile.replace(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, '');
  for (const line of lines.split('\n').filter(Boolean)) {
    const [, keyword, rest] = /^(\S+)\s+(.*)$/.exec(line)!;
    if (keyword === 'FROM') {
      const [base, , name] = rest!.replace(/^--platform=\S+\s+/, '').split(/\s+/);
      stages.push({ base: base!, name: name!, instructions: [] });
    } else if (stages.length > 0) {
      const flags = new Map<string, string>();
      const text = rest!.replaceAll(/^(?:--[\w-]+=\S+\s+)+/g, (found) => {
        for (const [, flag, value] of found.matchAll(/--([\w-]+)=(\S+)/g)) flags.set(flag!, value!);
        return '';
      });
      stages.at(-1)!.instructions.push({ keyword: keyword!, flags, text });
    }
  }
  return stages;
}

function assignments(text: string): Record<string, string> {
  const found = [...text.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)];
  return Object.fromEntries(found.map(([, name, quoted, plain]) => [name!, quoted ?? plain!]));
}
