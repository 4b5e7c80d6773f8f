import { type Amount, parseAmount } from '../estate/amount.js';
import { MACHINE_SIZES, type MachineSize } from '../estate/machine-sizes.js';
import { VM_SIZES, spotMeter, withWindows } from '../estate/meters.js';
import { type ListedPrice, pricesOf } from './listed-price.js';

const machine = pricesOf('Virtual Machines', 'Compute');

/** Hours of a term, and the shares of the pay-as-you-go price that commitments leave, in thousandths. */
const TERMS = [
  { term: '1 Year', hours: 8_760n, reserved: 620n, savingsPlan: 730n },
  { term: '3 Years', hours: 26_280n, reserved: 400n, savingsPlan: 540n },
] as const;
const THOUSAND = 1_000n;
const DOLLAR = parseAmount('1');

/** Every price that a size is listed with: by operating system, as spot, low priority and for testing, and reserved. */
export const MACHINE_PRICES: readonly ListedPrice[] = MACHINE_SIZES.flatMap(pricesOfSize);

function pricesOfSize(size: MachineSize): ListedPrice[] {
  const { name, label, series } = size;
  const product = `Virtual Machines ${series.product} Series`;
  const sku = series.listedByName ? name : label;
  const ofEstate = VM_SIZES.find((known) => known.name === name);
  const linux = parseAmount(size.hourly);
  const windows = withWindows(linux, size.cores);
  const draft = { armSkuName: name, unitOfMeasure: '1 Hour' };
  const price = (productName: string, suffix: string, amount: Amount, rest: object = {}) =>
    machine({
      ...draft,
      productName,
      skuName: `${sku}${suffix}`,
      meterName: `${label}${suffix}`,
      price: amount,
      ...rest,
    });
  const isArm = series.architecture === 'Arm64';
  const systems = [
    { productName: product, regular: linux, isWindows: false },
    // Windows is not sold on Arm.
    ...(isArm ? [] : [{ productName: `${product} Windows`, regular: windows, isWindows: true }]),
  ];
  return [
    ...systems.flatMap(({ productName, regular, isWindows }) => [
      price(productName, '', regular, {
        // Licences are not saved on.
        ...(!isWindows && { savingsPlan: savingsPlan(regular) }),
      }),
      price(productName, ' Spot', regular / 5n, {
        ...(!isWindows && ofEstate && { price: spotMeter(ofEstate).price }),
      }),
      price(productName, ' Low Priority', regular / 4n),
      ...(isWindows ? [price(productName, '', linux, { type: 'DevTestConsumption' })] : []),
    ]),
    ...(series.cloudServices ? [price(`${series.product} Series CloudServices`, '', windows)] : []),
    ...TERMS.map(({ term, hours, reserved }) =>
      price(product, '', wholeDollars((linux * hours * reserved) / THOUSAND), {
        type: 'Reservation',
        reservationTerm: term,
      }),
    ),
  ];
}

function savingsPlan(regular: Amount) {
  return TERMS.map(({ term, savingsPlan: share }) => ({ term, price: (regular * share) / THOUSAND }));
}

/** Reservations are priced for the whole term, in whole units of the currency. */
function wholeDollars(amount: Amount): Amount {
  return ((amount + DOLLAR / 2n) / DOLLAR) * DOLLAR;
}
