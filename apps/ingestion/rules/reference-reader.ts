import type { Clock } from '#core/clock.js';
import type { SubscriptionFacts } from '#core/facts.js';
import type { RetailPriceRepository } from '#db/repositories/retail-price.repository.js';
import type { VirtualMachineSizeRepository } from '#db/repositories/virtual-machine-size.repository.js';
import { PriceBook } from '#rules/price-book.js';
import type { Reference } from '#rules/reference.js';
import { mainCurrency } from '#rules/savings.js';
import { SizeBook } from '#rules/size-book.js';

/** Prices and sizes change once a week; subscriptions of a tenant have the same regions, and are judged one after another. */
const KEPT_MS = 10 * 60_000;
const MOST_KEPT = 8;

/** What rules know beyond a subscription, for its regions and in its currency. Kept for a while: it is the same for many. */
export class ReferenceReader {
  private readonly kept = new Map<string, { reference: Promise<Reference>; until: number }>();

  constructor(
    private readonly prices: RetailPriceRepository,
    private readonly sizes: VirtualMachineSizeRepository,
    private readonly clock: Clock,
  ) {}

  /** Either part is null where nothing was read yet. */
  of(facts: SubscriptionFacts): Promise<Reference> {
    const regions = [...new Set(facts.resources.flatMap(({ location }) => location ?? []))].toSorted();
    const currency = mainCurrency(facts.costs?.costs ?? []) ?? null;
    const key = [currency, ...regions].join(' ');
    const now = this.clock.now().getTime();
    const known = this.kept.get(key);
    if (known && known.until > now) return known.reference;
    const reference = this.read(currency, regions);
    reference.catch(() => this.kept.delete(key));
    this.kept.delete(key);
    this.kept.set(key, { reference, until: now + KEPT_MS });
    for (const [oldest] of this.kept) if (this.kept.size > MOST_KEPT) this.kept.delete(oldest);
    return reference;
  }

  private async read(currency: string | null, regions: readonly string[]): Promise<Reference> {
    const [prices, sizes] = await Promise.all([
      currency === null ? [] : this.prices.ofRegions(currency, regions),
      this.sizes.ofRegions(regions),
    ]);
    return {
      prices: currency !== null && prices.length > 0 ? new PriceBook(currency, prices) : null,
      sizes: sizes.length > 0 ? new SizeBook(sizes) : null,
    };
  }
}
