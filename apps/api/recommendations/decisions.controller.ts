import { Body, Controller, HttpCode, Inject, Param, Patch, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { Clock } from '#core/clock.js';
import { InvalidInputError, type FieldProblem } from '#core/errors.js';
import { MOVE_TARGET, RECOMMENDATION_MOVES, type RecommendationMove } from '#core/workflow.js';
import { RecommendationRepository } from '#db/repositories/recommendation.repository.js';
import {
  RecommendationDecisionRepository,
  type Decision,
} from '#db/repositories/recommendation-decision.repository.js';
import { actorOf, CurrentCaller, RequireRole, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { CLOCK } from '../tokens.js';
import { bulkDecision, bulkOutcome, decisionBody, moveParameters, statusChange } from './decisions.schema.js';
import { recommendation, recommendationId } from './recommendations.schema.js';

const WORKFLOW =
  'open → approved → executed; open → rejected → open; open → dismissed → open; approved → rejected. Any other move is ' +
  'answered with 409 and the moves that are allowed; so is the later of two decisions at once.';

/** How far back somebody may say that they acted: costs before and after must still be in reach. */
const EARLIEST_EXECUTION_DAYS = 60;

@ApiTags('recommendations')
@Controller('api/v1/recommendations')
export class DecisionsController {
  constructor(
    private readonly recommendations: RecommendationRepository,
    private readonly decisions: RecommendationDecisionRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post('decisions')
  @ApiOperation({
    summary: 'Decide about many recommendations',
    description: `The same move for each; one that cannot be made does not stop the others. ${WORKFLOW}`,
  })
  @RequireRole('AzCops.Approver')
  @HttpCode(200)
  @Answers(200, bulkOutcome, 413, 415)
  async bulk(@CurrentCaller() caller: Caller, @Body({ schema: bulkDecision }) body: z.infer<typeof bulkDecision>) {
    const decision = this.decisionOf(body.move, body);
    const outcomes = await this.decisions.decideAll(caller.scope, body.ids, decision, actorOf(caller));
    const moved = outcomes.filter(({ problem }) => problem === null).length;
    return {
      moved,
      refused: outcomes.length - moved,
      items: outcomes.map(({ id, status, problem }) => ({
        id,
        status,
        code: problem?.code ?? null,
        detail: problem?.message ?? null,
      })),
    };
  }

  @Post(':id/:move')
  @ApiOperation({
    summary: 'Approve, reject, execute, dismiss or reopen',
    description: `execute records that a person acted: AzCops itself changes nothing in Azure. ${WORKFLOW}`,
  })
  @RequireRole('AzCops.Approver')
  @HttpCode(200)
  @Answers(200, recommendation, 404, 409, 413, 415)
  async decide(
    @CurrentCaller() caller: Caller,
    @Param({ schema: moveParameters }) { id, move }: z.infer<typeof moveParameters>,
    @Body({ schema: decisionBody }) body: z.infer<typeof decisionBody>,
  ) {
    return this.make(caller, id, this.decisionOf(move, body));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change the status', description: WORKFLOW })
  @RequireRole('AzCops.Approver')
  @Answers(200, recommendation, 404, 409, 413, 415)
  async change(
    @CurrentCaller() caller: Caller,
    @Param({ schema: recommendationId }) { id }: z.infer<typeof recommendationId>,
    @Body({ schema: statusChange }) { status, ...body }: z.infer<typeof statusChange>,
  ) {
    const move = RECOMMENDATION_MOVES.find((candidate) => MOVE_TARGET[candidate] === status)!;
    return this.make(caller, id, this.decisionOf(move, body));
  }

  private async make(caller: Caller, id: string, decision: Decision) {
    await this.decisions.decide(caller.scope, id, decision, actorOf(caller));
    return this.recommendations.get(caller.scope, id);
  }

  private decisionOf(move: RecommendationMove, body: z.infer<typeof decisionBody>): Decision {
    const now = this.clock.now().getTime();
    const until = body.until === undefined ? null : new Date(body.until);
    const executedAt = body.executed_at === undefined ? null : new Date(body.executed_at);
    const problems: FieldProblem[] = [];
    const refuse = (field: string, message: string) => void problems.push({ field, message });
    if ((move === 'reject' || move === 'dismiss') && body.reason === undefined)
      refuse('reason', `is needed to ${move}`);
    if (until && move !== 'dismiss') refuse('until', 'is for dismiss alone');
    if (until && until.getTime() <= now) refuse('until', 'must lie ahead');
    if (executedAt && move !== 'execute') refuse('executed_at', 'is for execute alone');
    if (
      executedAt &&
      (executedAt.getTime() > now || executedAt.getTime() < now - EARLIEST_EXECUTION_DAYS * 86_400_000)
    ) {
      refuse('executed_at', `must lie within the last ${EARLIEST_EXECUTION_DAYS} days`);
    }
    if (problems.length > 0) {
      throw new InvalidInputError(problems.map(({ field, message }) => `${field} ${message}.`).join(' '), problems);
    }
    return { move, reason: body.reason ?? null, expectedStatus: body.expected_status ?? null, until, executedAt };
  }
}
