import { spawn, spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../scripts/project.js';
import { readProviderSchemas } from './provider-schema.js';
import { SchemaProvider, type Validated } from './schema-provider.js';

/** Where the configuration lies. */
export const CONFIGURATION = join(projectRoot, 'infra', 'terraform');

/** Folders of the configuration that hold a module or an environment, relative to it; those with tests alone if asked. */
export function configurationFolders(having: 'main.tf' | 'tests' = 'main.tf'): string[] {
  return globSync(`{bootstrap,{modules,environments}/*}/${having}`, { cwd: CONFIGURATION }).map(dirname).sort();
}

/** Null where a Terraform that knows write-only arguments is installed; else why nothing can be checked. */
export function terraformAbsence(): string | null {
  const { error, stdout } = spawnSync('terraform', ['version', '-json'], { encoding: 'utf8' });
  if (error) return 'terraform is not installed';
  const version = /"terraform_version": "(\d+)\.(\d+)/.exec(stdout);
  if (version && (Number(version[1]) > 1 || Number(version[2]) >= 11)) return null;
  return 'terraform is older than 1.11';
}

export interface Outcome {
  code: number | null;
  output: string;
}

export interface Diagnostic {
  severity: 'error' | 'warning';
  summary: string;
  detail: string;
}

/** A resource as planned; what is only known afterwards is missing. */
export interface PlannedResource {
  address: string;
  type: string;
  mode: 'managed' | 'data';
  after: Record<string, unknown>;
}

interface Change {
  change: { after: Record<string, unknown> };
}

export interface Plan {
  /** All that a plan file shows, as JSON. */
  text: string;
  resources: PlannedResource[];
}

/** Terraform with providers that come from the recorded schemas instead of a registry. Nothing outside is contacted. */
export class Terraform {
  private readonly initialised = new Set<string>();

  private constructor(
    private readonly folder: string,
    private readonly providers: ReadonlyMap<string, SchemaProvider>,
  ) {}

  static async start(): Promise<Terraform> {
    const providers = new Map<string, SchemaProvider>();
    for (const [name, schema] of readProviderSchemas()) providers.set(name, await SchemaProvider.start(schema));
    const folder = mkdtempSync(join(tmpdir(), 'azcops-terraform-'));
    writeFileSync(join(folder, 'cli.tfrc'), '');
    return new Terraform(folder, providers);
  }

  stop(): void {
    for (const provider of this.providers.values()) provider.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What was validated since this was last asked. */
  takeValidated(): Validated[] {
    return [...this.providers.values()].flatMap((provider) => provider.validated.splice(0));
  }

  /** Reads the modules in, and what is wrong with a configuration. */
  async validate(configuration: string): Promise<Diagnostic[]> {
    const initialised = await this.init(configuration, '-backend=false');
    if (initialised) return [{ severity: 'error', summary: 'init failed', detail: initialised }];
    const { output } = await this.run(configuration, ['validate', '-json']);
    return (JSON.parse(output) as { diagnostics: Diagnostic[] }).diagnostics;
  }

  /** Runs the tests of a configuration. */
  async test(configuration: string): Promise<Outcome> {
    const initialised = await this.init(configuration, '-backend=false');
    return initialised ? { code: 1, output: initialised } : this.run(configuration, ['test', '-no-color']);
  }

  /** Plans an environment from nothing with these variables. Throws what Terraform says where it refuses. */
  async plan(environment: string, variables: Record<string, unknown>): Promise<Plan> {
    // A copy, because the backend of the original must not be asked; without what somebody's own deployment left there.
    const copy = join(this.folder, 'copy');
    cpSync(CONFIGURATION, copy, { recursive: true, filter: (path) => !/\.terraform|\.tfvars$|\.tfstate/.test(path) });
    const configuration = join(copy, environment);
    writeFileSync(join(configuration, 'local_override.tf'), 'terraform {\n  backend "local" {}\n}\n');
    writeFileSync(join(configuration, 'test.auto.tfvars.json'), JSON.stringify(variables));
    const refused = await this.init(configuration);
    if (refused) throw new Error(refused);
    const planned = await this.run(configuration, ['plan', '-out=plan', '-input=false', '-no-color']);
    if (planned.code !== 0) throw new Error(planned.output.slice(Math.max(0, planned.output.indexOf('Error: '))));
    const { output } = await this.run(configuration, ['show', '-json', 'plan']);
    const { resource_changes: changes } = JSON.parse(output) as { resource_changes: (PlannedResource & Change)[] };
    return {
      text: output,
      resources: changes.map(({ address, type, mode, change }) => ({ address, type, mode, after: change.after })),
    };
  }

  /** Reads the modules in, once a folder; what it calls does not change afterwards. */
  private async init(configuration: string, ...args: string[]): Promise<string | null> {
    if (this.initialised.has(configuration)) return null;
    const { code, output } = await this.run(configuration, ['init', ...args, '-input=false', '-no-color']);
    if (code === 0) this.initialised.add(configuration);
    return code === 0 ? null : output;
  }

  /** Asynchronous, because the providers answer in this very process. */
  private run(configuration: string, args: string[]): Promise<Outcome> {
    const attachments = [...this.providers].map(([name, { attachment }]) => [name, attachment]);
    const child = spawn('terraform', args, {
      cwd: configuration,
      env: {
        PATH: process.env['PATH'],
        HOME: this.folder,
        CHECKPOINT_DISABLE: '1',
        TF_CLI_CONFIG_FILE: join(this.folder, 'cli.tfrc'),
        TF_DATA_DIR: join(this.folder, configuration.replaceAll('/', '-')),
        TF_REATTACH_PROVIDERS: JSON.stringify(Object.fromEntries(attachments)),
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, output }));
    });
  }
}
