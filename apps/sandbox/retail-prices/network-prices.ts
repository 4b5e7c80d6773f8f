import { METERS } from '../estate/meters.js';
import { type ListedPrice, pricesOf } from './listed-price.js';

const virtualNetwork = pricesOf('Virtual Network', 'Networking');
const gateway = pricesOf('Application Gateway', 'Networking');
const vpn = pricesOf('VPN Gateway', 'Networking');
const balancer = pricesOf('Load Balancer', 'Networking');
const nat = pricesOf('NAT Gateway', 'Networking');

const address = (skuName: string, meterName: string, price: string) =>
  virtualNetwork({
    productName: 'IP Addresses',
    skuName,
    meterName,
    unitOfMeasure: '1 Hour',
    price,
    // Addresses have no row that Azure calls primary.
    isPrimaryMeterRegion: false,
  });
const applicationGateway = (variant: string, fixed: string, capacity: string) =>
  (
    [
      ['Standard Fixed Cost', fixed],
      ['Standard Capacity Units', capacity],
    ] as const
  ).map(([meterName, price]) =>
    gateway({
      productName: `Application Gateway ${variant}`,
      skuName: 'Standard',
      meterName,
      unitOfMeasure: meterName.endsWith('Units') ? '1/Hour' : '1 Hour',
      price,
    }),
  );
const vpnGateway = (skuName: string, price: string, meterName = skuName) =>
  vpn({ productName: 'VPN Gateway', skuName, meterName, unitOfMeasure: '1 Hour', price });

/** Prices of networks that differ by region. */
export const NETWORK_PRICES: readonly ListedPrice[] = [
  address('Standard', 'Standard IPv4 Static Public IP', '0.005'),
  address('Basic', 'Basic IPv4 Static Public IP', '0.0036'),
  address('Basic', 'Basic IPv4 Dynamic Public IP', '0.004'),
  address('Global', 'Global IPv4 Static Public IP', '0.01'),
  virtualNetwork({
    productName: 'Virtual Network Peering',
    skuName: 'Intra-Region',
    meterName: 'Intra-Region Ingress',
    unitOfMeasure: '1 GB',
    price: '0.01',
  }),
  ...applicationGateway('Standard v2', '0.246', '0.008'),
  ...applicationGateway('WAF v2', '0.443', '0.0144'),
  gateway({
    productName: 'Basic Application Gateway',
    skuName: 'Medium',
    meterName: 'Medium Gateway',
    unitOfMeasure: '1 Hour',
    price: '0.07',
  }),
  vpnGateway('Basic', '0.04', 'Basic Gateway'),
  vpnGateway('VpnGw1', '0.19'),
  vpnGateway('VpnGw1AZ', '0.361'),
  vpnGateway('VpnGw2', '0.49'),
  vpnGateway('VpnGw2AZ', '0.564'),
  vpnGateway('VpnGw3', '1.25'),
  vpnGateway('VpnGw3AZ', '1.436'),
  vpnGateway('VpnGw1', '0.015', 'S2S Connection'),
];

const standard = (make: typeof nat, productName: string, meterName: string, unitOfMeasure: string, price: string) =>
  make({ productName, skuName: 'Standard', meterName, unitOfMeasure, price });

/** What is listed under the region `Global`. */
export const GLOBAL_NETWORK_PRICES: readonly ListedPrice[] = [
  standard(balancer, 'Load Balancer', METERS.loadBalancer.name, '1 Hour', '0.025'),
  standard(balancer, 'Load Balancer', 'Standard Overage LB Rules and Outbound Rules', '1/Hour', '0.01'),
  standard(balancer, 'Load Balancer', 'Standard Data Processed', '1 GB', '0.005'),
  standard(nat, 'NAT Gateway', 'Standard Gateway', '1 Hour', '0.045'),
  standard(nat, 'NAT Gateway', 'Standard Data Processed', '1 GB', '0.045'),
];
