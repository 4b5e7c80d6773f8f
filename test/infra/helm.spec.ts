import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configurationVariables } from '#core/config.js';
import { METRICS_PORTS } from '#core/metrics-server.js';
import { projectRoot } from '../../scripts/project.js';
import { chart, hasHelm, render, type Rendered } from './helm-chart.js';
import { judgeBy, kubernetesJudge } from './schemas.js';

const read = (file: string) => parse(readFileSync(join(chart, file), 'utf8'), { merge: true });
const environments = ['dev', 'stage', 'prod'];
const valuesOf = (environment: string) => ['--values', join(chart, `values-${environment}.yaml`)];
/** The least that has to be said. */
const least = [
  ['image.repository', 'ghcr.io/example/azcops'],
  ['workloadIdentity.clientId', '00000000-0000-0000-0000-000000000000'],
  ['config.AUTH_ISSUERS', 'https://login.microsoftonline.com/x/v2.0'],
  ['config.AUTH_AUDIENCES', 'api://azcops'],
  ['config.RAW_STORAGE_URL', 'abfss://raw@account.dfs.core.windows.net'],
] as const;
const set = (...pairs: (readonly [string, string])[]) =>
  pairs.flatMap(([name, value]) => ['--set', `${name}=${value}`]);

describe('values of the chart', () => {
  const schema = judgeBy(join(chart, 'values.schema.json'));

  it.each(['values.yaml', ...environments.map((name) => `values-${name}.yaml`)])('fit their schema: %s', (file) => {
    expect(schema(read(file))).toEqual([]);
  });

  it.each([
    ['a name that nobody knows', { ingres: { enabled: true } }],
    ['a secret in the open', { config: { AZURE_CLIENT_SECRET: 'x' } }],
    ['a login in the open', { config: { DATABASE_URL: 'postgresql://x' } }],
    ['a port that the chart sets', { config: { PORT: 80 } }],
    ['a queue that the API does not have', { api: { autoscaling: { kind: 'keda' } } }],
    ['no worker at all', { ingestion: { autoscaling: { minReplicas: 0 } } }],
    ['a tag for a digest', { image: { digest: 'latest' } }],
  ])('are refused: %s', (_, values) => {
    expect(schema(values)).not.toEqual([]);
  });

  it('name variables that the product reads', () => {
    const known = configurationVariables.map(({ name }) => name);
    const named = environments.flatMap((name) =>
      Object.keys((read(`values-${name}.yaml`) as { config: object }).config),
    );
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('are of the version that package.json says', () => {
    const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
    expect(read('Chart.yaml')).toMatchObject({ version, appVersion: version });
  });
});

describe.skipIf(!hasHelm())('the chart', () => {
  const judge = kubernetesJudge();
  const named = (objects: Rendered[], kind: string, name: string) =>
    objects.find((each) => each.kind === kind && each.metadata.name === name)!;
  const podsOf = (objects: Rendered[]) =>
    objects.flatMap(({ kind, metadata, spec }) => {
      const template = kind === 'CronJob' ? spec.jobTemplate.spec.template : spec?.template;
      return template ? [{ name: metadata.name, labels: template.metadata.labels, spec: template.spec }] : [];
    });

  it.skipIf(!judge).each(environments)('is what Kubernetes describes: %s', (environment) => {
    const objects = render([
      ...valuesOf(environment),
      ...set(
        ['cronJobs.full.enabled', 'true'],
        ['cronJobs.incremental.enabled', 'true'],
        ['credentials.secret', 'azure'],
      ),
    ]);
    expect(objects.length).toBeGreaterThan(10);
    expect(objects.flatMap(judge!)).toEqual([]);
    const [deployment] = objects.filter(({ kind }) => kind === 'Deployment');
    expect(judge!({ ...deployment, spec: { ...deployment!.spec, replica: 2 } })).not.toEqual([]);
  });

  it('renders with the least that has to be said, and says what misses', () => {
    expect(render(set(...least)).length).toBeGreaterThan(8);
    for (const [name] of least) {
      const rest = least.filter(([other]) => other !== name);
      expect(() => render(set(...rest)), name).toThrow(name);
    }
  });

  it.each(environments)('runs every pod as the restricted standard wants it: %s', (environment) => {
    const pods = podsOf(render([...valuesOf(environment), ...set(['cronJobs.full.enabled', 'true'])]));
    expect(pods.map(({ name }) => name).toSorted()).toEqual(
      ['azcops-api', 'azcops-full', 'azcops-ingestion', 'azcops-migrate'].toSorted(),
    );
    for (const { spec } of pods) {
      expect(spec).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      });
      for (const { securityContext, resources } of spec.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(resources.limits.memory).toBeDefined();
      }
      expect(spec.volumes.filter((volume: object) => 'hostPath' in volume)).toEqual([]);
    }
  });

  it('gives each process its own login as a file, and the owner’s to the migration alone', () => {
    const logins = podsOf(render([...valuesOf('prod'), ...set(['cronJobs.full.enabled', 'true'])])).map(
      ({ name, spec }) => {
        const secrets = new Map(
          spec.volumes.flatMap((volume: { name: string; secret?: { secretName: string } }) =>
            volume.secret ? [[`/run/secrets/${volume.name}/url`, volume.secret.secretName]] : [],
          ),
        );
        const files = spec.containers[0].env.filter((each: { name: string }) => each.name.endsWith('_FILE'));
        return [name, files.map((each: { name: string; value: string }) => `${each.name} ${secrets.get(each.value)}`)];
      },
    );
    expect(Object.fromEntries(logins)).toEqual({
      'azcops-api': ['DATABASE_URL_FILE azcops-database-api'],
      'azcops-ingestion': ['DATABASE_URL_FILE azcops-database-worker'],
      'azcops-full': ['DATABASE_URL_FILE azcops-database-worker'],
      'azcops-migrate': [
        'DATABASE_API_URL_FILE azcops-database-api',
        'DATABASE_OWNER_URL_FILE azcops-database-owner',
        'DATABASE_WORKER_URL_FILE azcops-database-worker',
      ],
    });
    const alone = podsOf(render([...valuesOf('prod'), ...set(['database.makeLogins', 'false'])]));
    const migrate = alone.find(({ name }) => name === 'azcops-migrate')!;
    expect(migrate.spec.containers[0].env).toHaveLength(1);
  });

  it('migrates before anything is replaced', () => {
    expect(named(render(valuesOf('prod')), 'Job', 'azcops-migrate').metadata.annotations).toEqual({
      'helm.sh/hook': 'pre-install,pre-upgrade',
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
    });
  });

  it('leads services, budgets and scalers to what they are for', () => {
    const objects = render(valuesOf('prod'));
    const pods = podsOf(objects);
    const selects = (selector: Record<string, string>) =>
      pods
        .filter(({ labels }) => Object.entries(selector).every(([key, value]) => labels[key] === value))
        .map(({ name }) => name);
    for (const component of ['api', 'ingestion'] as const) {
      const name = `azcops-${component}`;
      expect(selects(named(objects, 'Service', name).spec.selector)).toEqual([name]);
      expect(selects(named(objects, 'PodDisruptionBudget', name).spec.selector.matchLabels)).toEqual([name]);
      expect(named(objects, 'Deployment', name).spec).not.toHaveProperty('replicas');
      const metrics = { name: 'metrics', containerPort: METRICS_PORTS[component] };
      expect(pods.find((pod) => pod.name === name)!.spec.containers[0].ports).toContainEqual(metrics);
    }
    expect(named(objects, 'HorizontalPodAutoscaler', 'azcops-api').spec.scaleTargetRef.name).toBe('azcops-api');
    expect(named(objects, 'ScaledObject', 'azcops-ingestion').spec.scaleTargetRef.name).toBe('azcops-ingestion');
    const scalers = (kind: string) =>
      render([...valuesOf('stage'), ...set(['ingestion.autoscaling.kind', kind])]).flatMap((each) =>
        /Autoscaler|ScaledObject/.test(each.kind) ? [each.kind] : [],
      );
    expect([scalers('none'), scalers('hpa'), scalers('keda')]).toEqual([
      [],
      ['HorizontalPodAutoscaler'],
      ['ScaledObject'],
    ]);
  });

  it('lets nobody in but to the API and to metrics', () => {
    const objects = render(valuesOf('prod'));
    const [all, api] = [named(objects, 'NetworkPolicy', 'azcops'), named(objects, 'NetworkPolicy', 'azcops-api')];
    expect(all.spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(
      all.spec.ingress.flatMap((rule: { ports: { port: string }[] }) => rule.ports.map(({ port }) => port)),
    ).toEqual(['metrics']);
    expect(api.spec.ingress).toHaveLength(1);
    expect(JSON.stringify(api.spec.ingress[0].from)).toContain('ingress-nginx');
    for (const { labels } of podsOf(objects)) expect(labels).toMatchObject(all.spec.podSelector.matchLabels);
  });

  it('leaves runs to the worker, or to the cluster', () => {
    const own = render(valuesOf('prod'));
    expect(own.filter(({ kind }) => kind === 'CronJob')).toEqual([]);
    const clusters = render([...valuesOf('prod'), ...set(['cronJobs.full.enabled', 'true'])]);
    const job = named(clusters, 'CronJob', 'azcops-full');
    expect(job.spec).toMatchObject({ schedule: '0 2 * * *', timeZone: 'Etc/UTC', concurrencyPolicy: 'Forbid' });
    expect(podsOf([job])[0]!.spec.containers[0].args).toEqual(['ingestion', 'full']);
    expect(named(own, 'ConfigMap', 'azcops').data).not.toHaveProperty('SCHEDULE_FULL');
    expect(named(clusters, 'ConfigMap', 'azcops').data).toMatchObject({ SCHEDULE_FULL: 'off' });
  });

  it('holds the rules as they are, templates for Prometheus included', () => {
    const files = readdirSync(join(projectRoot, 'infra/prometheus/rules'));
    const groups = files.flatMap(
      (name) =>
        (parse(readFileSync(join(projectRoot, 'infra/prometheus/rules', name), 'utf8')) as { groups: object[] }).groups,
    );
    const { spec } = named(render(valuesOf('prod')), 'PrometheusRule', 'azcops');
    expect(spec.groups).toEqual(groups);
  });

  it('takes alerts from infra/prometheus/rules', () => {
    expect(realpathSync(join(chart, 'rules'))).toBe(join(projectRoot, 'infra/prometheus/rules'));
    const folder = mkdtempSync(join(tmpdir(), 'azcops-chart-'));
    try {
      // Without the link, which leads into the repository.
      cpSync(chart, folder, { recursive: true, filter: (file) => file !== join(chart, 'rules') });
      mkdirSync(join(folder, 'rules'));
      const rule = {
        alert: 'Late',
        expr: 'azcops_ingestion_lag_seconds > 1',
        annotations: { summary: '{{ $labels.connector }}' },
      };
      writeFileSync(
        join(folder, 'rules/planted.yml'),
        JSON.stringify({ groups: [{ name: 'planted', rules: [rule] }] }),
      );
      const objects = render(valuesOf('prod'), folder);
      expect(named(objects, 'PrometheusRule', 'azcops').spec.groups).toContainEqual({ name: 'planted', rules: [rule] });
      if (judge) expect(objects.flatMap(judge)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
