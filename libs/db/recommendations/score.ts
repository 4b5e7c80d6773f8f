/**
 * The order in which recommendations are worth a person's time: 0 to 100, the sum of its parts. Up to 45 points for
 * savings on a logarithmic scale that ends at 10,000 a month, in the finding's own currency; 20 for confidence; 15 each
 * for little effort and little risk, of which an unknown level gets half; 5 for age, reached after 90 days. What saves
 * nothing, or nobody knows how much, has its other points.
 */
export const SCORE_PARTS = `jsonb_build_object(
  'savings', round(45 * least(1, ln(1 + greatest(0, coalesce(estimated_monthly_savings, 0))) / ln(10001.0)), 1),
  'confidence', round(20 * coalesce(confidence, 0), 1),
  'effort', ${pointsOf('effort')},
  'risk', ${pointsOf('risk')},
  'age', round(5 * least(1, greatest(0, ($3::timestamptz)::date - first_seen_at::date) / 90.0), 1))`;

function pointsOf(level: 'effort' | 'risk'): string {
  return `CASE ${level} WHEN 'low' THEN 15 WHEN 'medium' THEN 9 WHEN 'high' THEN 3 ELSE 7.5 END`;
}
