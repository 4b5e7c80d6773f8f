/**
 * A share as `infra/prometheus/slo.yml` promises it: of requests, of which either the bad or the good ones are named beside
 * all, or of time, by an expression that is 1 while all is well.
 */
interface ShareObjective {
  name: string;
  promise: string;
  objective: number;
  bad?: string;
  good?: string;
  all?: string;
  good_time?: string;
  /** Of a fast burn; a slow one can always wait for the morning. */
  severity: 'page' | 'ticket';
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
  { burn: 'fast', long: '1h', short: '5m', rate: 14.4 },
  { burn: 'slow', long: '6h', short: '30m', rate: 6 },
] as const;
const WINDOWS = BURNS.flatMap(({ long, short }) => [long, short]);

/** In a quiet hour one bad request is a large share of all; fewer than these in the long window tell nobody. */
const FEWEST_BAD = 10;

/** Prometheus rules of the objectives: how fast each budget burns in each window, and alerts where that is too fast. */
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

function shareRules(slo: ShareObjective): object[] {
  const { name, promise, severity, good_time } = slo;
  const labels = { objective: name };
  const burning = (window: string, rate: number) => `azcops:slo_burn:rate${window}{objective="${name}"} > ${rate}`;
  return [
    ...(good_time ? [{ record: 'azcops:slo_good:ratio', expr: good_time, labels }] : []),
    ...WINDOWS.map((window) => ({
      record: `azcops:slo_burn:rate${window}`,
      expr: `(${badShare(slo, window)}) / ${budgetOf(slo)}`,
      labels,
    })),
    ...BURNS.map(({ burn, long, short, rate }) => ({
      alert: 'AzCopsErrorBudget',
      expr: [burning(long, rate), burning(short, rate), ...enoughBad(slo, long)].join(' and '),
      labels: { ...labels, burn, severity: burn === 'fast' ? severity : 'ticket' },
      annotations: {
        summary: `${promise} The budget for the rest burns ${rate} times too fast.`,
        runbook: 'docs/runbooks/AzCopsErrorBudget.md',
      },
    })),
  ];
}

function badShare({ name, bad, good, all, good_time }: ShareObjective, window: string): string {
  if (good_time) return `1 - avg_over_time(azcops:slo_good:ratio{objective="${name}"}[${window}])`;
  if (bad) return `sum(rate(${bad}[${window}])) / sum(rate(${all}[${window}]))`;
  return `1 - sum(rate(${good}[${window}])) / sum(rate(${all}[${window}]))`;
}

function enoughBad({ bad, good, all }: ShareObjective, window: string): string[] {
  if (bad) return [`on () sum(increase(${bad}[${window}])) >= ${FEWEST_BAD}`];
  if (good) return [`on () sum(increase(${all}[${window}])) - sum(increase(${good}[${window}])) >= ${FEWEST_BAD}`];
  return [];
}

/** What may be bad, as a plain decimal: 1 - 0.999 is no round number. */
function budgetOf({ objective }: ShareObjective): string {
  return String(Number((1 - objective).toFixed(6)));
}
