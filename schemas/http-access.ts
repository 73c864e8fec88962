/** What callers send to and get from the routes of sign-in, API keys and the instance's jobs. */
import { Type } from 'typebox';
import { Role } from './access.js';
import { answerOf, Count, orNull, pageOf, strict, Time } from './http-answer.js';
import { JobStatus } from './job.js';

const Id = Type.String({ minLength: 1, maxLength: 100 });
const Name = Type.String({ minLength: 1, maxLength: 200, description: 'What the key is for' });
const ExpiresAt = Type.Optional(
  Type.String({ minLength: 1, maxLength: 64, description: 'RFC 3339; left out: after auth.keyMaxDays' }),
);

export const KeyBody = strict({ name: Name, role: Role, expires_at: ExpiresAt });
export const OperatorKeyBody = strict({ name: Name, expires_at: ExpiresAt });
export const KeyParams = strict({ tenant_id: Type.String({ minLength: 1, maxLength: 200 }), key_id: Id });
export const OperatorKeyParams = strict({ key_id: Id });

const keyMembers = {
  key_id: Id,
  name: Type.String(),
  role: orNull(Role),
  created_by: Type.String(),
  created_at: Time,
  expires_at: Time,
  revoked_at: orNull(Time),
};
export const KeyAnswer = answerOf(strict(keyMembers));
export const NewKeyAnswer = answerOf(
  strict({ ...keyMembers, token: Type.String({ description: 'Shown this once; kept nowhere' }) }),
);
export const KeysAnswer = answerOf(Type.Array(strict(keyMembers)));

export const LoginQuery = strict({
  return_to: Type.Optional(
    Type.String({ minLength: 1, maxLength: 2048, description: 'Path to come back to' }),
  ),
});

export const MeAnswer = answerOf(
  strict({
    signed_in: Type.Boolean(),
    actor: orNull(Type.String()),
    tenants: Type.Record(Type.String(), Role, { description: 'Role by tenant' }),
    operator: Type.Boolean(),
    methods: Type.Array(Type.String(), { description: 'Ways to sign in; none: development mode' }),
  }),
);

export const LogoutAnswer = answerOf(strict({ signed_in: Type.Literal(false) }));

export const InstanceJobsQuery = strict({
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Entries of a page' }),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
  status: Type.Optional(JobStatus),
});
export const InstanceJobParams = strict({ job_id: Id });

const InstanceJobRow = strict({
  job_id: Id,
  tenant_id: Type.String(),
  job_type: Type.String(),
  status: JobStatus,
  events_processed: Count,
  events_failed: Count,
  created_at: Time,
  completed_at: orNull(Time),
});
export const InstanceJobsAnswer = pageOf(InstanceJobRow);
export const InstanceJobAnswer = answerOf(InstanceJobRow);
