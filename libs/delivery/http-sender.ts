import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { isIP, type LookupFunction } from 'node:net';
import { DeliveryPostponedError, DeliveryRefusedError } from './delivery-error.js';
import { destinationProblem, hostOf, isPublicAddress } from './destination.js';

/** A request as channels make it. `body` is sent as it stands, for it may be signed. */
export interface Outgoing {
  method: 'GET' | 'POST' | 'PATCH';
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
}

/** What came back, whatever its status. */
export interface Incoming {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

export interface HttpSenderOptions {
  /** Lower-cased hosts whose address may be private. */
  allowedHosts: readonly string[];
  /** From the connection's first step to the last byte of the answer. */
  timeoutMs?: number;
  /** Certificate authorities beside Node's own. */
  ca?: string;
  /** How names become addresses; the system's way by default. */
  lookup?: typeof systemLookup;
}

/** Standard Webhooks asks for 15 to 30 seconds. */
const TIMEOUT_MS = 20_000;
/** Answers are receipts; a search for one ticket is a few kilobytes. */
const MOST_ANSWER_BYTES = 256 * 1024;

/**
 * Sends to addresses that tenants name, which therefore must not reach what only this machine reaches: HTTPS alone, no
 * redirects, and the address that is connected to is the one that was checked.
 */
export class HttpSender {
  private readonly agent: Agent;

  constructor(private readonly options: HttpSenderOptions) {
    this.agent = new Agent({ keepAlive: false, ca: options.ca && [options.ca] });
  }

  /**
   * One exchange. Throws `DeliveryRefusedError` where nothing may be sent to, `DeliveryPostponedError` when no whole
   * answer came, and the signal's reason once it aborts.
   */
  async send(outgoing: Outgoing, signal: AbortSignal): Promise<Incoming> {
    const problem = destinationProblem(outgoing.url, this.options.allowedHosts);
    if (problem) throw forbidden(`The address ${problem}.`);
    signal.throwIfAborted();
    const timeout = AbortSignal.timeout(this.options.timeoutMs ?? TIMEOUT_MS);
    try {
      return await this.exchange(outgoing, AbortSignal.any([signal, timeout]));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ForbiddenAddress) throw forbidden(error.message);
      const code = timeout.aborted ? 'no answer in time' : ((error as { code?: string }).code ?? 'connection cut');
      // Nothing but the code: messages of the network hold addresses.
      throw new DeliveryPostponedError(`The receiver could not be reached (${code}).`);
    }
  }

  private exchange({ method, url, headers, body }: Outgoing, signal: AbortSignal): Promise<Incoming> {
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        url,
        {
          method,
          agent: this.agent,
          signal,
          lookup: this.checkedLookup(hostOf(new URL(url))),
          headers: {
            'user-agent': 'azcops',
            accept: 'application/json',
            ...(body !== undefined && {
              'content-type': 'application/json',
              'content-length': String(Buffer.byteLength(body)),
            }),
            ...headers,
          },
        },
        (response) => {
          readText(response).then(
            (text) => resolve({ status: response.statusCode!, headers: response.headers, text }),
            reject,
          );
        },
      );
      request.once('error', reject);
      request.end(body);
    });
  }

  /** Node resolves once and connects to what this answers, so the name cannot lead elsewhere between check and use. */
  private checkedLookup(host: string): LookupFunction {
    const lookup = this.options.lookup ?? systemLookup;
    const mayBePrivate = this.options.allowedHosts.includes(host);
    return (hostname, options, callback) => {
      lookup(hostname, { ...options, all: true }, (error, addresses) => {
        const found = addresses as LookupAddress[];
        if (error) return callback(error, []);
        if (!mayBePrivate && !found.every(({ address }) => isPublicAddress(address))) {
          return callback(new ForbiddenAddress(`The name ${host} stands for a private address.`), []);
        }
        if (options.all) callback(null, found);
        else callback(null, found[0]!.address, found[0]!.family ?? isIP(found[0]!.address));
      });
    };
  }
}

class ForbiddenAddress extends Error {}

function forbidden(message: string): DeliveryRefusedError {
  return new DeliveryRefusedError(
    message,
    'Correct the address of the channel. To send to a private host on purpose, the operator names it in DELIVERY_ALLOWED_HOSTS.',
  );
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Enough to know the status; a receiver that goes on and on must not fill the memory.
    if (bytes > MOST_ANSWER_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
