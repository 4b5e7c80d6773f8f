import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeliveryPostponedError, DeliveryRefusedError } from './delivery-error.js';
import { isPublicAddress } from './destination.js';
import { HttpSender, type HttpSenderOptions } from './http-sender.js';
import { HttpsReceiver } from './testing/https-receiver.js';

let receiver: HttpsReceiver;
beforeAll(async () => void (receiver = await HttpsReceiver.start()));
afterAll(() => receiver.stop());
beforeEach(() => receiver.reset());

const running = new AbortController().signal;
/** Answers every name with these addresses, and says which names were asked for. */
const names = (addresses: string[], asked: string[] = []) =>
  ((hostname: string, _options: unknown, callback: (error: null, found: unknown[]) => void) => {
    asked.push(hostname);
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as unknown as HttpSenderOptions['lookup'];
const sender = (options: Partial<HttpSenderOptions> = {}) =>
  new HttpSender({ allowedHosts: ['localhost'], ca: receiver.ca, ...options });
const post = (options: Partial<HttpSenderOptions> = {}, url = `${receiver.url}/hook?x=1`, signal = running) =>
  sender(options).send({ method: 'POST', url, headers: { 'x-test': '1' }, body: '{"ä":1}' }, signal);
const failure = async (sent: Promise<unknown>): Promise<Error> => {
  const error: unknown = await sent.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  return error as Error;
};

describe('sending', () => {
  it('sends the body byte for byte and answers what came back', async () => {
    receiver.behaviour = () => ({ status: 418, headers: { 'retry-after': '7' }, body: { short: 'stout' } });
    const answer = await post();
    expect([answer.status, answer.headers['retry-after'], answer.text]).toEqual([418, '7', '{"short":"stout"}']);
    const [{ method, path, body, headers }] = receiver.received as [any];
    expect([method, path, body]).toEqual(['POST', '/hook?x=1', '{"ä":1}']);
    expect(headers).toMatchObject({ 'x-test': '1', 'content-type': 'application/json', 'content-length': '8' });
  });

  it('follows no redirect', async () => {
    receiver.behaviour = () => ({ status: 307, headers: { location: `${receiver.url}/elsewhere` } });
    expect((await post()).status).toBe(307);
    expect(receiver.received).toHaveLength(1);
  });

  it('does not wait for ever', async () => {
    receiver.behaviour = () => 'hang';
    const error = await failure(post({ timeoutMs: 50 }));
    expect(error).toBeInstanceOf(DeliveryPostponedError);
    expect(error.message).toBe('The receiver could not be reached (no answer in time).');
  });

  it('tells a broken network by its code alone', async () => {
    receiver.behaviour = () => 'cut';
    expect((await failure(post())).message).toBe('The receiver could not be reached (ECONNRESET).');
    const closed = await HttpsReceiver.start();
    const url = `${closed.url}/s3cr3t`;
    await closed.stop();
    const refused = await failure(post({}, url));
    expect(refused).toBeInstanceOf(DeliveryPostponedError);
    expect(refused.message).toBe('The receiver could not be reached (ECONNREFUSED).');
  });

  it('trusts no certificate that nobody vouches for', async () => {
    const error = await failure(post({ ca: undefined }));
    expect(error.message).toMatch(/\((DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)\)/);
    expect(receiver.received).toEqual([]);
  });

  it('ends with its caller’s reason', async () => {
    receiver.behaviour = () => 'hang';
    const stop = new AbortController();
    const sent = failure(post({}, undefined, stop.signal));
    await expect.poll(() => receiver.received.length).toBe(1);
    stop.abort(new Error('stopping'));
    expect((await sent).message).toBe('stopping');
  });

  it('reads no more of an answer than it can use', async () => {
    receiver.behaviour = () => ({ status: 200, body: 'x'.repeat(5_000_000) });
    const { status, text } = await post();
    expect(status).toBe(200);
    expect(text.length).toBeLessThan(300_000);
  });
});

describe('where nothing is sent to', () => {
  const refused = async (sent: Promise<unknown>) => {
    const error = await failure(sent);
    expect(error).toBeInstanceOf(DeliveryRefusedError);
    expect((error as DeliveryRefusedError).action).toContain('DELIVERY_ALLOWED_HOSTS');
    expect(receiver.received).toEqual([]);
    return error.message;
  };
  const at = (host: string) => `https://${host}:${receiver.port}/`;

  it.each(['localhost', '127.0.0.1', '[::1]', '2130706433'])('this machine, as %s', async (host) => {
    expect(await refused(post({ allowedHosts: [] }, at(host)))).toContain('private address');
  });

  it.each([
    [['10.0.0.5']],
    [['169.254.169.254']],
    [['168.63.129.16']],
    [['::1']],
    [['::ffff:127.0.0.1']],
    [['fd00::1']],
    [['93.184.215.14', '127.0.0.1']],
    [['127.0.0.1', '93.184.215.14']],
  ])('a name that stands for %s', async (addresses) => {
    const lookup = names(addresses);
    expect(await refused(post({ lookup }, at('receiver.example.com')))).toBe(
      'The name receiver.example.com stands for a private address.',
    );
  });

  it('a name that changes its mind: the address that was checked is the one that is connected to', async () => {
    const asked: string[] = [];
    const lookup = names(['127.0.0.1'], asked);
    const allowed = { lookup, allowedHosts: ['receiver.example.com'] };
    expect((await post(allowed, at('receiver.example.com'))).status).toBe(200);
    expect(asked).toEqual(['receiver.example.com']);
  });

  it('anything but HTTPS, and URLs with credentials', async () => {
    expect(await refused(post({}, `http://localhost:${receiver.port}/`))).toContain('https://');
    expect(await refused(post({}, `https://user:pw@localhost:${receiver.port}/`))).toContain('password');
  });

  it('addresses that are not of the public Internet', () => {
    for (const address of ['93.184.215.14', '1.1.1.1', '172.32.0.1', '2606:2800:21f:cb07:6820:80da:af6b:8b2c']) {
      expect(isPublicAddress(address), address).toBe(true);
    }
    for (const address of [
      '',
      'localhost',
      '0.0.0.0',
      '255.255.255.255',
      '224.0.0.1',
      'fe80::1',
      '2001:0:1::',
      '64:ff9b::1',
    ]) {
      expect(isPublicAddress(address), address).toBe(false);
    }
  });
});
