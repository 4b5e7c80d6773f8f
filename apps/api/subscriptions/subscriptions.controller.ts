import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { SubscriptionRepository } from '#db/repositories/subscription.repository.js';
import { actorOf, CurrentCaller, RequireRole, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { listEnvelope, splitListQuery } from '../http/list-envelope.js';
import {
  newSubscription,
  subscription,
  subscriptionChange,
  subscriptionId,
  subscriptionList,
  subscriptionQuery,
} from './subscriptions.schema.js';

@ApiTags('subscriptions')
@Controller('api/v1/subscriptions')
export class SubscriptionsController {
  constructor(private readonly subscriptions: SubscriptionRepository) {}

  @Get()
  @ApiOperation({ summary: 'Subscriptions the caller sees' })
  @Answers(200, subscriptionList)
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: subscriptionQuery }) query: z.infer<typeof subscriptionQuery>,
  ) {
    const { request, filter } = splitListQuery(query);
    return listEnvelope(await this.subscriptions.list(caller.scope, filter, request));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One subscription', description: '`id` is AzCops’ own, not the provider’s.' })
  @Answers(200, subscription, 404)
  get(@CurrentCaller() caller: Caller, @Param({ schema: subscriptionId }) { id }: z.infer<typeof subscriptionId>) {
    return this.subscriptions.get(caller.scope, id);
  }

  @Post()
  @ApiOperation({
    summary: 'Register a subscription',
    description: 'Discovery finds subscriptions by itself; this adds one it cannot see, or brings back a removed one.',
  })
  @RequireRole('AzCops.Admin')
  @Answers(201, subscription, 409, 413, 415)
  create(@CurrentCaller() caller: Caller, @Body({ schema: newSubscription }) body: z.infer<typeof newSubscription>) {
    return this.subscriptions.create(caller.scope, body, actorOf(caller));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change a subscription', description: 'Members left out stay as they are.' })
  @RequireRole('AzCops.Admin')
  @Answers(200, subscription, 404, 413, 415)
  change(
    @CurrentCaller() caller: Caller,
    @Param({ schema: subscriptionId }) { id }: z.infer<typeof subscriptionId>,
    @Body({ schema: subscriptionChange }) change: z.infer<typeof subscriptionChange>,
  ) {
    return this.subscriptions.change(caller.scope, id, change, actorOf(caller));
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Remove a subscription',
    description: 'Ingestion stops and discovery does not bring it back; ledger and audit log stay.',
  })
  @RequireRole('AzCops.Admin')
  @HttpCode(204)
  @Answers(204, undefined, 404)
  async remove(
    @CurrentCaller() caller: Caller,
    @Param({ schema: subscriptionId }) { id }: z.infer<typeof subscriptionId>,
  ) {
    await this.subscriptions.remove(caller.scope, id, actorOf(caller));
  }
}
