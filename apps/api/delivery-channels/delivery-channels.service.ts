import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Config } from '#core/config.js';
import { ForbiddenError, InvalidInputError, type FieldProblem } from '#core/errors.js';
import { DeliveryChannelRepository, type DeliveryChannelRow } from '#db/repositories/delivery-channel.repository.js';
import { destinationProblem } from '#delivery/destination.js';
import { channels } from '#delivery/registry.js';
import { actorOf, type Caller } from '../auth/caller.js';
import { CONFIG } from '../tokens.js';
import type { deliveryChannelChange, newDeliveryChannel } from './delivery-channels.schema.js';

/** Decides which channels may be: what their kind needs, where they may lead, and whose secrets they may use. */
@Injectable()
export class DeliveryChannelsService {
  constructor(
    private readonly repository: DeliveryChannelRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  create(caller: Caller, body: z.infer<typeof newDeliveryChannel>): Promise<DeliveryChannelRow> {
    const channel = {
      ...body,
      url: body.url ?? null,
      options: body.options ?? {},
      filter: body.filter ?? {},
      digest: body.digest ?? 'each',
      enabled: body.enabled ?? true,
    };
    this.requireSecretOf(caller, channel.secret_ref);
    return this.repository.create(caller.scope, this.checked(channel, 'url' in body), actorOf(caller));
  }

  async change(caller: Caller, id: string, change: z.infer<typeof deliveryChannelChange>): Promise<DeliveryChannelRow> {
    const before = await this.repository.get(caller.scope, id);
    if (change.url !== undefined || change.secret_ref !== undefined || change.options !== undefined) {
      this.requireSecretOf(caller, before.secret_ref);
      if (change.secret_ref !== undefined) this.requireSecretOf(caller, change.secret_ref);
    }
    const { options } = this.checked({ ...before, ...change }, change.url !== undefined);
    return this.repository.change(
      caller.scope,
      id,
      change.options === undefined ? change : { ...change, options },
      actorOf(caller),
    );
  }

  /** Secrets are the operator's: naming another tenant's, or pointing it elsewhere, would send it there. */
  private requireSecretOf(caller: Caller, ref: string): void {
    const { secrets } = this.config.delivery;
    const secret = Object.hasOwn(secrets, ref) ? secrets[ref] : undefined;
    if (caller.isHome || secret?.tenantId === caller.azureTenantId) return;
    throw new ForbiddenError(
      `The secret ${ref} is not your tenant's to use. Ask the operator to set DELIVERY_SECRET_${ref}_TENANT_ID to your ` +
        'Entra tenant, or to change the channel for you.',
    );
  }

  private checked<Draft extends Pick<DeliveryChannelRow, 'kind' | 'url' | 'options' | 'digest'>>(
    draft: Draft,
    isUrlGiven: boolean,
  ): Draft {
    const channel = channels.get(draft.kind)!;
    const problems: FieldProblem[] = [];
    const add = (field: string, message: string) => problems.push({ field, message });
    if (channel.addressIn === 'secret') {
      if (draft.url !== null)
        add('url', `must be absent: the URL of ${draft.kind} is a secret, DELIVERY_SECRET_{REF}_URL`);
    } else if (draft.url === null) {
      add('url', `is needed for ${draft.kind}`);
    } else if (isUrlGiven) {
      const problem = destinationProblem(draft.url, this.config.delivery.allowedHosts);
      if (problem) add('url', problem);
    }
    if (draft.digest === 'daily' && !channel.hasDigest) {
      add('digest', `must be each for ${draft.kind}: a ticket is about one recommendation`);
    }
    const options = channel.options.safeParse(draft.options);
    for (const issue of options.error?.issues ?? []) {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [''];
      const message = issue.code === 'unrecognized_keys' ? `is not known to ${draft.kind}` : issue.message;
      for (const key of keys) add(['options', ...issue.path, key].filter((part) => part !== '').join('.'), message);
    }
    if (problems.length > 0) {
      throw new InvalidInputError(
        `The channel cannot be like this: ${problems[0]!.field} ${problems[0]!.message}.`,
        problems,
      );
    }
    return { ...draft, options: options.data! };
  }
}
