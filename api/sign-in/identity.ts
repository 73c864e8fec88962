/** Who asks, as routes see it. */
import type { Role } from '../../schemas/access.js';

export interface Identity {
  /** Tenant whose data the request is about: that of the path where it names one. */
  readonly tenantId: string;
  readonly actor: string;
  readonly role: Role;
  /** True: may use `operate` routes. */
  readonly operator: boolean;
}
