import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { oneTenant } from '#core/scope.js';
import { addSubscription, addTenant, openTestLogins, type TestLogins } from '../../../test/harness/ledger.js';
import { SavingsSummaryRepository } from '../repositories/savings-summary.repository.js';
import { POSSIBLE, standing } from './standing.js';

const MACHINE = '/subscriptions/s1/resourcegroups/g/providers/microsoft.compute/virtualmachines/m';

/** A row as far as totals care. */
interface Finding {
  savings: string;
  resource?: string | null;
  action?: string | null;
  cost?: string | null;
  method?: string;
  currency?: string;
  alternativeOf?: string | null;
  status?: string;
  source?: string;
}

describe('a total of savings', () => {
  let logins: TestLogins;
  let savings: SavingsSummaryRepository;
  let tenantId: string;
  let count = 0;
  beforeAll(async () => {
    logins = await openTestLogins();
    savings = new SavingsSummaryRepository(logins.api);
  });
  afterAll(() => logins.close());
  beforeEach(async () => {
    tenantId = await addTenant(logins.owner, `tenant-${(count += 1)}`);
    await addSubscription(logins.owner, tenantId, 's1');
  });

  const totals = async (...findings: Finding[]) => {
    for (const finding of findings) {
      await logins.owner.pool.query(
        `INSERT INTO recommendations (tenant_id, source, source_id, rule, category, title, subscription_id, resource_id, action,
           estimated_monthly_savings, monthly_cost, currency, savings_method, alternative_of, status, first_seen_at, last_seen_at)
         VALUES ($1, $2, $3, $3, 'waste', 'Do it', 's1', $4, $5, $6, $7, $8, $9, $10, $11, now(), now())`,
        [
          tenantId,
          finding.source ?? 'rules',
          `rule-${(count += 1)}`,
          finding.resource === undefined ? MACHINE : finding.resource,
          finding.action === undefined ? 'resize' : finding.action,
          finding.savings,
          finding.cost === undefined ? '100' : finding.cost,
          finding.currency ?? 'EUR',
          finding.method ?? 'measured',
          finding.alternativeOf ?? null,
          finding.status ?? 'open',
        ],
      );
    }
    const { potential } = await savings.summary(oneTenant(tenantId), {});
    return potential.map(
      (row) => `${row.recommendations}: ${row.estimated_monthly_savings} ${row.currency} ${row.savings_method}`,
    );
  };

  it('of resources that have nothing to do with each other adds them up exactly', async () => {
    expect(await totals({ savings: '0.1', resource: '/a' }, { savings: '0.2', resource: '/b' })).toEqual([
      '2: 0.3 EUR measured',
    ]);
  });

  it('of one resource lets idle beat rightsize, licence and commitment', async () => {
    expect(
      await totals(
        { savings: '50', action: 'commit' },
        { savings: '40', action: 'relicense' },
        { savings: '60', action: 'resize' },
        { savings: '100', action: 'remove' },
      ),
    ).toEqual(['1: 100 EUR measured']);
  });

  it('takes of each later action what those before leave of the cost', async () => {
    // 60 of 100 are gone, then 40 % of the remaining 40, then half of what is left of that.
    expect(
      await totals(
        { savings: '60', action: 'resize' },
        { savings: '40', action: 'relicense', method: 'guessed' },
        { savings: '50', action: 'commit', method: 'guessed' },
      ),
    ).toEqual(['2: 28 EUR guessed', '1: 60 EUR measured']);
  });

  it('counts nothing of a later action where the cost is unknown', async () => {
    expect(await totals({ savings: '60', cost: null }, { savings: '40', action: 'relicense' })).toEqual([
      '1: 60 EUR measured',
    ]);
  });

  it('counts one action that two sources advise once, as it is known best', async () => {
    expect(
      await totals(
        { savings: '90', method: 'stated', source: 'advisor', cost: null, currency: 'USD' },
        { savings: '40', method: 'priced' },
      ),
    ).toEqual(['1: 40 EUR priced']);
  });

  it('never exceeds what the resource costs', async () => {
    const actions = ['stop', 'resize', 'retier', 'relicense', 'commit', 'upgrade'];
    const [total] = await totals(...actions.map((action) => ({ action, savings: '70' })));
    expect(Number(total!.split(' ')[1])).toBeLessThanOrEqual(100);
    expect(Number(total!.split(' ')[1])).toBeGreaterThan(70);
  });

  it('counts of savings above the cost no more than that', async () => {
    expect(await totals({ savings: '140', action: 'remove' })).toEqual(['1: 100 EUR measured']);
  });

  it('is neither lowered nor raised by what would save less than nothing', async () => {
    expect(
      await totals({ savings: '-50', action: 'stop' }, { savings: '60' }, { savings: '-9', resource: '/b' }),
    ).toEqual(['1: 60 EUR measured']);
  });

  it('counts what acts within a month on one resource have saved once, as what they were estimated to save', async () => {
    const executed = { status: 'executed' };
    await totals(
      { savings: '60', action: 'resize', ...executed },
      { savings: '50', action: 'relicense', ...executed },
      { savings: '20', action: 'commit', ...executed },
      { savings: '10', resource: '/b', ...executed },
    );
    const verify = async (action: string, saved: string, day: string, resource = MACHINE) =>
      logins.owner.pool.query(
        `UPDATE recommendations SET verified_monthly_savings = $3, executed_at = $4
         WHERE tenant_id = $1 AND action = $2 AND resource_id = $5`,
        [tenantId, action, saved, day, resource],
      );
    await verify('resize', '70', '2026-03-01');
    await verify('relicense', '75', '2026-03-20');
    const verified = async () => (await savings.summary(oneTenant(tenantId), {})).verified;
    expect(await verified()).toEqual([
      { currency: 'EUR', recommendations: 2, verified_monthly_savings: '75', estimated_monthly_savings: '80' },
    ]);
    await verify('commit', '5', '2026-05-01');
    await verify('resize', '9', '2026-03-01', '/b');
    expect(await verified()).toEqual([
      { currency: 'EUR', recommendations: 4, verified_monthly_savings: '89', estimated_monthly_savings: '94' },
    ]);
  });

  it('lets the next action count whole once the first is dismissed', async () => {
    expect(
      await totals({ savings: '100', action: 'remove', status: 'dismissed' }, { savings: '60', action: 'resize' }),
    ).toEqual(['1: 60 EUR measured']);
  });

  const purchase = {
    resource: null,
    action: 'commit',
    alternativeOf: 'commitment/savings-plan/s1/compute',
    method: 'stated',
    cost: null,
  };

  it('takes what machines would save off a commitment for them, down to nothing', async () => {
    expect(await totals({ savings: '30', action: 'stop' }, { savings: '50', ...purchase })).toEqual([
      '1: 30 EUR measured',
      '1: 20 EUR stated',
    ]);
    expect(await totals({ savings: '80', action: 'stop', resource: `${MACHINE}2` })).toEqual([
      '2: 110 EUR measured',
      '1: 0 EUR stated',
    ]);
  });

  it('leaves a commitment alone that is paid for and not used', async () => {
    const unused = { resource: null, action: 'commit', savings: '25', cost: '100' };
    expect(await totals({ savings: '80', action: 'stop' }, unused)).toEqual(['2: 105 EUR measured']);
  });

  it('leaves PostgreSQL no step to join row by row', async () => {
    const plan = await logins.owner.pool.query(`EXPLAIN ${standing(POSSIBLE)}`);
    expect(JSON.stringify(plan.rows)).toContain('WindowAgg');
    expect(JSON.stringify(plan.rows)).not.toContain('CTE Scan');
  });
});
