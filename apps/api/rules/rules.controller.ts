import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { InvalidInputError, NotFoundError } from '#core/errors.js';
import { RuleRepository, type RuleCountRow } from '#db/repositories/rule.repository.js';
import { TenantRepository } from '#db/repositories/tenant.repository.js';
import { RULES } from '#rules/registry.js';
import type { Rule } from '#rules/rule.js';
import { actorOf, CurrentCaller, RequireRole, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { Conditional } from '../http/conditional.js';
import {
  rule as ruleShape,
  ruleCatalogue,
  ruleId,
  ruleQuery,
  ruleSetting,
  ruleSettingChange,
  ruleSettings,
  tenantOfRules,
  tenantRule,
} from './rules.schema.js';

@ApiTags('rules')
@Controller('api/v1')
export class RulesController {
  constructor(
    private readonly rules: RuleRepository,
    private readonly tenants: TenantRepository,
  ) {}

  @Get('rules')
  @ApiOperation({
    summary: 'The rules, and what their latest evaluation came to',
    description: 'A rule that lacks data says so under not_evaluated; it closes nothing then.',
  })
  @Answers(200, ruleCatalogue)
  @Conditional()
  async catalogue(@CurrentCaller() caller: Caller, @Query({ schema: ruleQuery }) query: z.infer<typeof ruleQuery>) {
    const counts = new Map((await this.rules.counts(caller.scope, query.tenant_id)).map((row) => [row.rule, row]));
    return { items: [...RULES.values()].map((rule) => shown(rule, counts.get(rule.id))) };
  }

  @Get('rules/:rule')
  @ApiOperation({ summary: 'One rule' })
  @Answers(200, ruleShape, 404)
  @Conditional()
  async get(
    @CurrentCaller() caller: Caller,
    @Param({ schema: ruleId }) { rule: id }: z.infer<typeof ruleId>,
    @Query({ schema: ruleQuery }) query: z.infer<typeof ruleQuery>,
  ) {
    const counts = await this.rules.counts(caller.scope, query.tenant_id);
    return shown(
      known(id),
      counts.find((row) => row.rule === id),
    );
  }

  @Get('tenants/:id/rules')
  @ApiOperation({ summary: 'Where a tenant departs from the rules’ defaults' })
  @Answers(200, ruleSettings, 404)
  async settings(
    @CurrentCaller() caller: Caller,
    @Param({ schema: tenantOfRules }) { id }: z.infer<typeof tenantOfRules>,
  ) {
    await this.tenants.get(caller.scope, id);
    return { items: await this.rules.settings(caller.scope, id) };
  }

  @Put('tenants/:id/rules/:rule')
  @ApiOperation({
    summary: 'Set a rule for a tenant',
    description: 'Replaces what was set. It counts from the next full run; switching a rule off resolves its findings.',
  })
  @RequireRole('AzCops.Admin')
  @Answers(200, ruleSetting, 404, 413, 415)
  async set(
    @CurrentCaller() caller: Caller,
    @Param({ schema: tenantRule }) { id, rule }: z.infer<typeof tenantRule>,
    @Body({ schema: ruleSettingChange }) body: z.infer<typeof ruleSettingChange>,
  ) {
    refuseOutOfBounds(known(rule), body.thresholds);
    const setting = { rule, ...body };
    await this.rules.set(caller.scope, id, setting, actorOf(caller));
    return setting;
  }
}

function known(id: string): Rule {
  const rule = RULES.get(id);
  if (!rule) throw new NotFoundError(`There is no rule ${id}. GET /api/v1/rules lists them.`);
  return rule;
}

function refuseOutOfBounds(rule: Rule, thresholds: Readonly<Record<string, number>>): void {
  const problems = Object.entries(thresholds).flatMap(([name, value]) => {
    const field = `thresholds.${name}`;
    const threshold = Object.hasOwn(rule.thresholds, name) ? rule.thresholds[name] : undefined;
    if (!threshold) return [{ field, message: `is not known; the rule has ${thresholdNames(rule)}` }];
    const { minimum, maximum, unit } = threshold;
    return value >= minimum && value <= maximum
      ? []
      : [{ field, message: `must lie between ${minimum} and ${maximum} ${unit}` }];
  });
  if (problems.length === 0) return;
  throw new InvalidInputError(problems.map(({ field, message }) => `${field} ${message}.`).join(' '), problems);
}

function thresholdNames(rule: Rule): string {
  return Object.keys(rule.thresholds).join(', ') || 'no thresholds';
}

function shown(rule: Rule, counts: RuleCountRow | undefined) {
  return {
    rule: rule.id,
    title: rule.title,
    finds: rule.finds,
    leaves_out: [...rule.leavesOut],
    savings: rule.savings,
    category: rule.category,
    action: rule.action,
    impact: rule.impact,
    risk: rule.risk,
    effort: rule.effort,
    resource_types: [...rule.resourceTypes],
    needs: [...rule.needs],
    thresholds: Object.entries(rule.thresholds).map(([name, threshold]) => ({ name, ...threshold })),
    links: [...rule.links],
    examined: counts?.examined ?? 0,
    found: counts?.found ?? 0,
    not_evaluated: counts?.not_evaluated ?? {},
    evaluated_at: counts?.evaluated_at ?? null,
  };
}
