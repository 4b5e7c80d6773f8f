import { z } from 'zod';
import { SERVICE_NAMES } from './router.js';

/** Instead of the service's answer; one of them at most. */
const ANSWERS = ['status', 'throttle', 'expiredToken', 'claimsChallenge'] as const;
/** Changes of the real answer's paging, which have to wait for an answer that has pages. */
const PAGES = ['nextLink', 'page'] as const;
const TRANSPORT = ['delayMs', 'hangUp', 'truncate', 'malformed'] as const;

/** A fault as it is ordered: what it matches, what it does, and how often. */
export const faultSchema = z
  .strictObject({
    service: z.enum(SERVICE_NAMES).optional(),
    method: z.string().optional(),
    pathContains: z.string().optional(),
    tenant: z.string().optional(),
    subscription: z.string().optional(),
    /** How many requests it hits; 0 means until it is cleared. */
    times: z.int().min(0).default(1),
    /** How many matching requests pass before it starts. */
    after: z.int().min(0).default(0),
    /** Hits one of so many matching requests, the first one included. */
    every: z.int().min(1).default(1),
    status: z.int().min(200).max(599).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.unknown().optional(),
    /** The service's own refusal of too many requests. */
    throttle: z.literal(true).optional(),
    retryAfterSeconds: z.int().min(0).max(86_400).optional(),
    /** The service's own 401 of a token past its time. */
    expiredToken: z.literal(true).optional(),
    /** A 401 that asks for a token with further claims. */
    claimsChallenge: z.literal(true).optional(),
    nextLink: z.enum(['foreign-host', 'loop', 'garbage']).optional(),
    /** `duplicate` serves a page's rows once more in place of the next one's, `lost` serves none; both lead on. */
    page: z.enum(['duplicate', 'lost']).optional(),
    delayMs: z.int().min(0).max(600_000).optional(),
    hangUp: z.boolean().optional(),
    truncate: z.boolean().optional(),
    malformed: z.boolean().optional(),
  })
  .refine(
    (fault) => [...ANSWERS, ...PAGES, ...TRANSPORT].some((name) => fault[name] !== undefined),
    `a fault needs one of ${[...ANSWERS, ...PAGES, ...TRANSPORT].join(', ')}`,
  )
  .refine(
    (fault) => ANSWERS.filter((name) => fault[name] !== undefined).length <= 1,
    `a fault answers in one way: ${ANSWERS.join(', ')}`,
  )
  .refine(
    (fault) =>
      PAGES.every((name) => fault[name] === undefined) ||
      [...ANSWERS, ...PAGES, ...TRANSPORT].filter((name) => fault[name] !== undefined).length === 1,
    `${PAGES.join(' and ')} change an answer that is otherwise right, and stand alone`,
  )
  .refine(
    ({ service, claimsChallenge }) => !claimsChallenge || (service !== 'entra' && service !== 'data-lake'),
    'claims are asked for by Resource Manager alone',
  )
  .refine(
    ({ service, claimsChallenge, expiredToken }) => service !== 'retail-prices' || !(claimsChallenge || expiredToken),
    'nobody signs in to the price list',
  )
  .refine(
    ({ retryAfterSeconds, throttle }) => retryAfterSeconds === undefined || throttle,
    'retryAfterSeconds goes with throttle',
  );

/** A fault that waits for requests. */
export type Fault = z.infer<typeof faultSchema> & { readonly id: string };

/** What a fault does to the request it hits. */
export type FaultEffect = Omit<
  Fault,
  'service' | 'method' | 'pathContains' | 'tenant' | 'subscription' | 'times' | 'after' | 'every'
>;
