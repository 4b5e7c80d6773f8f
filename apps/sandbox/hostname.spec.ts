import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SandboxClient } from './testing/sandbox-client.js';

/** Whether TLS under that name is offered at an address; rejects when nobody listens or the certificate is another's. */
function reaches(client: SandboxClient, host: string, servername: string): Promise<boolean> {
  const port = Number(new URL(client.sandbox.url).port);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, servername, ca: client.ca }, () => {
      resolve(socket.authorized);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

describe('the name of the sandbox', () => {
  let here: SandboxClient;
  let named: SandboxClient;
  beforeAll(async () => {
    here = await SandboxClient.start();
    // The certificates of a nameless start are replaced.
    await here.sandbox.close();
    named = await SandboxClient.start({ dataDir: here.dataDir, hostname: 'sandbox' });
    here = await SandboxClient.start();
  });
  afterAll(async () => {
    await here?.stop();
    await named?.stop();
  });

  it('is localhost, which only this machine reaches', async () => {
    expect(await reaches(here, '127.0.0.1', 'localhost')).toBe(true);
    await expect(reaches(here, '127.0.0.2', 'localhost')).rejects.toThrow('ECONNREFUSED');
  });

  it('can be another, under which others reach it', async () => {
    expect(new URL(named.sandbox.url).hostname).toBe('sandbox');
    expect(await reaches(named, '127.0.0.2', 'sandbox')).toBe(true);
    expect(await reaches(named, '127.0.0.1', 'localhost')).toBe(true);
    await expect(reaches(here, '127.0.0.1', 'sandbox')).rejects.toThrow("Host: sandbox. is not in the cert's altnames");
    // Steering it stays with this machine.
    expect(new URL(named.sandbox.adminUrl).hostname).toBe('127.0.0.1');
  });
});
