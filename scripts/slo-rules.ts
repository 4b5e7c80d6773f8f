/** A share of requests as `infra/prometheus/slo.yml` promises it; either the bad or the good ones are named. */
interface ShareObjective {
  name: string;
  promise: string;
  objective: number;
  bad?: string;
  good?: string;
  all: string;
}

/** A value that may not exceed a limit. */
interface LimitObjective {
  name: string;
  promise: string;
  value: string;
  limit: number;
  /** Names the alert and its runbook. */
  alert: string;
}

export type Objective = ShareObjective | LimitObjective;

/** How fast a 30-day budget may burn over a long and a short window before somebody is told. */
const BURNS = [
  { long: '1h', short: '5m', rate: 14.4, severity: 'page', alert: 'FastBurn' },
  { long: '6h', short: '30m', rate: 6, severity: 'ticket', alert: 'SlowBurn' },
] as const;

/** Prometheus rules of the objectives: the share of bad requests in each window, and alerts on how fast budgets burn. */
export function sloRules(objectives: readonly Objective[]): object {
  return {
    groups: objectives.map((objective) => ({ name: `azcops-slo-${objective.name}`, rules: rulesOf(objective) })),
  };
}

function rulesOf(objective: Objective): object[] {
  return 'limit' in objective ? [limitRule(objective)] : shareRules(objective);
}

function limitRule({ promise, value, limit, alert }: LimitObjective): object {
  return {
    alert,
    expr: `${value} > ${limit}`,
    for: '30m',
    labels: { severity: 'ticket' },
    annotations: { summary: `Broken: ${promise}`, runbook: `docs/runbooks/${alert}.md` },
  };
}

function shareRules({ name, objective, promise, bad, good, all }: ShareObjective): object[] {
  const record = (window: string) => `azcops:slo_${name}_bad:ratio_rate${window}`;
  const share = (window: string) =>
    bad
      ? `sum(rate(${bad}[${window}])) / sum(rate(${all}[${window}]))`
      : `1 - sum(rate(${good!}[${window}])) / sum(rate(${all}[${window}]))`;
  const windows = [...new Set(BURNS.flatMap(({ long, short }) => [long, short]))];
  // Plain decimals: 1 - 0.999 is no round number.
  const budget = (1 - objective).toFixed(4);
  return [
    ...windows.map((window) => ({ record: record(window), expr: share(window) })),
    ...BURNS.map(({ long, short, rate, severity, alert }) => ({
      alert: `AzCops${name[0]!.toUpperCase()}${name.slice(1)}${alert}`,
      expr: `${record(long)} > ${rate} * ${budget} and ${record(short)} > ${rate} * ${budget}`,
      labels: { severity },
      annotations: {
        summary: `${promise} The error budget burns ${rate} times too fast.`,
        runbook: 'docs/runbooks/AzCopsErrorBudget.md',
      },
    })),
  ];
}
