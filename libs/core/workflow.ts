/** What people decided about a recommendation. */
export const RECOMMENDATION_STATUSES = ['open', 'approved', 'executed', 'rejected', 'dismissed'] as const;
export type RecommendationStatus = (typeof RECOMMENDATION_STATUSES)[number];

/** What people can do with a recommendation; `execute` records that somebody acted in Azure. */
export const RECOMMENDATION_MOVES = ['approve', 'reject', 'execute', 'dismiss', 'reopen'] as const;
export type RecommendationMove = (typeof RECOMMENDATION_MOVES)[number];

/** Where each move leads, and how the history names it. */
export const MOVE_TARGET: Readonly<Record<RecommendationMove, RecommendationStatus>> = {
  approve: 'approved',
  reject: 'rejected',
  execute: 'executed',
  dismiss: 'dismissed',
  reopen: 'open',
};

const ALLOWED: Readonly<Record<RecommendationStatus, readonly RecommendationMove[]>> = {
  open: ['approve', 'reject', 'dismiss'],
  approved: ['execute', 'reject'],
  executed: [],
  rejected: ['reopen'],
  dismissed: ['reopen'],
};

/** The moves that a status allows; none from where it ends. */
export function movesFrom(status: RecommendationStatus): readonly RecommendationMove[] {
  return ALLOWED[status];
}
