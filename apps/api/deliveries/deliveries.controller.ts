import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { DeliveryRepository } from '#db/repositories/delivery.repository.js';
import { actorOf, CurrentCaller, RequireRole, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { listEnvelope, splitListQuery } from '../http/list-envelope.js';
import { delivery, deliveryId, deliveryList, deliveryQuery } from './deliveries.schema.js';

@ApiTags('deliveries')
@Controller('api/v1/deliveries')
export class DeliveriesController {
  constructor(private readonly deliveries: DeliveryRepository) {}

  @Get()
  @ApiOperation({ summary: 'What was told to which channel, and what became of it' })
  @RequireRole('AzCops.Approver')
  @Answers(200, deliveryList)
  async list(@CurrentCaller() caller: Caller, @Query({ schema: deliveryQuery }) query: z.infer<typeof deliveryQuery>) {
    const { request, filter } = splitListQuery(query);
    return listEnvelope(await this.deliveries.list(caller.scope, filter, request));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One delivery' })
  @RequireRole('AzCops.Approver')
  @Answers(200, delivery, 404)
  get(@CurrentCaller() caller: Caller, @Param({ schema: deliveryId }) { id }: z.infer<typeof deliveryId>) {
    return this.deliveries.get(caller.scope, id);
  }

  @Post(':id/retry')
  @ApiOperation({
    summary: 'Try a failed delivery again',
    description: 'For another day, under the same id, so that a receiver that has it already can tell.',
  })
  @RequireRole('AzCops.Approver')
  @HttpCode(200)
  @Answers(200, delivery, 404, 409)
  async retry(@CurrentCaller() caller: Caller, @Param({ schema: deliveryId }) { id }: z.infer<typeof deliveryId>) {
    await this.deliveries.retry(caller.scope, id, actorOf(caller));
    return this.deliveries.get(caller.scope, id);
  }
}
