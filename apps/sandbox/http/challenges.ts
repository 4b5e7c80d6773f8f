import { type SandboxRequest, type ServiceError, azureError } from './exchange.js';

/** Resource Manager's 401 with the challenge that goes with it. */
export function authenticationChallenge(request: SandboxRequest, code: string, message: string): ServiceError {
  const error = code === 'AuthenticationFailed' ? 'invalid_request' : 'invalid_token';
  return azureError(401, code, message, {
    headers: {
      'www-authenticate': `Bearer authorization_uri="${request.origin}/organizations", error="${error}", error_description="${message}"`,
    },
  });
}

/**
 * The 401 of continuous access evaluation: the token was revoked before its time, and the claims to ask the next one
 * with stand in the challenge, in base64.
 */
export function claimsChallenge(request: SandboxRequest, now: Date): ServiceError {
  const notBefore = String(Math.floor(now.getTime() / 1000));
  const claims = JSON.stringify({ access_token: { nbf: { essential: true, value: notBefore } } });
  const message =
    'Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp';
  return azureError(401, 'InvalidAuthenticationToken', message, {
    headers: {
      'www-authenticate': `Bearer realm="", authorization_uri="${request.origin}/common/oauth2/authorize", error_description="${message}", error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`,
    },
  });
}
