/**
 * Which addresses messages may be sent to. A tenant chooses the URL, and must not reach through it what only this host
 * can: itself, its networks, the cloud's metadata. Everything that is not public is refused unless the configuration
 * names its network.
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { RewindError } from '../../schemas/errors.js';

/** Special-purpose addresses by the IANA registries. */
const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Of IPv6 only what is global unicast is public, less what carries other addresses or none of a host.
  '::/3',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '4000::/2',
  '8000::/1',
];

/** Apart by family: a list of both takes every IPv4 address for one in ::/3. */
interface Networks {
  readonly ipv4: BlockList;
  readonly ipv6: BlockList;
}

export class AddressGuard {
  readonly #refused: Networks;
  readonly #allowed: Networks;

  /** @throws RewindError config_invalid */
  constructor(allowNetworks: readonly string[]) {
    this.#refused = networksOf(NOT_PUBLIC);
    this.#allowed = networksOf(allowNetworks);
  }

  /** @param address of IPv4 or IPv6; anything else is refused */
  allows(address: string): boolean {
    const plain = mapped(address);
    const family = isIPv4(plain) ? 'ipv4' : isIPv6(plain) ? 'ipv6' : null;
    if (family === null) return false;
    return this.#allowed[family].check(plain, family) || !this.#refused[family].check(plain, family);
  }
}

/** An IPv4 address in IPv6 clothes (::ffff:10.0.0.1, also in hexadecimal) is that address. */
function mapped(address: string): string {
  if (!isIPv6(address)) return address;
  const text = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const match = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(text);
  if (match === null) return text;
  const [high, low] = [Number.parseInt(match[1]!, 16), Number.parseInt(match[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function networksOf(networks: readonly string[]): Networks {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    const most = family === 'ipv4' ? 32 : 128;
    if ((family === 'ipv6' && !isIPv6(address)) || !/^\d{1,3}$/.test(bits) || Number(bits) > most)
      throw new RewindError('config_invalid', `webhooks.allowNetworks: ${network} is not a network`);
    lists[family].addSubnet(address, Number(bits), family);
  }
  return lists;
}
