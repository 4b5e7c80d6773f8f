import { parseAmount } from '../estate/amount.js';
import { DATABASE_SIZES, FURTHER_PLAN_SIZES, METERS, PLAN_SIZES, databaseMeter, planMeter } from '../estate/meters.js';
import { type ListedPrice, type PriceDraft, pricesOf } from './listed-price.js';

const appService = pricesOf('Azure App Service', 'Compute');
const sql = pricesOf('SQL Database', 'Databases');
const redis = pricesOf('Redis Cache', 'Databases');
const kubernetes = pricesOf('Azure Kubernetes Service', 'Compute');
const logs = pricesOf('Log Analytics', 'Management and Governance');

/** Hourly US dollars of a plan's sizes with Linux, which the estate's plans run. */
const PLANS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Basic Plan': { B1: '0.075', B2: '0.15', B3: '0.30' },
  'Standard Plan': { S1: '0.10', S2: '0.20', S3: '0.40' },
  'Premium v2 Plan': { 'P1 v2': '0.20', 'P2 v2': '0.40', 'P3 v2': '0.80' },
  'Premium v3 Plan': { 'P0 v3': '0.113', 'P1 v3': '0.226', 'P2 v3': '0.452', 'P3 v3': '0.904' },
  'Premium v4 Plan': { P0v4: '0.11', P1v4: '0.22', P2v4: '0.44' },
};

const ESTATE_PLANS = [...PLAN_SIZES, ...Object.values(FURTHER_PLAN_SIZES)];

function planPrices(plan: string, sku: string, linux: string): ListedPrice[] {
  const ofEstate = ESTATE_PLANS.find(({ name }) => name === sku.replace(' ', ''));
  const isBare = plan.startsWith('Basic') || plan.includes('v4');
  const draft = { skuName: sku, unitOfMeasure: '1 Hour' };
  const productName = `Azure App Service ${plan}`;
  return [
    appService({
      ...draft,
      productName: `${productName} - Linux`,
      meterName: isBare ? sku : `${sku} App`,
      price: linux,
      ...(ofEstate && { meterId: planMeter(ofEstate).meterId }),
    }),
    appService({ ...draft, productName, meterName: `${sku} App`, price: (parseAmount(linux) * 3n) / 2n }),
  ];
}

/** Daily US dollars of the objectives by transaction units. */
const OBJECTIVES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Basic: { B: '0.1613' },
  Standard: { S0: '0.4839', S1: '0.9677', S2: '2.4194', S3: '4.8387', S4: '9.6774', S6: '19.3548' },
  Premium: { P1: '15', P2: '30', P4: '60', P6: '120' },
};
const CORES = [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 32, 40, 80];

function objectivePrices(tier: string, sku: string, daily: string): ListedPrice[] {
  const ofEstate = DATABASE_SIZES.find(({ name }) => name === sku);
  const draft = { productName: `SQL Database Single ${tier}`, unitOfMeasure: '1/Day' };
  return [
    sql({
      ...draft,
      skuName: sku,
      meterName: `${sku} ${sku === 'B' ? 'DTU' : 'DTUs'}`,
      price: daily,
      ...(ofEstate && { meterId: databaseMeter(ofEstate).meterId }),
    }),
    sql({ ...draft, skuName: `${sku} Secondary`, meterName: `${sku} Secondary DTUs`, price: daily }),
  ];
}

/** Compute by the core and hour; licences are listed apart, under no region. */
function corePrices(productName: string, perCore: string, suffix = ''): ListedPrice[] {
  return CORES.map((cores) =>
    sql({
      productName,
      skuName: `${cores} vCore${suffix}`,
      meterName: suffix ? 'Zone Redundancy vCore' : 'vCore',
      unitOfMeasure: '1 Hour',
      price: parseAmount(perCore) * BigInt(cores),
    }),
  );
}

/** A cache of two nodes is listed whole and by the node. */
function cachePrices(tier: string, family: string, prices: readonly string[]): ListedPrice[] {
  return prices.flatMap((price, index) => {
    const sku = `${family}${family === 'P' ? index + 1 : index}`;
    const draft = (meterName: string, amount: string | bigint): PriceDraft => ({
      productName: `Azure Redis Cache ${tier}`,
      skuName: sku,
      meterName,
      unitOfMeasure: '1 Hour',
      price: amount,
    });
    const whole = redis(draft(`${sku} Cache`, price));
    return tier === 'Basic' ? [whole] : [whole, redis(draft(`${sku} Cache Instance`, parseAmount(price) / 2n))];
  });
}

/** Prices of services that run something for their users. */
export const PLATFORM_PRICES: readonly ListedPrice[] = [
  ...Object.entries(PLANS).flatMap(([plan, sizes]) =>
    Object.entries(sizes).flatMap(([sku, linux]) => planPrices(plan, sku, linux)),
  ),
  ...Object.entries(OBJECTIVES).flatMap(([tier, sizes]) =>
    Object.entries(sizes).flatMap(([sku, daily]) => objectivePrices(tier, sku, daily)),
  ),
  ...corePrices('SQL Database Single/Elastic Pool General Purpose - Compute Gen5', '0.152156'),
  ...corePrices('SQL Database Single/Elastic Pool General Purpose - Compute Gen5', '0.091294', ' Zone Redundancy'),
  ...corePrices('SQL Database Single/Elastic Pool Business Critical - Compute Gen5', '0.408968'),
  ...corePrices('SQL Database SingleDB/Elastic Pool Hyperscale - Compute Gen5', '0.183'),
  ...cachePrices('Basic', 'C', ['0.022', '0.055', '0.09', '0.18', '0.21', '0.42', '0.84']),
  ...cachePrices('Standard', 'C', ['0.055', '0.138', '0.225', '0.45', '0.525', '1.05', '2.1']),
  ...cachePrices('Premium', 'P', ['0.554', '1.11', '2.216', '4.432']),
  kubernetes({
    productName: 'Azure Kubernetes Service',
    skuName: 'Standard',
    meterName: METERS.cluster.name,
    unitOfMeasure: '1 Hour',
    price: METERS.cluster.price,
    meterId: METERS.cluster.meterId,
  }),
  // The first five gigabytes of a month are free.
  ...[0, 5].map((tierMinimumUnits) =>
    logs({
      productName: 'Log Analytics',
      skuName: 'Analytics Logs',
      meterName: METERS.logIngestion.name,
      unitOfMeasure: '1 GB',
      tierMinimumUnits,
      price: tierMinimumUnits === 0 ? '0' : METERS.logIngestion.price,
    }),
  ),
];
