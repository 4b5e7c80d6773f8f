import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeJira } from '../../../libs/delivery/testing/fake-jira.js';
import { FakeServiceNow } from '../../../libs/delivery/testing/fake-servicenow.js';
import { TestDeliveries } from '../../../test/harness/delivery.js';

let test: TestDeliveries;
beforeAll(async () => void (test = await TestDeliveries.open()));
afterAll(() => test.close());
beforeEach(() => test.reset());

describe('tickets', () => {
  const desk = (kind: 'jira' | 'servicenow', options = {}) =>
    test.channel({ kind, url: `${test.receiver.url}/`, secretRef: 'DESK', options });

  it('are made, commented and closed along the story of a recommendation, and the list leads to them', async () => {
    const jira = new FakeJira();
    test.receiver.behaviour = jira.behaviour;
    await desk('jira', { project_key: 'FIN', close_transition: 'Close' });
    const recommendation = await test.recommendation();
    for (const kind of ['found', 'approved', 'executed', 'resolved'] as const) await test.happens(kind, recommendation);
    await test.found();
    await test.work();
    expect(jira.issues.map(({ status, comments }) => [status, comments.length]).sort()).toEqual([
      ['Done', 3],
      ['To Do', 0],
    ]);
    const deliveries = await test.deliveries();
    const key = deliveries[0]!.external_ref!;
    expect(deliveries.slice(0, 4).map(({ status, external_ref }) => `${status} ${external_ref}`)).toEqual(
      Array.from({ length: 4 }, () => `delivered ${key}`),
    );
    expect(deliveries[0]!.external_url).toBe(`${test.receiver.url}/browse/${key}`);
  });

  it('are made once though the worker dies between making and recording one', async () => {
    const servers = { jira: new FakeJira(), servicenow: new FakeServiceNow() };
    const { outbox } = test.ingestion.parts;
    const crashing = Object.assign(Object.create(outbox) as typeof outbox, {
      finish: () => Promise.reject(new Error('the database is gone')),
    });
    for (const kind of ['jira', 'servicenow'] as const) {
      await test.reset();
      test.receiver.behaviour = servers[kind].behaviour;
      await desk(kind, kind === 'jira' ? { project_key: 'FIN' } : {});
      await test.found();
      await test.work(test.worker({ outbox: crashing }));
      expect(await test.deliveries()).toMatchObject([{ status: 'pending', external_ref: null }]);
      servers.jira.settle();
      await test.timePasses();
      await test.work();
      expect(await test.deliveries()).toMatchObject([{ status: 'delivered', attempts: 2 }]);
    }
    expect([servers.jira.issues.length, servers.servicenow.tables['incident']!.length]).toEqual([1, 1]);
  });

  it('are not made twice because Jira’s answer was lost: the next attempt waits for its search', async () => {
    const jira = new FakeJira();
    test.receiver.behaviour = jira.behaviour;
    jira.weather = { after: 'cut' };
    await desk('jira', { project_key: 'FIN' });
    await test.found();
    await test.work();
    expect((await test.deliveries())[0]).toMatchObject({ status: 'pending', attempts: 1 });
    expect((await test.deliveries())[0]!.wait_seconds).toBeGreaterThan(175);
    jira.settle();
    await test.timePasses();
    await test.work();
    expect(await test.deliveries()).toMatchObject([{ status: 'delivered', external_ref: 'FIN-1' }]);
    expect(jira.issues).toHaveLength(1);
  });

  it('keep the credentials out of log and list', async () => {
    test.receiver.behaviour = ({ headers }) => ({
      status: 400,
      body: { errorMessages: [`p4ssw0rd and ${headers.authorization}`], errors: {} },
    });
    await desk('jira', { project_key: 'FIN' });
    await test.found();
    await test.work();
    const everything = test.log + JSON.stringify(await test.deliveries());
    expect(everything).toContain('message failed');
    expect(everything).not.toContain('p4ssw0rd');
    expect(everything).not.toContain(Buffer.from('azcops:p4ssw0rd').toString('base64'));
  });
});
