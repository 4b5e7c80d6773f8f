import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { TenantRepository } from '#db/repositories/tenant.repository.js';
import { actorOf, CurrentCaller, requireHome, RequireRole, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { listEnvelope, splitListQuery } from '../http/list-envelope.js';
import { newTenant, tenant, tenantChange, tenantId, tenantList, tenantQuery } from './tenants.schema.js';

@ApiTags('tenants')
@Controller('api/v1/tenants')
export class TenantsController {
  constructor(private readonly tenants: TenantRepository) {}

  @Get()
  @ApiOperation({ summary: 'Tenants the caller sees' })
  @Answers(200, tenantList)
  async list(@CurrentCaller() caller: Caller, @Query({ schema: tenantQuery }) query: z.infer<typeof tenantQuery>) {
    const { request, filter } = splitListQuery(query);
    return listEnvelope(await this.tenants.list(caller.scope, filter, request));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One tenant' })
  @Answers(200, tenant, 404)
  get(@CurrentCaller() caller: Caller, @Param({ schema: tenantId }) { id }: z.infer<typeof tenantId>) {
    return this.tenants.get(caller.scope, id);
  }

  @Post()
  @ApiOperation({
    summary: 'Register a tenant',
    description: 'Operator only. Registering a removed tenant brings it back with its history.',
  })
  @RequireRole('AzCops.Admin')
  @Answers(201, tenant, 409, 413, 415)
  create(@CurrentCaller() caller: Caller, @Body({ schema: newTenant }) body: z.infer<typeof newTenant>) {
    requireHome(caller, 'create tenants');
    return this.tenants.create(caller.scope, body, actorOf(caller));
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Change a tenant',
    description: 'Members left out stay as they are. Only the operator changes type and credential_ref.',
  })
  @RequireRole('AzCops.Admin')
  @Answers(200, tenant, 404, 413, 415)
  change(
    @CurrentCaller() caller: Caller,
    @Param({ schema: tenantId }) { id }: z.infer<typeof tenantId>,
    @Body({ schema: tenantChange }) change: z.infer<typeof tenantChange>,
  ) {
    // Credentials are the operator's: naming another tenant's would read that tenant's estate.
    if (change.credential_ref !== undefined || change.type) requireHome(caller, 'change credential_ref or type');
    return this.tenants.change(caller.scope, id, change, actorOf(caller));
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Remove a tenant',
    description: 'Operator only. Ingestion stops and the tenant’s callers see nothing; ledger and audit log stay.',
  })
  @RequireRole('AzCops.Admin')
  @HttpCode(204)
  @Answers(204, undefined, 404)
  async remove(@CurrentCaller() caller: Caller, @Param({ schema: tenantId }) { id }: z.infer<typeof tenantId>) {
    requireHome(caller, 'delete tenants');
    await this.tenants.remove(caller.scope, id, actorOf(caller));
  }
}
