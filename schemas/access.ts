/**
 * Who may do what. Every route names one of these accesses; a route without one does not start. Roles of a tenant are
 * ordered: each may do what the one before it may.
 */
import { type Static, Type } from 'typebox';

export const Role = Type.Union([
  Type.Literal('viewer'),
  Type.Literal('member'),
  Type.Literal('admin'),
  Type.Literal('owner'),
]);
export type Role = Static<typeof Role>;

export const ROLES: readonly Role[] = ['viewer', 'member', 'admin', 'owner'];

export type Access =
  /** Probes and the way in: nobody is asked. */
  | 'public'
  /** See jobs, results and versions. */
  | 'read'
  /** Comment, bookmark, compare runs. */
  | 'annotate'
  /** Send events. */
  | 'ingest'
  /** Create and steer jobs, save versions, promote. */
  | 'write'
  /** Keys, roles, deletion of rows, masked values. */
  | 'manage'
  /** See and stop the jobs of all tenants, without payloads: the instance's operator, whatever the role in a tenant. */
  | 'operate';

/** The least role that an access asks for; null: roles of a tenant do not matter. */
export const LEAST_ROLE: Readonly<Record<Access, Role | null>> = {
  public: null,
  read: 'viewer',
  annotate: 'member',
  ingest: 'member',
  write: 'admin',
  manage: 'owner',
  operate: null,
};

export function mayDo(role: Role, access: Access): boolean {
  const least = LEAST_ROLE[access];
  return least !== null && ROLES.indexOf(role) >= ROLES.indexOf(least);
}
