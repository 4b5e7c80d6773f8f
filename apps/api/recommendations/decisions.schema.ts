import { z } from 'zod';
import { RECOMMENDATION_MOVES, RECOMMENDATION_STATUSES } from '#core/workflow.js';
import { oneOf, text, timestamp, uuid } from '../http/schemas.js';

const reason = text(2_000).describe('Why; kept in the history. Needed to reject and to dismiss');

const decision = {
  reason: reason.optional(),
  expected_status: oneOf(RECOMMENDATION_STATUSES)
    .optional()
    .describe('The status that the decision was made on; another one by now is answered with 409'),
  until: timestamp.optional().describe('dismiss: when it opens again by itself'),
  executed_at: timestamp.optional().describe('execute: when somebody acted, if before now'),
};

/** The body of one move. */
export const decisionBody = z.strictObject(decision).meta({ id: 'RecommendationDecision' });

export const moveParameters = z.strictObject({
  id: uuid.describe('AzCops’ own id of the recommendation'),
  move: oneOf(RECOMMENDATION_MOVES),
});

/** The same as a change of the status. */
export const statusChange = z
  .strictObject({ status: oneOf(RECOMMENDATION_STATUSES).describe('Where it is to stand'), ...decision })
  .meta({ id: 'RecommendationStatusChange' });

export const bulkDecision = z
  .strictObject({
    ids: z
      .array(uuid)
      .min(1, 'must not be empty')
      .max(500, 'must have at most 500 members')
      .transform((ids) => [...new Set(ids)]),
    move: oneOf(RECOMMENDATION_MOVES),
    ...decision,
  })
  .meta({ id: 'RecommendationBulkDecision' });

export const bulkOutcome = z
  .object({
    moved: z.number().int(),
    refused: z.number().int(),
    items: z.array(
      z.object({
        id: z.guid(),
        status: z.enum(RECOMMENDATION_STATUSES).nullable().describe('Where it stands now; null where it was refused'),
        code: z.string().nullable().describe('not_found or conflict; null where it moved'),
        detail: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'RecommendationBulkOutcome' });
