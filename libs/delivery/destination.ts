import { BlockList, isIP } from 'node:net';

const RESERVED = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Link-local, with the metadata services of all clouds.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Looks public, but is the host agent of every machine in Azure.
  ['168.63.129.16', 32],
] as const) {
  RESERVED.addSubnet(net, prefix, 'ipv4');
}
// Within the one range of IPv6 that is global: tunnels that lead to any IPv4 address, and documentation.
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  RESERVED.addSubnet(net, prefix, 'ipv6');
}
const GLOBAL_IPV6 = new BlockList();
GLOBAL_IPV6.addSubnet('2000::', 3, 'ipv6');

/** Whether an IP address is one of the public Internet: no loopback, link-local, private or metadata address. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !RESERVED.check(address, 'ipv4');
    case 6:
      return GLOBAL_IPV6.check(address, 'ipv6') && !RESERVED.check(address, 'ipv6');
    default:
      return false;
  }
}

/** The host of a URL as an address or a name, without the brackets of IPv6 and the root's dot. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/**
 * Why nothing may be sent to this URL; null where it may, as far as the URL alone tells. What its name stands for is
 * checked when it is connected to. `allowedHosts` are lower-cased names that may be private.
 */
export function destinationProblem(text: string, allowedHosts: readonly string[]): string | null {
  if (!URL.canParse(text)) return 'must be an absolute URL';
  const url = new URL(text);
  if (url.protocol !== 'https:') return 'must begin with https://';
  if (url.username || url.password) return 'must not hold a user name or password; they belong into the secret';
  if (url.hash) return 'must not have a fragment';
  const host = hostOf(url);
  if (allowedHosts.includes(host)) return null;
  const isInternal = isIP(host)
    ? !isPublicAddress(host)
    : !host.includes('.') || /\.(localhost|local|internal)$/.test(host);
  return isInternal ? 'leads to a private address; the operator can name its host in DELIVERY_ALLOWED_HOSTS' : null;
}
