import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { Clock } from '#core/clock.js';
import { VirtualMachineUtilisationRepository } from '#db/repositories/virtual-machine-utilisation.repository.js';
import {
  evaluateVirtualMachineUtilisation,
  UTILISATION_DEFAULTS,
} from '#rules/underutilised-virtual-machine/underutilised-virtual-machine.rule.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { Conditional } from '../http/conditional.js';
import { listEnvelope, splitListQuery } from '../http/list-envelope.js';
import { CLOCK } from '../tokens.js';
import { utilisationList, utilisationQuery } from './virtual-machines.schema.js';

@ApiTags('virtual-machines')
@Controller('api/v1/virtual-machines')
export class VirtualMachinesController {
  constructor(
    private readonly machines: VirtualMachineUtilisationRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('utilisation')
  @ApiOperation({
    summary: 'Which virtual machines do little for their size',
    description:
      'Every machine of the inventory with a verdict, its reason and the evidence. underutilised: CPU averages below ' +
      '10 % and the 95th percentile of used memory is below 80 %. not_evaluated: either was not measured, not within ' +
      'the last three days, or in fewer than a quarter of the points.',
  })
  @Answers(200, utilisationList)
  @Conditional()
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: utilisationQuery }) query: z.infer<typeof utilisationQuery>,
  ) {
    const { request, filter } = splitListQuery(query);
    const now = this.clock.now();
    const page = await this.machines.list(caller.scope, filter, UTILISATION_DEFAULTS, now, request);
    const items = page.items.map(({ cpu, memory, ...machine }) => {
      const { reasonCode, ...result } = evaluateVirtualMachineUtilisation({ cpu, memory, now });
      return { ...machine, ...result, reason_code: reasonCode };
    });
    return listEnvelope({ ...page, items });
  }
}
