import { describe, expect, it } from 'vitest';
import {
  CredentialError,
  PermissionError,
  SourceRejectedError,
  UnavailableError,
  type SourceError,
} from '#core/errors.js';
import { readRefusal, refusalError } from './error-mapping.js';
import { GroupingRefusedError, ResponseTooLargeError } from './refusals.js';

const NEED = { role: 'Cost Management Reader', scope: 'subscription s1' };
const refuse = (status: number, body: unknown): SourceError =>
  refusalError(status, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), NEED, 'POST https://x/');
const enveloped = (code: string, message = 'message') => ({ error: { code, message } });

describe('refusalError', () => {
  it.each([401, 403, 407])(
    'finds whoever stands in between where nobody signs in, and no role to grant (%i)',
    (status) => {
      const error = refusalError(status, Buffer.from('Forbidden by proxy'), null, 'GET https://prices/');
      expect(error).toBeInstanceOf(SourceRejectedError);
      expect(error.action).toContain('check the proxy or firewall');
    },
  );

  it('reads the capitalised envelope of Retail Prices', () => {
    const body = Buffer.from('{"Error":{"Code":"BadRequest","Message":"Invalid OData parameters supplied"}}');
    expect(refusalError(400, body, null, 'GET https://prices/').message).toContain(
      'Azure answered 400 BadRequest: Invalid OData parameters supplied',
    );
  });

  it.each([
    [401, enveloped('InvalidAuthenticationToken'), CredentialError],
    [401, enveloped('InvalidAuthenticationTokenTenant'), CredentialError],
    [401, '', CredentialError],
    [401, enveloped('RBACAccessDenied'), PermissionError],
    [401, enveloped('Unauthorized'), PermissionError],
    [403, enveloped('AuthorizationFailed'), PermissionError],
    [403, enveloped('BillingAccessDenied'), PermissionError],
    [403, 'Forbidden', PermissionError],
    [
      400,
      enveloped(
        '400',
        'Cost Management supports only Enterprise Agreement, Web direct … offer types. offerId: MS-AZR-0036P',
      ),
      UnavailableError,
    ],
    [400, enveloped('BadRequest', 'The offer MS-AZR-0036P is not supported'), UnavailableError],
    [400, enveloped('400', "Invalid definition type 'AmortizedCost'; valid values: 'Usage'."), UnavailableError],
    [400, enveloped('BadRequest', 'The query usage is not supported for the scope'), UnavailableError],
    [
      404,
      enveloped('NotFound', "Given subscription s1 doesn't have valid WebDirect/AIRS offer type. (Request ID: r)"),
      UnavailableError,
    ],
    [404, enveloped('NotFound', 'Cost management data is not supported for subscription(s) s1'), UnavailableError],
    [404, enveloped('SubscriptionNotFound'), UnavailableError],
    [400, enveloped('BillingSubscriptionNotFound'), UnavailableError],
    [403, enveloped('SubscriptionCostDisabled'), UnavailableError],
    [400, enveloped('IndirectCostDisabled'), UnavailableError],
    [409, enveloped('DisallowedOperation'), UnavailableError],
    [
      400,
      enveloped(
        'BadRequest',
        "Invalid query definition: Invalid dataset grouping: 'x'; valid values: 'ResourceGroup'.",
      ),
      GroupingRefusedError,
    ],
    [400, enveloped('BadRequest', 'Invalid query definition: the number of groupings exceeds 2'), GroupingRefusedError],
    [
      400,
      enveloped('BadRequest', 'Invalid query definition: The time period cannot exceed 1 year(s)'),
      SourceRejectedError,
    ],
    [400, enveloped('ResponsePayloadTooLarge', 'Response payload size is 17012345'), ResponseTooLargeError],
    [424, enveloped('FailedDependency'), SourceRejectedError],
    [302, '', SourceRejectedError],
  ])('maps %s %j', (status, body, type) => {
    const error = refuse(status, body);
    expect(error.constructor).toBe(type);
    expect(error.action).not.toBe('');
  });

  it('tells a subscription that has moved to another tenant from a token of the wrong one', () => {
    const moved = Buffer.from(JSON.stringify(enveloped('InvalidAuthenticationTokenTenant', 'must match the tenant')));
    const error = refusalError(401, moved, NEED, 'POST https://x/subscriptions/s1/providers/y');
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error.action).toMatch(/Register the tenant that it belongs to now/);
  });

  it('names the missing role and where it is missing', () => {
    const error = refuse(403, enveloped('AuthorizationFailed')) as PermissionError;
    expect(error).toMatchObject({ missingRole: 'Cost Management Reader', scope: 'subscription s1' });
    expect(error.message).toMatch(/^The role "Cost Management Reader" is missing on subscription s1\./);
  });

  it('carries neither tokens nor signatures', () => {
    const message = 'token eyJhbGciOi.eyJzdWIi.c2ln at https://x/?sig=abc%3D&client_secret=geheim';
    expect(refuse(400, enveloped('BadRequest', message)).message).not.toMatch(/eyJ|abc|geheim/);
  });
});

describe('a resource provider that nobody registered', () => {
  it('is told with the command that registers it', () => {
    const message = "The subscription 's1' is not registered to use namespace 'Microsoft.Insights'. See https://x.";
    expect(refuse(403, enveloped('MissingSubscriptionRegistration', message)).action).toBe(
      'Register it once: az provider register --namespace Microsoft.Insights --subscription s1',
    );
    expect(refuse(409, enveloped('SubscriptionNotRegistered')).action).toContain('<the provider that');
  });
});

describe('readRefusal', () => {
  const read = (body: string) => readRefusal(400, Buffer.from(body));
  it('reads the envelope with details, the flat variant, numeric codes and pages that are not JSON', () => {
    const details = [
      { code: 'InvalidQuery', message: 'Query is invalid.' },
      { code: 'P', line: 1 },
    ];
    expect(read(JSON.stringify({ error: { code: 'BadRequest', message: 'Please\r\nprovide', details } }))).toEqual({
      code: 'BadRequest',
      message: 'Please provide Query is invalid.',
    });
    expect(read('{"code":"BadRequest","message":"flat"}')).toEqual({ code: 'BadRequest', message: 'flat' });
    expect(read('{"error":{"code":429,"message":"slow"}}')).toEqual({ code: '429', message: 'slow' });
    for (const body of ['<html>', '', 'null', '[]', '{"error":"x"}', '{"error":null}']) {
      expect(read(body)).toEqual({ code: '400', message: 'no explanation' });
    }
  });
});
