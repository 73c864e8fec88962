/** A proxy in front has signed the user in and says so in headers; only listed proxies are believed. */
import { BlockList, isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { AuthConfig } from '../../schemas/config-auth.js';
import { RewindError } from '../../schemas/errors.js';
import { type Principal, principalOfGroups } from './principal.js';

export type HeaderCheck = (request: FastifyRequest) => Principal | null;

/** @throws RewindError config_invalid */
export function openTrustedHeader(auth: AuthConfig): HeaderCheck {
  const { addresses, userHeader, groupsHeader } = auth.header;
  if (addresses.length === 0)
    throw new RewindError('config_invalid', 'auth.header.addresses must name the proxies');
  const trusted = new BlockList();
  for (const address of addresses) addTo(trusted, address);
  return (request) => {
    // The peer itself, never a forwarded address: that is what the headers are believed for.
    const peer = request.raw.socket.remoteAddress?.replace(/^::ffff:/, '');
    if (peer === undefined || !trusted.check(peer, isIP(peer) === 6 ? 'ipv6' : 'ipv4')) return null;
    const user = request.headers[userHeader.toLowerCase()];
    if (typeof user !== 'string' || user === '') return null;
    const groups = String(request.headers[groupsHeader.toLowerCase()] ?? '')
      .split(',')
      .map((group) => group.trim())
      .filter((group) => group !== '');
    return principalOfGroups(user, groups, 'header', auth);
  };
}

function addTo(list: BlockList, text: string): void {
  const [address = '', bits] = text.split('/');
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  const prefix = bits === undefined ? most : Number(bits);
  if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > most || bits === '')
    throw new RewindError('config_invalid', `auth.header.addresses: ${text} is no address or network`);
  list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4');
}
