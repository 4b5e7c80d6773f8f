import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { DeliveryChannelRepository } from '#db/repositories/delivery-channel.repository.js';
import { actorOf, CurrentCaller, RequireRole, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { listEnvelope, splitListQuery } from '../http/list-envelope.js';
import {
  channelId,
  deliveryChannel,
  deliveryChannelChange,
  deliveryChannelList,
  deliveryChannelQuery,
  newDeliveryChannel,
  queuedTest,
} from './delivery-channels.schema.js';
import { DeliveryChannelsService } from './delivery-channels.service.js';

@ApiTags('delivery-channels')
@Controller('api/v1/delivery-channels')
export class DeliveryChannelsController {
  constructor(
    private readonly channels: DeliveryChannelRepository,
    private readonly service: DeliveryChannelsService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Where the caller’s tenants are told of recommendations' })
  @RequireRole('AzCops.Admin')
  @Answers(200, deliveryChannelList)
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: deliveryChannelQuery }) query: z.infer<typeof deliveryChannelQuery>,
  ) {
    const { request, filter } = splitListQuery(query);
    return listEnvelope(await this.channels.list(caller.scope, filter, request));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One channel' })
  @RequireRole('AzCops.Admin')
  @Answers(200, deliveryChannel, 404)
  get(@CurrentCaller() caller: Caller, @Param({ schema: channelId }) { id }: z.infer<typeof channelId>) {
    return this.channels.get(caller.scope, id);
  }

  @Post()
  @ApiOperation({
    summary: 'Make a channel',
    description:
      'It is told of what happens from now on. The operator may name any configured secret; others those that are ' +
      'bound to their tenant.',
  })
  @RequireRole('AzCops.Admin')
  @Answers(201, deliveryChannel, 409, 413, 415)
  create(
    @CurrentCaller() caller: Caller,
    @Body({ schema: newDeliveryChannel }) body: z.infer<typeof newDeliveryChannel>,
  ) {
    return this.service.create(caller, body);
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Change a channel',
    description: 'Members left out stay as they are; filter and options are replaced as a whole.',
  })
  @RequireRole('AzCops.Admin')
  @Answers(200, deliveryChannel, 404, 409, 413, 415)
  change(
    @CurrentCaller() caller: Caller,
    @Param({ schema: channelId }) { id }: z.infer<typeof channelId>,
    @Body({ schema: deliveryChannelChange }) change: z.infer<typeof deliveryChannelChange>,
  ) {
    return this.service.change(caller, id, change);
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Remove a channel',
    description: 'What waits to be sent is given up; what was sent stays in the list of deliveries.',
  })
  @RequireRole('AzCops.Admin')
  @HttpCode(204)
  @Answers(204, undefined, 404)
  async remove(@CurrentCaller() caller: Caller, @Param({ schema: channelId }) { id }: z.infer<typeof channelId>) {
    await this.channels.remove(caller.scope, id, actorOf(caller));
  }

  @Post(':id/test')
  @ApiOperation({
    summary: 'Send a test message',
    description:
      'Also through a disabled channel. Answers at once; follow status_url. No ticket is made: ServiceNow and Jira are ' +
      'asked whether the account may.',
  })
  @RequireRole('AzCops.Admin')
  @HttpCode(202)
  @Answers(202, queuedTest, 404)
  async test(@CurrentCaller() caller: Caller, @Param({ schema: channelId }) { id }: z.infer<typeof channelId>) {
    const delivery = await this.channels.queueTest(caller.scope, id, actorOf(caller));
    return { delivery_id: delivery, status_url: `/api/v1/deliveries/${delivery}` };
  }
}
